// Marks in a plot: many in one path, found by the pointer and walked with keys.
import { byId } from "./elements.js";
import { answerText, memberName } from "./card.js";
import { markAt } from "./marks.js";
import { shape } from "./svg.js";
import { withUnit } from "./texts.js";

const REACH = 14; // pixels from a mark at which it is still meant
const RADIUS = 3.6;

/**
 * Draw marks, and let people point at them.
 *
 * A point has a member, a place (x, y) and the row that keys walk along.
 */
export function showPoints(svg, sweep, points, { measures, rows }) {
  const several = points.length > 400 ? 0.55 : 0.75;
  const settings = Map.groupBy(points, ({ member }) => sweep.data.members.setting[member]);
  for (const [setting, those] of settings) {
    const mark = sweep.marks[setting];
    const d = those.map(({ x, y }) => markAt(mark, x, y, RADIUS)).join("");
    svg.append(shape("path", { d, fill: mark.colour, "fill-opacity": several }));
  }
  const ring = shape("circle", { r: 8, class: "ring", visibility: "hidden" });
  svg.append(ring);
  const show = (point) => {
    ring.setAttribute("visibility", point ? "visible" : "hidden");
    if (point) ring.setAttribute("cx", point.x), ring.setAttribute("cy", point.y);
  };
  const places = new Map(points.map((point) => [point.member, point]));
  sweep.onSelect(svg, (member) => show(places.get(member)));
  takePointer(svg, sweep, points, { measures, show });
  takeKeys(svg, sweep, points, { measures, rows, show });
}

function takePointer(svg, sweep, points, { measures, show }) {
  const under = ({ clientX, clientY }) => {
    const { left, top } = svg.getBoundingClientRect();
    return nearest(points, clientX - left, clientY - top);
  };
  svg.onpointermove = (event) => {
    const point = under(event);
    show(point ?? points.find(({ member }) => member === sweep.selected));
    if (point) sweep.cards.pass(point.member, [event.clientX, event.clientY], measures);
    else sweep.cards.leave();
  };
  svg.onpointerleave = () => {
    show(points.find(({ member }) => member === sweep.selected));
    sweep.cards.leave();
  };
  svg.onclick = (event) => {
    const point = under(event);
    if (point) sweep.cards.open(point.member, [event.clientX, event.clientY], measures);
  };
}

/** The mark within reach that is nearest; undefined without one. */
export function nearest(points, x, y) {
  let [best, least] = [undefined, REACH ** 2];
  for (const point of points) {
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance < least) [best, least] = [point, distance];
  }
  return best;
}

function takeKeys(svg, sweep, points, { measures, rows, show }) {
  const lines = rows.map((row) => points.filter((point) => point.row === row)
    .sort((a, b) => a.x - b.x || a.y - b.y)).filter((line) => line.length);
  let [line, place] = [0, -1];
  const screen = ({ x, y }) => {
    const { left, top } = svg.getBoundingClientRect();
    return [left + x, top + y];
  };
  svg.onkeydown = (event) => {
    const { key } = event;
    if (!lines.length) return;
    if (key === "Enter" && place >= 0) {
      const point = lines[line][place];
      sweep.cards.open(point.member, screen(point), measures);
    } else if (key === "ArrowRight" || key === "ArrowLeft") {
      const last = lines[line].length - 1;
      place = place < 0 ? 0 : Math.min(last, Math.max(0, place + (key === "ArrowRight" ? 1 : -1)));
    } else if (key === "ArrowUp" || key === "ArrowDown") {
      const x = place >= 0 ? lines[line][place].x : null;
      if (place >= 0) line = Math.min(lines.length - 1, Math.max(0, line + (key === "ArrowDown" ? 1 : -1)));
      place = x === null ? 0 : lines[line].reduce((best, point, k) =>
        Math.abs(point.x - x) < Math.abs(lines[line][best].x - x) ? k : best, 0);
    } else return;
    event.preventDefault();
    if (key === "Enter") return;
    const point = lines[line][place];
    show(point);
    sweep.cards.pass(point.member, screen(point), measures);
    byId("status").textContent = words(sweep, point.member, measures);
  };
  svg.onblur = () => {
    show(points.find(({ member }) => member === sweep.selected));
    sweep.cards.leave();
  };
}

function words(sweep, member, measures) {
  const values = measures.map((id) => {
    const { title, unit } = sweep.measures.get(id);
    return `${title} ${withUnit(sweep.data.columns[id][member], unit)}`;
  });
  return `${memberName(sweep.data, member)}: ${values.join(", ")}; ${answerText(sweep.data, member)}`;
}
