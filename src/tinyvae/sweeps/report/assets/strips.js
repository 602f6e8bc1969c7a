// Strip plots: one panel a measure, one row a setting, every member a mark.
import { element } from "./elements.js";
import { markAt } from "./marks.js";
import { showPoints } from "./points.js";
import { fitted, scaled, shape, ticks, widthOf } from "./svg.js";
import { titled } from "./texts.js";

const MOST_ROWS = 40; // settings; of more, a row stands for a whole objective
const [TOP, BOTTOM, RIGHT] = [20, 24, 14];

/** The rows that every panel has: settings, or objectives where there are too many. */
export function rowsOf({ data, marks }) {
  const { settings, objectives } = data;
  const whole = settings.length > MOST_ROWS;
  const rows = whole
    ? objectives.map((name, objective) => ({ name, objective }))
    : settings.map(({ name }, setting) => ({ name, mark: marks[setting] }));
  const rowOf = (member) => {
    const setting = data.members.setting[member];
    return whole ? settings[setting].objective : setting;
  };
  return { rows, rowOf, whole };
}

/** One panel; it is drawn when it comes near the window, and again when its width changes. */
export function stripPanel(sweep, layout, measure) {
  const holder = element("div", "panel");
  const heading = element("h3", "", titled(measure));
  const svg = shape("svg", { class: "plot", tabindex: 0, role: "application" });
  const column = sweep.data.columns[measure.id];
  const known = column.filter((value) => value !== null).length;
  svg.setAttribute("aria-label", `${titled(measure)} of ${known} members`);
  holder.append(heading, element("p", "", measureWords(measure)), svg);
  const height = TOP + BOTTOM + layout.rows.length * layout.rowHeight;
  svg.setAttribute("height", height);
  sweep.drawWhenSeen(holder, (width) => drawStrip(svg, sweep, layout, measure, [width, height]));
  return holder;
}

function measureWords({ question, higher, kind }) {
  if (question) return question;
  if (kind === "cost") return "";
  return higher ? "higher is better" : "lower is better";
}

function drawStrip(svg, sweep, { rows, rowOf, rowHeight }, measure, [width, height]) {
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const column = sweep.data.columns[measure.id];
  const lines = rows.map(({ name }, row) => labelLines(name, undefinedWords(sweep.data, rowOf, measure, row)));
  const lengths = lines.flat().map(widthOf);
  const labels = Math.min(0.42 * width, Math.max(...lengths) + 26);
  const [left, right] = [Math.ceil(labels) + 8, width - RIGHT];
  const range = rangeOf(measure, column);
  const across = scaled(range, [left, right]);
  const middle = (row) => TOP + (row + 0.5) * rowHeight;
  stripAxis(svg, range, across, [left, right], height);
  declaredLines(svg, measure, across, [left, right], height);
  rows.forEach(({ name, mark }, row) => rowLabel(svg, { name, lines: lines[row], mark, y: middle(row), left, right }));
  const points = column.flatMap((value, member) => value === null ? [] : [{
    member, row: rowOf(member), x: across(value),
    y: middle(rowOf(member)) + jitter(member) * (rowHeight - 9),
  }]);
  rows.forEach((_, row) => medianBar(svg, points.filter((one) => one.row === row), middle(row), rowHeight));
  showPoints(svg, sweep, points, { measures: [measure.id], rows: rows.map((_, row) => row) });
}

/** The objective, and its settings below. */
export function twoLines(name) {
  const [title, ...rest] = name.split(", ");
  return rest.length ? [title, rest.join(", ")] : [title];
}

/** How many members of a row have no value, `4 of 5 undefined`; empty without any. */
function undefinedWords({ undefined: counts, settings, members }, rowOf, { id }, row) {
  if (!(id in counts)) return "";
  const own = new Set(members.setting.flatMap((setting, member) => rowOf(member) === row ? [setting] : []));
  const [none, all] = [0, 1].map((k) => settings.reduce((sum, _, setting) =>
    sum + (own.has(setting) ? counts[id][setting][k] : 0), 0));
  return none ? `${none} of ${all} undefined` : "";
}

/** The lines of a row's label; what is undefined stands where nothing cuts it. */
function labelLines(name, missing) {
  const [title, rest] = twoLines(name);
  const below = [missing, rest].filter(Boolean).join("; ");
  return below ? [title, below] : [title];
}

/** A place within a row, spread evenly and always the same. */
const jitter = (member) => ((member * 0.618034) % 1) - 0.5;

/** The range of a score and of its values; wider where there is no range. */
function rangeOf({ least, most, chances }, column) {
  const known = column.filter((value) => value !== null);
  const ends = [...known, ...chances, least, most].filter((value) => value !== null);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  return [low === least ? low : low - room, high === most ? high : high + room];
}

function stripAxis(svg, range, across, [left, right], height) {
  const bottom = height - BOTTOM;
  svg.append(shape("line", { x1: left, x2: right, y1: bottom, y2: bottom, class: "axis" }));
  const shown = ticks(range, (right - left) / 75);
  for (const { value, text } of shown) {
    const x = across(value);
    svg.append(shape("line", { x1: x, x2: x, y1: TOP, y2: bottom + 4, class: "axis" }));
    svg.append(shape("text", { x, y: bottom + 17, "text-anchor": "middle", class: "soft" }, text.replace("-", "\u2212")));
  }
}

/** The perfect value and chance, named above where there is room for both. */
function declaredLines(svg, { best, chances }, across, [left, right], height) {
  const named = [];
  const line = (value, className) => {
    const x = across(value);
    svg.append(shape("line", { x1: x, x2: x, y1: TOP - 3, y2: height - BOTTOM, class: className }));
  };
  const same = best !== null && chances.includes(best);
  const others = chances.filter((value) => value !== best);
  others.forEach((value) => line(value, "chance"));
  if (best !== null) line(best, "perfect");
  if (others.length) {
    const values = others.map((value) => Number(value.toFixed(2))).join(", ");
    named.push({ x: across(others[0]), text: `chance ${values}`, className: "soft" });
  }
  if (best !== null) {
    named.push({ x: across(best), text: `perfect ${best}${same ? ", chance too" : ""}`, className: "aim" });
  }
  let free = 0;
  for (const { x, text, className } of named.sort((a, b) => a.x - b.x)) {
    const size = widthOf(text);
    const start = Math.max(free, Math.min(x - size / 2, right + RIGHT - size));
    svg.append(shape("text", { x: start, y: TOP - 7, class: className }, text));
    free = start + size + 8;
  }
}

function rowLabel(svg, { name, lines, mark, y, left, right }) {
  svg.append(shape("line", { x1: left, x2: right, y1: y, y2: y, class: "row-line" }));
  if (mark) svg.append(shape("path", { d: markAt(mark, 8, y, 4.5), fill: mark.colour }));
  const start = mark ? 20 : 2;
  const texts = lines.map((line) => fitted(line, left - start - 6));
  texts.forEach((line, k) => {
    const down = texts.length === 1 ? 4 : 11 * k - 2;
    const text = shape("text", { x: start, y: y + down, class: k ? "soft small" : "" }, line);
    text.append(shape("title", {}, name));
    svg.append(text);
  });
}

function medianBar(svg, points, y, rowHeight) {
  if (points.length < 2) return;
  const places = points.map(({ x }) => x).sort((a, b) => a - b);
  const half = places.length / 2;
  const x = (places[Math.ceil(half) - 1] + places[Math.floor(half)]) / 2;
  svg.append(shape("line", { x1: x, x2: x, y1: y - rowHeight / 2 + 2, y2: y + rowHeight / 2 - 2, class: "median" }));
}
