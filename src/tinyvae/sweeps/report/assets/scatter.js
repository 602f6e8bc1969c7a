// Any measure against any other: every member a mark, settings shown on request.
import { byId, element } from "./elements.js";
import { keyMark } from "./marks.js";
import { showPoints } from "./points.js";
import { scaled, shape, ticks, widthOf } from "./svg.js";
import { counted, read, titled } from "./texts.js";

const SCATTER_HEIGHT = 420;
const [ABOVE, BELOW, BESIDE] = [14, 44, 16];

/** The card with its two choices and its key. */
export function showScatter(sweep) {
  const { data } = sweep;
  const [up, across] = ["scatter-y", "scatter-x"].map(byId);
  const scores = data.measures.filter(({ kind }) => kind === "answer" || kind === "score");
  const criteria = data.measures.filter(({ kind }) => kind === "criterion" || kind === "cost");
  fillChoice(up, scores.length ? scores : data.measures);
  fillChoice(across, criteria.length ? criteria : data.measures);
  if (data.measures.some(({ id }) => id === "elbo")) across.value = "elbo";
  const hidden = new Set();
  const svg = shape("svg", { class: "plot", tabindex: 0, role: "application", height: SCATTER_HEIGHT });
  byId("scatter").append(svg);
  const redraw = sweep.drawWhenSeen(byId("scatter"), (width) => {
    drawScatter(svg, sweep, [sweep.measures.get(across.value), sweep.measures.get(up.value)], width, hidden);
  });
  [up, across].forEach((select) => select.addEventListener("change", redraw));
  byId("scatter-key").append(...data.settings.map((setting, place) => {
    const box = element("input");
    Object.assign(box, { type: "checkbox", checked: true });
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(place);
      else hidden.add(place);
      redraw();
    });
    return element("label", "", box, keyMark(sweep.marks[place]), setting.name);
  }));
}

function fillChoice(select, measures) {
  select.append(...measures.map((measure) => new Option(titled(measure), measure.id)));
}

function drawScatter(svg, sweep, [first, second], width, hidden) {
  const { columns, members } = sweep.data;
  const both = columns[first.id].flatMap((value, member) => {
    const other = columns[second.id][member];
    return value === null || other === null ? [] : [{ member, value, other }];
  });
  const shown = both.filter(({ member }) => !hidden.has(members.setting[member]));
  byId("scatter-words").textContent = scatterWords(sweep, [first, second], both.length);
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${width} ${SCATTER_HEIGHT}`);
  svg.setAttribute("aria-label", `${titled(second)} against ${titled(first)}, ${counted(shown.length, "member")}`);
  if (!both.length) {
    svg.append(shape("text", { x: 10, y: 30 }, "No member has both values."));
    return;
  }
  const ranges = [extentOf(first, both.map(({ value }) => value)), extentOf(second, both.map(({ other }) => other))];
  const left = 26 + Math.max(...ticks(ranges[1], 7).map(({ text }) => widthOf(text)));
  const across = scaled(ranges[0], [left, width - BESIDE]);
  const up = scaled(ranges[1], [SCATTER_HEIGHT - BELOW, ABOVE]);
  scatterAxes(svg, ranges, { across, up }, [left, width], [first, second]);
  const points = shown.map(({ member, value, other }) => ({
    member, row: 0, x: across(value), y: up(other),
  }));
  showPoints(svg, sweep, points, { measures: [second.id, first.id], rows: [0] });
}

/** What the plot rests on, and how far the two go together. */
function scatterWords({ data }, measures, count) {
  const { names, values } = data.correlations;
  const [i, j] = measures.map(({ id }) => names.indexOf(id));
  const value = i < 0 || j < 0 ? null : values[i][j];
  const rank = value === null ? "" : `; rank correlation ${read(value, 2)}`;
  return `${counted(count, "member")}${rank}.`;
}

function extentOf({ least, most }, values) {
  const ends = [...values, least, most].filter((value) => value !== null);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = (high - low || Math.abs(high) || 1) * 0.04;
  return [low - room, high + room];
}

function scatterAxes(svg, ranges, { across, up }, [left, width], [first, second]) {
  const bottom = SCATTER_HEIGHT - BELOW;
  const line = (x1, x2, y1, y2) => svg.append(shape("line", { x1, x2, y1, y2, class: "axis" }));
  for (const { value, text } of ticks(ranges[0], (width - left) / 90)) {
    line(across(value), across(value), ABOVE, bottom + 4);
    svg.append(shape("text", { x: across(value), y: bottom + 18, "text-anchor": "middle", class: "soft" }, text.replace("-", "\u2212")));
  }
  for (const { value, text } of ticks(ranges[1], 7)) {
    line(left - 4, width - BESIDE, up(value), up(value));
    svg.append(shape("text", { x: left - 8, y: up(value) + 4, "text-anchor": "end", class: "soft" }, text.replace("-", "\u2212")));
  }
  svg.append(shape("text", { x: (left + width - BESIDE) / 2, y: SCATTER_HEIGHT - 6, "text-anchor": "middle" }, titled(first)));
  const middle = (ABOVE + bottom) / 2;
  svg.append(shape("text", { x: 12, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` }, titled(second)));
}
