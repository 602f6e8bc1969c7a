// The page: what is where, and what happens when it is touched.
import { Cloud } from "./cloud.js";
import { showCurves } from "./curves.js";
import { saveCsv, saveGif, savePng, walkOf } from "./exports.js";
import { showLessons } from "./lessons.js";
import { showMatrix } from "./matrix.js";
import { Model, Network } from "./network.js";
import { clamp, halfFloats, normal, twoDigits } from "./numbers.js";
import { listenToPicture, readPicture, showDifference, showPicture } from "./pictures.js";
import { State } from "./state.js";

const find = (id) => document.getElementById(id);
const models = JSON.parse(find("models").textContent).map((data) => new Model(data));
const state = new State(models);
const cloud = new Cloud(find("cloud"), state);
let walking = 0; // number of the walk under way; another one, or any change, ends it
let stepping = false; // whether a change is the walk's own

// sliders ------------------------------------------------------------------

/** A slider with a number beside it; returns how to show a value in it. */
function slider(holder, { id, text, low, high, step, change }) {
  const row = document.createElement("div");
  row.className = "slider";
  const label = document.createElement("label");
  label.htmlFor = id;
  label.append(text);
  const meaning = document.createElement("span");
  meaning.className = "meaning";
  label.append(meaning);
  const track = document.createElement("div");
  track.className = "track";
  const range = document.createElement("input");
  const number = document.createElement("input");
  for (const input of [range, number]) Object.assign(input, { min: low, max: high, step });
  Object.assign(range, { type: "range", id });
  Object.assign(number, { type: "number" });
  number.setAttribute("aria-label", `${text}, typed`);
  const spread = document.createElement("div");
  spread.className = "spread";
  const code = document.createElement("div");
  code.className = "code";
  spread.hidden = true;
  code.hidden = true;
  track.append(spread, range, code);
  row.append(label, track, number);
  holder.append(row);
  range.addEventListener("input", () => change(Number(range.value)));
  number.addEventListener("change", () => {
    if (Number.isFinite(number.valueAsNumber)) change(clamp(number.valueAsNumber, low, high));
    number.value = Number(shown.toFixed(3)); // what was taken, not what was typed
  });
  let shown = 0;
  const at = (value) => clamp((value - low) / (high - low), 0, 1);
  return {
    row,
    show(value) {
      shown = value;
      range.value = value;
      if (document.activeElement !== number) number.value = Number(value.toFixed(3));
    },
    mean(text_) { meaning.textContent = text_; },
    mark(mean, deviation) {
      spread.hidden = false;
      code.hidden = false;
      const [from, to] = [at(mean - 2 * deviation), at(mean + 2 * deviation)];
      // the middle of a range's knob runs from 8 px to 8 px before the end
      spread.style.left = `calc(8px + (100% - 16px) * ${from})`;
      spread.style.width = `calc((100% - 16px) * ${to - from})`;
      code.style.left = `calc(8px + (100% - 16px) * ${at(mean)} - 1px)`;
    },
  };
}

let factorSliders = [];
let latentSliders = [];

function buildSliders() {
  walking += 1;
  const { world } = state.model;
  find("factors").replaceChildren();
  find("latents").replaceChildren();
  factorSliders = world.factors.map(({ name, low, high }, place) => slider(find("factors"), {
    id: `factor-${place}`, text: `${name}, px`, low, high, step: 1,
    change: (value) => {
      const values = state.factors.slice();
      values[place] = value;
      state.setFactors(values);
    },
  }));
  latentSliders = state.model.ranges.map((_, latent) => slider(find("latents"), {
    id: `latent-${latent}`, text: `z${latent}`, low: -state.model.reach(latent),
    high: state.model.reach(latent),
    step: 0.01,
    change: (value) => {
      const values = state.latent.slice();
      values[latent] = value;
      state.setLatent(values);
    },
  }));
}

// what is shown ---------------------------------------------------------------

/** "radius, share 0.99" for a latent that is a factor's, "" for any other. */
function meaningOf(latent) {
  const { answer } = state.model;
  const { active, kl } = answer.latents[latent];
  if (!active) return ` dead: it carries almost nothing, KL ${kl?.toFixed(2) ?? "unknown"} nats`;
  if (state.guessing) return "";
  const match = answer.matches.find((m) => m.latent === latent);
  if (!match) return "";
  const share = `share ${twoDigits(match.share)}`;
  if (match.verdict === "clear") return `: ${match.factor}, ${share}`;
  return ` nearest to ${match.factor}, ${share}: ${match.verdict}`;
}

