// The page: what happens when it is touched.
import { Cloud } from "./cloud.js";
import { Demonstrations } from "./demonstrations.js";
import { saveCsv, saveGif, savePng } from "./exports.js";
import { animatedGif } from "./gif.js";
import { judgeGuesses } from "./guess.js";
import { listenToPicture } from "./hand.js";
import { meanOf } from "./likelihood.js";
import { Model } from "./model.js";
import { Network } from "./network.js";
import { halfFloats, normal } from "./numbers.js";
import { readPicture } from "./pictures.js";
import { State } from "./state.js";
import { find, options, View } from "./view.js";
import { decodedWords, outsideWords } from "./words.js";
import { showLessons } from "./worlds/circle_lessons.js";

const models = JSON.parse(find("models").textContent).map((data) => new Model(data));
const state = new State(models);
const cloud = new Cloud(find("cloud"), state);
const demonstrations = new Demonstrations(state);
const view = new View(state, cloud, (latent) => demonstrations.walkLatent(latent));
const INPUT_HINTS = {
  paint: "Draw with the pointer. With keys: arrows move the brush, Space paints, Shift and arrows draw a line.",
  erase: "Rub out with the pointer. With keys: arrows move the brush, Space erases, Shift and arrows erase a line.",
};

function takeModel(place) {
  demonstrations.walker.stop();
  view.leave();
  state.setModel(place);
  find("guess-result").textContent = "";
  view.showAll();
  showHint();
}

/** The first model of circles of an objective, its names shown. */
function takeObjective(kind) {
  state.guessing = false;
  takeModel(models.findIndex((model) => model.world.kind === "circles" && model.objective.kind === kind));
}

function toggleAll() {
  view.all = !view.all;
  view.showAll();
}

function guess(guessing) {
  if (!guessing) find("guess-result").textContent = judgeGuesses(find("guesses"), state.model);
  else find("guess-result").textContent = "";
  state.guessing = guessing;
  view.showModel();
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
    let shape;
    do image = await readPicture(file, shape = state.model.shape);
    while (!state.fits(shape)); // another model meanwhile
    state.setImage(image);
  } catch {
    find("outside").textContent = "This file is no picture that the browser can read.";
    say(find("outside").textContent);
  }
  target.value = ""; // so that the same file may be taken again
}

const say = (words) => { find("status").textContent = words; };

const tool = () => document.querySelector("input[name=tool]:checked").value;

function showHint() {
  const paints = tool() !== "move" && state.model.binary;
  find("input-hint").textContent = paints ? INPUT_HINTS[tool()] : state.world.hint();
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
    if (state.world.draws) state.setFactors(state.factors);
    else state.setPoint(state.point ?? 0);
    find("input").focus();
  });
  click("own-again", () => {
    state.setImage(state.kept.image);
    find("input").focus();
  });
  click("invert", () => state.setImage(state.image.map((light) => 1 - light)));
  click("guess", () => guess(!state.guessing));
  for (const id of ["all-latents", "all-rows"]) click(id, toggleAll);
  for (const name of ["colour", "path"]) {
    find(name).addEventListener("change", (event) => {
      state.set(name, Number(event.target.value));
      view.showCloudControls();
    });
  }
  find("tools").addEventListener("change", showHint);
  listenToPicture(find("input"), state, {
    tool, brush: find("brush"), say,
  });
  find("file").addEventListener("change", takeFile);
  click("save-png", () => savePng([
    [find("input"), state.world.words(state)],
    [find("decoded"), "decoded"],
    [find("difference"), "decoded minus input"],
  ], `${state.model.name}: ${decodedWords(state)}`));
  click("save-gif", () => saveGif(state, Number(find("gif-latent").value)));
  click("save-csv", () => saveCsv(state.model));
  click("copy-link", copyLink);
  window.addEventListener("resize", () => { view.showTraining(); cloud.draw(); });
  window.addEventListener("hashchange", () => {
    if (window.location.hash.slice(1) !== state.fragment()) restore();
  });
  showLessons(find("lessons"), models.filter(({ world }) => world.kind === "circles").map(({ objective }) => objective.kind), {
    sweep: (place) => demonstrations.sweep(place),
    walk: (latent) => demonstrations.walkLatent(latent),
    guess: () => {
      guess(true);
      find("latents").scrollIntoView({ block: "nearest" });
    },
    take: takeObjective,
    turn: () => demonstrations.turnCloud(),
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
  view.showAll();
  showHint();
}

wire();
state.onChange(() => view.showNow());
state.onChange(followSoon);
restore();
performance.mark("first-picture");
window.tinyvae = { state, models, cloud, Network, halfFloats, animatedGif, meanOf }; // for the curious, and tests
