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

const { worlds } = JSON.parse(byId("sweep-data").textContent);
// what stands on the page before a world is shown, to begin the next one from
const untouched = ["main", "header"].map((tag) => document.querySelector(tag).cloneNode(true));
let shown = new AbortController();

/** Show one world, and forget the one before. */
function showWorld(place) {
  shown.abort();
  shown = new AbortController();
  for (const part of untouched) {
    document.querySelector(part.localName).replaceWith(part.cloneNode(true));
  }
  byId("card").hidden = true;
  showSweep(worlds[place], shown.signal);
  if (worlds.length < 2) return;
  const choice = byId("world");
  byId("worlds").hidden = false;
  choice.append(...worlds.map(({ world }, k) => new Option(world, k)));
  choice.value = place;
  choice.addEventListener("change", () => {
    showWorld(Number(choice.value));
    byId("world").focus();
  });
}

/** Everything of one world; `signal` ends what it listens to. */
function showSweep(data, signal) {
  const sweep = sweepOf(data, signal);
  showHeader(data);
  showSettings(sweep);
  if (data.measures.length) {
    showStrips(sweep);
    showScatter(sweep);
    showCriteria(sweep);
    showCorrelations(sweep);
  } else {
    ["strips", "scatter", "criteria", "correlations", "cost"]
      .forEach((id) => { byId(id).closest("section").hidden = true; });
  }
  showMembers(sweep);
  window.tinyvae = { sweep };
}

function sweepOf(data, signal) {
  const watchers = new Map();
  const sweep = {
    data,
    signal,
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
  return sweep;
}

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

function showHeader({ name, states, settings, headline }) {
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
function layoutOf(sweep) {
  const { data } = sweep;
  const layout = rowsOf(sweep);
  const most = Math.max(0, ...data.settings.map(({ members }) => members));
  const share = layout.whole ? data.members.seed.length / layout.rows.length : most;
  const second = Object.values(data.undefined).flat().some(([none]) => none);
  const least = second || layout.rows.some(({ name }) => twoLines(name).length > 1) ? 28 : 22;
  return { ...layout, rowHeight: least + Math.min(48, Math.floor(share / 12) * 2) };
}

function showStrips(sweep) {
  const { data } = sweep;
  const layout = layoutOf(sweep);
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

showWorld(0);
