// The page: its data, what is selected, and every card in its place.
import { cards } from "./card.js";
import { showCorrelations, showCriteria } from "./correlations.js";
import { byId } from "./elements.js";
import { marksOf } from "./marks.js";
import { showMembers } from "./members.js";
import { showScatter } from "./scatter.js";
import { showSettings } from "./settings.js";
import { rowsOf, stripPanel, twoLines } from "./strips.js";
import { counted } from "./texts.js";

const data = JSON.parse(byId("sweep-data").textContent);
const watchers = new Map();
const sweep = {
  data,
  measures: new Map(data.measures.map((measure) => [measure.id, measure])),
  marks: marksOf(data.settings),
  selected: null,
  select(member) {
    sweep.selected = member;
    watchers.forEach((show) => show(member));
  },
  onSelect(owner, show) {
    watchers.set(owner, show);
    show(sweep.selected);
  },
  drawWhenSeen,
};
sweep.cards = cards(sweep);

/** Call with the width once an element is near the window, and when its width changes. */
function drawWhenSeen(holder, draw) {
  let [seen, width] = [false, 0];
  const redraw = () => {
    width = holder.clientWidth;
    if (width) draw(width);
  };
  new IntersectionObserver(([{ isIntersecting }], observer) => {
    if (!isIntersecting) return;
    observer.disconnect();
    seen = true;
    redraw();
  }, { rootMargin: "600px" }).observe(holder);
  new ResizeObserver(() => {
    if (seen && holder.clientWidth !== width) redraw();
  }).observe(holder);
  return redraw;
}

function showHeader() {
  const { name, states, settings, headline } = data;
  const total = Object.values(states).reduce((sum, count) => sum + count, 0);
  const parts = ["done", "failed", "running", "planned"].filter((state) => states[state])
    .map((state) => `${states[state]} ${state}`);
  byId("sweep").textContent =
    `Sweep ${name}: ${counted(total, "member")} of ${counted(settings.length, "setting")}; ${parts.join(", ")}`;
  byId("verdict").textContent = headline.verdict;
  byId("verdict").classList.add(headline.tone);
  byId("sentences").append(...headline.sentences.map((text) => {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }));
}

/** Height of a row: more for more marks. */
function layoutOf() {
  const layout = rowsOf(sweep);
  const most = Math.max(0, ...data.settings.map(({ members }) => members));
  const share = layout.whole ? data.members.seed.length / layout.rows.length : most;
  const least = layout.rows.some(({ name }) => twoLines(name).length > 1) ? 28 : 22;
  return { ...layout, rowHeight: least + Math.min(48, Math.floor(share / 12) * 2) };
}

function showStrips() {
  const layout = layoutOf();
  const panel = (measure) => stripPanel(sweep, layout, measure);
  const leads = ({ id, question }) => question || id === "elbo";
  const first = data.measures.filter((one) => one.kind !== "cost" && leads(one));
  const rest = data.measures.filter((one) => one.kind !== "cost" && !leads(one));
  byId("strips").append(...(first.length ? first : rest).map(panel));
  byId("cost").append(...data.measures.filter(({ kind }) => kind === "cost").map(panel));
  if (first.length && rest.length) {
    byId("further").hidden = false;
    byId("further").querySelector("summary").textContent = `${counted(rest.length, "further measure")}`;
    byId("further-strips").append(...rest.map(panel));
  }
  if (layout.whole) {
    byId("strips-rows").hidden = false;
    byId("strips-rows").textContent = `A row is an objective here, since there are ${data.settings.length} settings.`;
  }
}

showHeader();
showSettings(sweep);
if (data.measures.length) {
  showStrips();
  showScatter(sweep);
  showCriteria(sweep);
  showCorrelations(sweep);
} else {
  ["strips", "scatter", "criteria", "correlations", "cost"]
    .forEach((id) => { byId(id).closest("section").hidden = true; });
}
showMembers(sweep);
window.tinyvae = { sweep };