function showNow() {
  const { model, factors, latent, posterior, image, decoded } = state;
  const { size } = model.world;
  showPicture(find("input"), image, size);
  showPicture(find("decoded"), decoded, size);
  showDifference(find("difference"), decoded, image, size);
  factorSliders.forEach((one, place) => one.show(factors[place]));
  latentSliders.forEach((one, place) => {
    one.show(latent[place]);
    one.mark(posterior.mean[place], posterior.deviation[place]);
  });
  const [radius, x, y] = factors;
  const circle = `circle of radius ${radius} at x ${x}, y ${y} pixels`;
  find("input").setAttribute("aria-label", state.own ? "your own picture" : circle);
  const code = latent.map((value, j) => `z${j} ${value.toFixed(2)}`).join(", ");
  find("decoded").setAttribute("aria-label", `picture decoded from ${code}`);
  find("difference").setAttribute("aria-label",
    `decoded minus input: blue where it is darker, orange where it is lighter; at most ${
      Math.max(...decoded.map((light, i) => Math.abs(light - image[i]))).toFixed(2)} of white`);
  showOutside();
  cloud.draw();
}

/** How far outside the data the picture lies, by its reconstruction error. */
function showOutside() {
  const { model, image, posterior } = state;
  const nats = model.error(image, posterior.mean);
  const above = model.errors.filter((error) => error < nats).length;
  const most = model.errors[model.errors.length - 1];
  const place = nats > 1.05 * most
    ? `outside the data: no picture of it is above ${most.toFixed(0)} nats`
    : `within the data: about ${Math.max(0, above - 1)} in 100 of its pictures have less`;
  find("outside").textContent = `Reconstruction error ${nats.toFixed(1)} nats, ${place}.`;
}

/** What changes with the model, or with guessing, but not with every move. */
function showModel() {
  const { model, guessing } = state;
  const { answer } = model;
  const hidden = guessing ? "hidden while you guess" : answer.verdict;
  find("verdict").textContent = hidden;
  const each = answer.verdict === "yes, each";
  find("verdict").className = `verdict ${guessing ? "" : each ? "yes" : "no"}`;
  find("sentences").replaceChildren(...(guessing ? [] : answer.sentences).map((sentence) => {
    const item = document.createElement("li");
    item.textContent = sentence;
    return item;
  }));
  latentSliders.forEach((one, latent) => {
    one.mean(meaningOf(latent));
    one.row.classList.toggle("dead", !answer.latents[latent].active);
  });
  showMatrix(find("matrix"), state, walkLatent);
  find("python").textContent = model.python;
  showCurves(find("curves"), model);
  const value = (name) => answer[name]?.toFixed(2) ?? "unknown";
  find("curves").setAttribute("aria-label", `training curves; at the end ELBO ${value("elbo")}, ` +
    `KL ${value("kl")}, total correlation ${value("total_correlation")} nats`);
  find("cloud").setAttribute("aria-label",
    `${model.points.length / model.latents} codes in three dimensions; ` +
    (guessing ? "names hidden" : answer.sentences.join("; ")));
  options(find("gif-latent"), model.ranges.map((_, j) => `z${j}`), 0);
  const names = model.world.factors.map((factor) => factor.name);
  options(find("colour"), names, state.colour);
  options(find("path"), names, state.path);
}

function options(select, names, chosen) {
  select.replaceChildren(...names.map((name, place) => new Option(name, place)));
  select.value = chosen;
}

// walking, guessing ------------------------------------------------------------

/** Walk a latent there and back; where motion is unwelcome, only to its far end. */
async function walkLatent(latent) {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const start = state.snapshot();
  const there = walkOf(state, latent, 32);
  const number = (walking += 1);
  const step = (change) => {
    stepping = true;
    change();
    stepping = false;
  };
  for (const point of still ? [there.at(-1)] : [...there, ...there.slice().reverse()]) {
    if (walking !== number) return;
    step(() => state.setLatent(point));
    await new Promise((done) => { setTimeout(done, 33); });
  }
  if (!still && walking === number) step(() => state.back(start));
}

