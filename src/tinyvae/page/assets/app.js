// The page: what is where, and what happens when it is touched.
import { Cloud } from "./cloud.js";
import { showCurves } from "./curves.js";
import { csvTitle, saveCsv, saveGif, savePng, walkOf } from "./exports.js";
import { judgeGuesses, showGuesses } from "./guess.js";
import { listenToPicture } from "./hand.js";
import { showLessons } from "./lessons.js";
import { showMatrix } from "./matrix.js";
import { Model, Network } from "./network.js";
import { halfFloats, normal } from "./numbers.js";
import { readPicture, showDifference, showPicture } from "./pictures.js";
import { slider } from "./sliders.js";
import { State } from "./state.js";
import { showWalks } from "./walks.js";
import {
  circleWords, cloudWords, curvesWords, decodedWords, differenceWords, meaningOf, outsideWords,
  pythonWords, sourceOf,
} from "./words.js";

const find = (id) => document.getElementById(id);
const models = JSON.parse(find("models").textContent).map((data) => new Model(data));
const state = new State(models);
const cloud = new Cloud(find("cloud"), state);
const INPUT_HINTS = {
  move: "Drag the circle, or use the arrow keys; + and \u2212 change its radius.",
  paint: "Draw with the pointer. With keys: arrows move the brush, Space paints, Shift and arrows draw a line.",
  erase: "Rub out with the pointer. With keys: arrows move the brush, Space erases, Shift and arrows erase a line.",
};
let walking = 0; // number of the walk under way; another one, or any change, ends it
let stepping = false; // whether a change is the walk's own
let factorSliders = [];
let latentSliders = [];

function buildSliders() {
  const { model } = state;
  find("factors").replaceChildren();
  find("latents").replaceChildren();
  factorSliders = model.world.factors.map(({ name, low, high }, place) => slider(find("factors"), {
    id: `factor-${place}`, text: `${name}, px`, low, high, step: 1,
    change: (value) => state.setFactors(state.factors.with(place, value)),
  }));
  latentSliders = model.ranges.map((_, latent) => slider(find("latents"), {
    id: `latent-${latent}`, text: `z${latent}`, low: -model.reach(latent), high: model.reach(latent),
    step: 0.01,
    change: (value) => state.setLatent(state.latent.with(latent, value)),
  }));
}

// what is shown ---------------------------------------------------------------

const label = (id, words) => find(id).setAttribute("aria-label", words);

/** What changes with every move. */
function showNow() {
  cloud.draw();
  const { model, factors, latent, posterior, image, decoded } = state;
  if (!model.runs) return;
  const { size } = model.world;
  showPicture(find("input"), image, size);
  showPicture(find("decoded"), decoded, size);
  showDifference(find("difference"), decoded, image, size);
  factorSliders.forEach((one, place) => {
    one.show(factors[place]);
    one.mean(sourceOf(state));
  });
  latentSliders.forEach((one, place) => {
    one.show(latent[place]);
    one.mark(posterior.mean[place], posterior.deviation[place]);
  });
  find("circle-again").hidden = !state.own;
  find("outside").textContent = outsideWords(state);
  find("python").textContent = pythonWords(state);
  label("input", circleWords(state));
  label("decoded", decodedWords(state));
  label("difference", differenceWords(state));
}

/** What changes with the model, or with guessing, but not with every move. */
function showModel() {
  const { model, guessing } = state;
  const { answer } = model;
  for (const part of document.querySelectorAll("[data-needs]")) {
    part.hidden = (part.dataset.needs === "networks") !== model.runs;
  }
  find("verdict").textContent = guessing ? "hidden while you guess" : answer.verdict;
  const kind = answer.verdict === "yes, each" ? "yes" : "no";
  find("verdict").className = `verdict ${guessing ? "" : kind}`;
  find("sentences").replaceChildren(...(guessing ? [] : answer.sentences).map((sentence) => {
    const item = document.createElement("li");
    item.textContent = sentence;
    return item;
  }));
  latentSliders.forEach((one, latent) => {
    one.mean(meaningOf(model, latent, guessing));
    one.row.classList.toggle("dead", !answer.latents[latent].active);
  });
  showMatrix(find("matrix"), state, walkLatent);
  find("matrix-hint").textContent = guessing
    ? "Choose a cell to walk that latent."
    : "Share of a latent's variance that is the factor's; under it, how well the factor is read from it. Choose a cell to walk that latent.";
  find("guess").textContent = guessing ? "Reveal" : "Guess first";
  if (guessing) showGuesses(find("guesses"), model);
  else find("guesses").hidden = true;
  if (!model.runs) find("python").textContent = pythonWords(state);
  showWalks(find("walks"), state);
  showTraining();
  label("cloud", cloudWords(state));
  find("save-csv").textContent = csvTitle(model);
  options(find("gif-latent"), model.ranges.map((_, j) => `z${j}`), 0);
  const names = model.world.factors.map((factor) => factor.name);
  options(find("colour"), names, state.colour);
  options(find("path"), names, state.path);
}

function showTraining() {
  showCurves(find("curves"), find("curve-names"), models, state.place);
  label("curves", curvesWords(models));
}

