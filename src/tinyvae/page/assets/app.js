// The page: what is where, and what happens when it is touched.
import { Cloud } from "./cloud.js";
import { showCurves } from "./curves.js";
import { csvTitle, saveCsv, saveGif, savePng, walkOf } from "./exports.js";
import { judgeGuesses, showGuesses } from "./guess.js";
import { animatedGif } from "./gif.js";
import { listenToPicture } from "./hand.js";
import { showLessons } from "./lessons.js";
import { showMatrix } from "./matrix.js";
import { Model, Network } from "./network.js";
import { halfFloats, normal } from "./numbers.js";
import { readPicture, showDifference, showPicture } from "./pictures.js";
import { Player } from "./player.js";
import { slider } from "./sliders.js";
import { State } from "./state.js";
import { showWalks } from "./walks.js";
import {
  circleWords, cloudWords, decodedWords, differenceWords, endWords, meaningOf, outsideWords,
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
const walker = new Player(); // of latents and factors; any other change stops it
const spinner = new Player(); // of the cloud; a hand on it stops it
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
  for (const id of ["circle-again", "invert"]) find(id).hidden = !state.own;
  find("own-again").hidden = !state.hasKept;
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
  find("matrix-key").hidden = guessing;
  find("cloud-controls").hidden = guessing;
  find("axes").textContent = model.latents > 3
    ? `Axes: the three latents of most KL, ${cloud.axes().map((j) => `z${j}`).join(", ")}` : "";
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
  label("curves", `training curves; ${models.map(endWords).join("; ")}`);
}

function options(select, names, chosen) {
  select.replaceChildren(...names.map((name, place) => new Option(name, place)));
  select.value = chosen;
}

// what is done ------------------------------------------------------------------

const motionIsUnwelcome = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

const bringIntoSight = (id) => find(id).scrollIntoView({ block: "nearest" });

/** There and back; where motion is unwelcome, only to the far end. */
function playThere(points, show) {
  walker.goHome(); // from where the last walk began, not from where it is
  const start = state.snapshot();
  const there = points().map((point) => () => show(point));
  if (motionIsUnwelcome()) walker.play([there.at(-1)]);
  else walker.play([...there, ...there.slice().reverse()], { home: () => state.back(start) });
}

function walkLatent(latent) {
  if (!state.model.runs) return;
  bringIntoSight("decoded");
  playThere(() => walkOf(state, latent, 32), (point) => state.setLatent(point));
}

/** Move the circle along one of its factors. */
function sweep(place) {
  if (!state.model.runs) return;
  bringIntoSight("input");
  const { low, high } = state.model.world.factors[place];
  const values = () => Array.from({ length: high - low + 1 }, (_, k) => low + k);
  playThere(values, (value) => state.setFactors(state.factors.with(place, value)));
}

/** Bring the cloud into sight, coloured by the radius, and turn it once. */
function turnCloud() {
  const [a, b] = state.turn;
  state.set("colour", 0);
  find("colour").value = 0;
  bringIntoSight("cloud");
  const turns = Array.from({ length: 64 }, (_, k) => a + (2 * Math.PI * (k + 1)) / 64);
  const shown = motionIsUnwelcome() ? [a + 1] : turns;
  spinner.play(shown.map((at) => () => state.set("turn", [at, b])), { milliseconds: 50 });
}

function takeModel(place) {
  walker.stop();
  [factorSliders, latentSliders] = [[], []]; // those of the other model show nothing more
  state.setModel(place);
  find("model").value = place;
  find("guess-result").textContent = "";
  buildSliders();
  showModel();
  showNow();
}

/** The first model of an objective, its names shown. */
function takeObjective(objective) {
  state.guessing = false;
  takeModel(models.findIndex((model) => model.objective === objective));
}

function guess(guessing) {
  if (!guessing) find("guess-result").textContent = judgeGuesses(find("guesses"), state.model);
  else find("guess-result").textContent = "";
  state.guessing = guessing;
  showModel();
  state.changed("view");
}

/** The state in the address, where the page has one of its own. */
function remember() {
  if (window.location.protocol === "about:") return; // within a notebook
  window.history.replaceState(null, "", `#${state.fragment()}`);
}

async function copyLink() {
  const link = `${window.location.href.split("#")[0]}#${state.fragment()}`;
  remember();
  try {
    await navigator.clipboard.writeText(link);
    find("copy-link").textContent = "Copied";
  } catch { // no clipboard for a file on disk in some browsers: the address has it too
    find("copy-link").textContent = "It is in the address";
  }
  setTimeout(() => { find("copy-link").textContent = "Copy link to this state"; }, 2000);
}

async function takeFile({ target }) {
  const [file] = target.files;
  if (!file) return;
  try {
    let image;
    do image = await readPicture(file, state.model.world.size);
    while (image.length !== state.model.world.size ** 2); // another model meanwhile
    state.setImage(image);
  } catch {
    find("outside").textContent = "This file is no picture that the browser can read.";
    say(find("outside").textContent);
  }
  target.value = ""; // so that the same file may be taken again
}

const say = (words) => { find("status").textContent = words; };

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
  click("own-again", () => {
    state.setImage(state.kept);
    find("input").focus();
  });
  click("invert", () => state.setImage(state.image.map((light) => 1 - light)));
  click("guess", () => guess(!state.guessing));
  for (const name of ["colour", "path"]) {
    find(name).addEventListener("change", (event) => state.set(name, Number(event.target.value)));
  }
  const tool = () => document.querySelector("input[name=tool]:checked").value;
  const hint = () => { find("input-hint").textContent = INPUT_HINTS[tool()]; };
  find("tools").addEventListener("change", hint);
  hint();
  listenToPicture(find("input"), state, {
    tool, brush: find("brush"), say,
  });
  find("file").addEventListener("change", takeFile);
  click("save-png", () => savePng([
    [find("input"), circleWords(state)],
    [find("decoded"), "decoded"],
    [find("difference"), "decoded minus input"],
  ], `${state.model.name}: ${decodedWords(state)}`));
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
    guess: () => {
      guess(true);
      bringIntoSight("latents");
    },
    take: takeObjective,
    turn: turnCloud,
  });
}

let pending = 0;

/** The address and who listens follow the state a little later, when things are at rest. */
function followSoon(what) {
  clearTimeout(pending);
  pending = setTimeout(() => {
    remember();
    if (what === "picture" && state.model.runs) say(outsideWords(state));
  }, 400);
}

function restore() {
  state.restore(window.location.hash.slice(1));
  find("model").value = state.place;
  buildSliders();
  showModel();
  showNow();
}

wire();
state.onChange((what) => {
  if (what === "picture" && !walker.stepping) walker.stop();
  if (what === "turn") spinner.stop();
});
state.onChange(showNow);
state.onChange(followSoon);
restore();
performance.mark("first-picture");
window.tinyvae = { state, models, cloud, Network, halfFloats, animatedGif }; // for the curious, and tests