function startGuess() {
  const { answer } = state.model;
  state.guessing = true;
  const holder = find("guesses");
  holder.hidden = false;
  holder.replaceChildren(...answer.latents.map((_, latent) => {
    const label = document.createElement("label");
    label.append(`z${latent} is `);
    const select = document.createElement("select");
    options(select, ["nothing clear", ...answer.factors], 0);
    select.dataset.latent = latent;
    label.append(select);
    return label;
  }));
  find("guess").textContent = "Reveal";
  find("guess-result").textContent = "";
  showModel();
  state.changed();
}

function reveal() {
  const { answer } = state.model;
  const truth = answer.latents.map((_, latent) => {
    const match = answer.matches.findIndex((m) => m.latent === latent && m.verdict === "clear");
    return match + 1;
  });
  const guesses = [...find("guesses").querySelectorAll("select")].map((s) => Number(s.value));
  const right = guesses.filter((guess, latent) => guess === truth[latent]).length;
  const names = ["nothing clear", ...answer.factors];
  const each = truth.map((place, latent) => `z${latent} is ${names[place]}` +
    (guesses[latent] === place ? "" : ` (you said ${names[guesses[latent]]})`));
  find("guess-result").textContent =
    `${right} of ${truth.length} right: ${each.join(", ")}. The answer: ${answer.verdict}.`;
  find("guesses").hidden = true;
  find("guess").textContent = "Guess first";
  state.guessing = false;
  showModel();
  state.changed();
}

// wiring -----------------------------------------------------------------------

function wire() {
  options(find("model"), models.map((model) => model.name), state.place);
  find("model").addEventListener("change", (event) => {
    find("guess-result").textContent = "";
    const place = Number(event.target.value);
    const size = state.model.world.size;
    state.place = place;
    buildSliders();
    state.setModel(place, size);
    if (state.guessing) startGuess();
    else showModel();
  });
  find("encode").addEventListener("click", () => state.look());
  find("random").addEventListener("click", () => state.setLatent(state.latent.map(normal)));
  find("zero").addEventListener("click", () => state.setLatent(state.latent.map(() => 0)));
  find("guess").addEventListener("click", () => (state.guessing ? reveal() : startGuess()));
  for (const name of ["colour", "path"]) {
    find(name).addEventListener("change", (event) => state.set(name, Number(event.target.value)));
  }
  const tool = () => document.querySelector("input[name=tool]:checked").value;
  listenToPicture(find("input"), state, tool);
  find("file").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
      state.setImage(await readPicture(file, state.model.world.size));
    } catch {
      find("status").textContent = "This file is no picture that the browser can read.";
      find("outside").textContent = find("status").textContent;
    }
  });
  find("save-png").addEventListener("click", () =>
    savePng(["input", "decoded", "difference"].map(find)));
  find("save-gif").addEventListener("click", () =>
    saveGif(state, Number(find("gif-latent").value)));
  find("save-csv").addEventListener("click", () => saveCsv(state.model));
  find("copy-link").addEventListener("click", async () => {
    const link = `${window.location.href.split("#")[0]}#${state.fragment()}`;
    window.history.replaceState(null, "", link);
    try {
      await navigator.clipboard.writeText(link);
      find("copy-link").textContent = "Copied";
    } catch { // no clipboard for a file on disk in some browsers: the address has it too
      find("copy-link").textContent = "It is in the address";
    }
    setTimeout(() => { find("copy-link").textContent = "Copy link to this state"; }, 2000);
  });
  window.addEventListener("resize", () => { showCurves(find("curves"), state.model); cloud.draw(); });
  window.addEventListener("hashchange", () => {
    if (window.location.hash.slice(1) !== state.fragment()) restore();
  });
}

let pending = 0;

/** The address follows the state, a little later, so that dragging stays smooth. */
function rememberSoon() {
  clearTimeout(pending);
  pending = setTimeout(() => {
    window.history.replaceState(null, "", `#${state.fragment()}`);
  }, 250);
}

function restore() {
  state.restore(window.location.hash.slice(1));
  find("model").value = state.place;
  buildSliders();
  if (state.guessing) startGuess();
  else showModel();
  showNow();
}

wire();
showLessons(find("lessons"));
state.onChange(() => { if (!stepping) walking += 1; });
state.onChange(showNow);
state.onChange(rememberSoon);
restore();
window.tinyvae = { state, models, Network, halfFloats }; // for the curious, and for tests