function options(select, names, chosen) {
  select.replaceChildren(...names.map((name, place) => new Option(name, place)));
  select.value = chosen;
}

// what is done ------------------------------------------------------------------

/** Play some changes one after another, until anything else is changed. */
async function play(steps, milliseconds = 33) {
  const number = (walking += 1);
  for (const step of steps) {
    if (walking !== number) return;
    stepping = true;
    step();
    stepping = false;
    await new Promise((done) => { setTimeout(done, milliseconds); });
  }
}

const motionIsUnwelcome = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** There and back; where motion is unwelcome, only to the far end. */
function playThere(points, show) {
  const start = state.snapshot();
  const there = points.map((point) => () => show(point));
  if (motionIsUnwelcome()) play([there.at(-1)]);
  else play([...there, ...there.slice().reverse(), () => state.back(start)]);
}

function walkLatent(latent) {
  if (!state.model.runs) return;
  playThere(walkOf(state, latent, 32), (point) => state.setLatent(point));
}

/** Move the circle along one of its factors. */
function sweep(place) {
  if (!state.model.runs) return;
  const { low, high } = state.model.world.factors[place];
  const values = Array.from({ length: high - low + 1 }, (_, k) => low + k);
  const { factors } = state;
  playThere(values, (value) => state.setFactors(factors.with(place, value)));
}

/** Bring the cloud into sight, coloured by the radius, and turn it once. */
function turnCloud() {
  const [a, b] = state.turn;
  state.set("colour", 0);
  find("colour").value = 0;
  find("cloud").scrollIntoView({ block: "center" });
  const turns = Array.from({ length: 64 }, (_, k) => a + (2 * Math.PI * (k + 1)) / 64);
  play((motionIsUnwelcome() ? [a + 1] : turns).map((at) => () => state.set("turn", [at, b])), 50);
}

function takeModel(place) {
  [factorSliders, latentSliders] = [[], []]; // those of the other model show nothing more
  state.setModel(place);
  find("model").value = place;
  find("guess-result").textContent = "";
  buildSliders();
  showModel();
  showNow();
}

function guess(guessing) {
  if (!guessing) find("guess-result").textContent = judgeGuesses(find("guesses"), state.model);
  else find("guess-result").textContent = "";
  state.guessing = guessing;
  showModel();
  state.changed("view");
}

async function copyLink() {
  const link = `${window.location.href.split("#")[0]}#${state.fragment()}`;
  window.history.replaceState(null, "", link);
  try {
    await navigator.clipboard.writeText(link);
    find("copy-link").textContent = "Copied";
  } catch { // no clipboard for a file on disk in some browsers: the address has it too
    find("copy-link").textContent = "It is in the address";
  }
  setTimeout(() => { find("copy-link").textContent = "Copy link to this state"; }, 2000);
}

async function takeFile(event) {
  const [file] = event.target.files;
  if (!file) return;
  try {
    state.setImage(await readPicture(file, state.model.world.size));
  } catch {
    find("outside").textContent = "This file is no picture that the browser can read.";
  }
}

// wiring ------------------------------------------------------------------------

function wire() {
  const click = (id, act) => find(id).addEventListener("click", act);
  options(find("model"), models.map((model) => model.name), state.place);
  find("model").addEventListener("change", (event) => takeModel(Number(event.target.value)));
  click("encode", () => state.look());
  click("random", () => state.setLatent(state.latent.map(normal)));
  click("zero", () => state.setLatent(state.latent.map(() => 0)));
  click("circle-again", () => {
    state.setFactors(state.factors);
    find("input").focus();
  });
  click("guess", () => guess(!state.guessing));
  for (const name of ["colour", "path"]) {
    find(name).addEventListener("change", (event) => state.set(name, Number(event.target.value)));
  }
  const tool = () => document.querySelector("input[name=tool]:checked").value;
  const hint = () => { find("input-hint").textContent = INPUT_HINTS[tool()]; };
  find("tools").addEventListener("change", hint);
  hint();
  listenToPicture(find("input"), state, {
    tool, brush: find("brush"), say: (words) => { find("status").textContent = words; },
  });
  find("file").addEventListener("change", takeFile);
  click("save-png", () => savePng(["input", "decoded", "difference"].map(find)));
  click("save-gif", () => saveGif(state, Number(find("gif-latent").value)));
  click("save-csv", () => saveCsv(state.model));
  click("copy-link", copyLink);
  window.addEventListener("resize", () => { showTraining(); cloud.draw(); });
  window.addEventListener("hashchange", () => {
    if (window.location.hash.slice(1) !== state.fragment()) restore();
  });
  showLessons(find("lessons"), models.map(({ objective }) => objective), {
    sweep,
    walk: walkLatent,
    guess: () => guess(true),
    take: (objective) => takeModel(models.findIndex((model) => model.objective === objective)),
    turn: turnCloud,
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
  showModel();
  showNow();
}

wire();
state.onChange((what) => { if (!stepping && what === "picture") walking += 1; });
state.onChange(showNow);
state.onChange(rememberSoon);
restore();
window.tinyvae = { state, models, Network, halfFloats }; // for the curious, and for tests
