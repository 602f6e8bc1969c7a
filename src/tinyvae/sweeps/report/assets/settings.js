// The headline table: one row a setting, the one that is clear most often first.
import { memberName } from "./card.js";
import { byId, element, head } from "./elements.js";
import { keyMark } from "./marks.js";
import { scaled, shape } from "./svg.js";
import { counted, fixed, read } from "./texts.js";

const FIRST = 30; // settings that are shown at once
const [RATE_WIDTH, RATE_HEIGHT, RATE_SIDE] = [300, 26, 8];

/** Draw the table, and a list of what failed. */
export function showSettings(sweep) {
  const { settings } = sweep.data;
  const body = element("tbody");
  const titles = settings.map(({ name }) => name.split(", ")[0]);
  // where rows have one title, all that tells them apart stands in it
  const alike = settings.map((_, place) => titles.filter((title) => title === titles[place]).length > 1);
  const show = (count) => body.replaceChildren(
    ...settings.slice(0, count).map((one, place) => settingRow(one, sweep.marks[place], alike[place])),
  );
  show(FIRST);
  byId("settings").append(element("table", "", settingsHead(), body));
  const button = byId("all-settings");
  button.hidden = settings.length <= FIRST;
  button.textContent = `Show all ${settings.length} settings`;
  button.addEventListener("click", () => { show(settings.length); button.hidden = true; });
  showFailures(sweep);
}

function settingsHead() {
  const scale = element("span", "scale", ...["0 %", "50 %", "100 %"].map((text) => element("span", "", text)));
  return element("thead", "", element("tr", "",
    head("col", "", "Objective and settings"),
    head("col", "", "Clear"),
    head("col", "", "Share of seeds, with its interval", scale),
    head("col", "number", "Done"),
    head("col", "number", "Failed"),
    head("col", "number", "ELBO, nats"),
    head("col", "number", "Seconds", element("br"), "a member"),
    head("col", "number speed", "Pictures", element("br"), "a second")));
}

function settingRow(one, mark, alike) {
  const [title, ...rest] = alike ? [one.name] : one.name.split(", ");
  const failed = one.failed ? element("span", "bad", one.failed) : "0";
  const elbo = one.elboDeviation === null ? "" : ` \u00b1 ${read(one.elboDeviation, 2)}`;
  return element("tr", one.clear ? "some" : "",
    head("row", "", keyMark(mark), title, element("small", "", [one.kind, ...rest, ...one.others].join(", "))),
    element("td", "clear", one.judged ? `${one.clear} of ${one.judged}` : "\u2013"),
    element("td", "rate", one.share === null ? noAnswer(one) : interval(one, mark)),
    element("td", "number", one.done === one.members ? one.done : `${one.done} of ${one.members}`),
    element("td", "number", failed),
    element("td", "number", fixed(one.elbo, 1), elbo),
    element("td", "number", read(one.seconds, 2)),
    element("td", "number speed", one.speed === null ? "\u2013" : Math.round(one.speed).toLocaleString("en")));
}

function noAnswer({ members, done, failed }) {
  if (failed === members) return "all failed";
  return done ? "no factor has a verdict" : "not done yet";
}

/** The share as a dot, and its interval as a line. */
function interval({ share, low, high }, mark) {
  const percent = [share, low, high].map((value) => Math.round(100 * value));
  const words = `${percent[0]} %, 95 % interval ${percent[1]} to ${percent[2]} %`;
  const svg = shape("svg", { class: "interval", viewBox: `0 0 ${RATE_WIDTH} ${RATE_HEIGHT}`, role: "img", "aria-label": words });
  const across = scaled([0, 1], [RATE_SIDE, RATE_WIDTH - RATE_SIDE]);
  const y = RATE_HEIGHT / 2;
  for (const value of [0, 0.5, 1]) {
    svg.append(shape("line", { x1: across(value), x2: across(value), y1: 0, y2: RATE_HEIGHT, class: "axis" }));
  }
  svg.append(shape("line", { x1: across(low), x2: across(high), y1: y, y2: y, stroke: mark.colour, "stroke-width": 5, "stroke-opacity": 0.45, "stroke-linecap": "round" }));
  svg.append(shape("circle", { cx: across(share), cy: y, r: 6, fill: mark.colour }));
  svg.append(shape("title", {}, words));
  return svg;
}

/** Failed members with step and reason; reasons that repeat stand once. */
function showFailures({ data }) {
  const { members } = data;
  const failed = members.state.flatMap((state, member) => state === "failed" ? [member] : []);
  if (!failed.length) return;
  const list = element("ul");
  for (const [reason, those] of Map.groupBy(failed, (member) => members.reason[member])) {
    const names = element("ul", "", ...those.map((member) =>
      element("li", "", `${memberName(data, member)}: step ${members.step[member]}`)));
    list.append(element("li", "", `${counted(those.length, "member")}: ${members.reasons[reason] ?? "no reason"}`, names));
  }
  byId("failures").append(element("details", "",
    element("summary", "", `${counted(failed.length, "member")} failed: which, at what step, and why`), list));
}
