// The page: what happens when it is touched.
import { Address } from "./address.js";
import { copyLink } from "./copy_link.js";
import { Demonstrations } from "./demonstrations.js";
import { saveCsv, saveGif, savePng } from "./exports.js";
import { offerFullScreen } from "./fullscreen.js";
import { animatedGif } from "./gif.js";
import { judge } from "./guess.js";
import { BRUSH_HINTS, listenToPicture } from "./hand.js";
import { Lessons } from "./lessons.js";
import { meanOf } from "./likelihood.js";
import { restoreFrom } from "./links.js";
import { Model } from "./model.js";
import { Network } from "./network.js";
import { halfFloats, normal } from "./numbers.js";
import { find } from "./panel.js";
import { readPicture } from "./pictures.js";
import { Stage } from "./stage.js";
import { makeTwins, TWIN } from "./twins.js";
import { View } from "./view.js";
import { decodedWords, outsideWords, plainSentences } from "./words.js";
import { circleLessons } from "./worlds/circle_lessons.js";

makeTwins();
const page = JSON.parse(find("models").textContent);
const models = page.models.map((data) => new Model(data));
const stage = new Stage(models, page.start);
const { state, other, display } = stage;
const shows = [new Demonstrations(state), new Demonstrations(other, TWIN)];
const view = new View(stage, shows.map((one) => (latent) => one.walkLatent(latent)));
const address = new Address(stage, restore);
const lessons = new Lessons(find("lessons"), find("lesson"), { lessons: lessonsHere(), go: goToLesson });

/** A change of what is on the page, which Back undoes; walks end. */
function change(act) {
  address.step(() => {
    for (const one of shows) one.walker.stop();
    view.leave();
    act();
    view.showAll();
    showLesson();
    showHint();
  });
}

function takeModel(place) {
  change(() => {
    stage.setModel(place);
    display.all = false;
  });
}

function setBeside(place) {
  change(() => (place === null ? stage.part() : stage.setBeside(place)));
}

function setMode(mode) {
  change(() => {
    if (mode === "guess") for (const one of stage.states) display.guesses[one.place] = {};
    display.mode = mode;
  });
}

/** Place of the first model of circles of an objective. */
const ofObjective = (kind) =>
  models.findIndex(({ world, objective }) => world.kind === "circles" && objective.kind === kind);

/** A model of an objective, alone, its answer shown. */
function takeObjective(kind) {
  const place = ofObjective(kind);
  if (place === state.place && !stage.two && display.mode === "answer") return;
  change(() => {
    stage.part();
    display.mode = "answer";
    stage.setModel(place);
  });
}

function lessonsHere() {
  const kinds = models.filter(({ world }) => world.kind === "circles").map(({ objective }) => objective.kind);
  return circleLessons(kinds, {
    sweep: (factor) => shows[0].sweep(factor),
    walk: (latent) => shows[0].walkLatent(latent),
    guess: () => {
      setMode("guess");
      find("decoded").scrollIntoView({ block: "nearest" });
    },
    menus: () => {
      if (display.mode !== "guess") setMode("guess");
      find("guesses").scrollIntoView({ block: "nearest" });
      find("guesses").querySelector("select").focus({ preventScroll: true });
    },
    reveal: () => {
      if (display.guessing) setMode("revealed");
      find("matrix").scrollIntoView({ block: "nearest" });
    },
    take: takeObjective,
    turn: () => shows[0].turnCloud(),
    beside: (kind) => {
      setBeside(ofObjective(kind));
      find("latent-card").scrollIntoView({ block: "nearest" });
    },
  });
}

/** The lesson that is open; they are about circles only. */
function showLesson() {
  lessons.show(view.has(state.model).circles ? display.lesson : null);
  display.lesson = lessons.at;
}

function goToLesson(at) {
  address.step(() => {
    display.lesson = at;
    showLesson();
  });
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
  find("input-hint").textContent = paints ? BRUSH_HINTS[tool()] : state.world.hint();
}

// wiring ------------------------------------------------------------------------

const click = (id, act) => find(id).addEventListener("click", act);

/** What a model's own buttons do. */
function wireModel(one, suffix) {
  click(`encode${suffix}`, () => one.look());
  click(`random${suffix}`, () => one.setLatent(one.latent.map(normal)));
  click(`zero${suffix}`, () => one.setLatent(one.latent.map(() => 0)));
  for (const id of ["all-latents", "all-rows"]) {
    click(`${id}${suffix}`, () => {
      display.all = !display.all;
      view.showAll();
      state.changed("view");
    });
  }
}

function wirePicture() {
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
  find("tools").addEventListener("change", showHint);
  listenToPicture(find("input"), state, {
    tool, brush: find("brush"), say,
  });
  find("file").addEventListener("change", takeFile);
}

function wirePage() {
  find("model").addEventListener("change", ({ target }) => takeModel(Number(target.value)));
  find("beside").addEventListener("change", ({ target }) =>
    setBeside(target.value === "" ? null : Number(target.value)));
  click("guess", () => setMode(display.guessing ? "revealed" : "guess"));
  click("reveal", () => {
    setMode("revealed");
    find("h-answer").focus();
  });
  for (const name of ["colour", "path"]) {
    find(name).addEventListener("change", ({ target }) => {
      state.set(name, Number(target.value));
      view.showCloudControls();
    });
  }
  for (const section of document.querySelectorAll("details")) {
    section.addEventListener("toggle", () => {
      const open = [...document.querySelectorAll("details[open]")].map(({ id }) => id);
      if (open.join() !== display.sections.join()) state.set("sections", open);
    });
  }
  click("copy-link", () => copyLink(address, state, say));
  offerFullScreen(find("full-screen"), say);
}

function wireExports() {
  click("save-png", () => savePng([
    [find("input"), state.world.words(state)],
    [find("decoded"), "decoded"],
    [find("difference"), "decoded minus input"],
  ], `${state.model.name}: ${decodedWords(state)}`));
  click("save-gif", () => saveGif(state, Number(find("gif-latent").value)));
  click("save-csv", () => saveCsv(state.model));
}

/** The address and who listens follow the state a little later, when things are at rest. */
let pending = 0;

function followSoon(what) {
  address.follow();
  clearTimeout(pending);
  pending = setTimeout(() => {
    if (what === "picture" && state.model.runs) say(outsideWords(state));
  }, 400);
}

function restore(fragment) {
  for (const one of shows) one.walker.stop();
  view.leave();
  restoreFrom(fragment, stage);
  for (const section of document.querySelectorAll("details")) {
    section.open = display.sections.includes(section.id);
  }
  view.showAll();
  showLesson();
  showHint();
}

wireModel(state, "");
wireModel(other, TWIN);
wirePicture();
wirePage();
wireExports();
for (const one of [state, other]) {
  one.onChange(() => view.showNow());
  one.onChange(followSoon);
}
other.onChange((what) => { if (what === "turn") shows[0].spinner.stop(); }); // a hand on its cloud
window.addEventListener("resize", () => { if (!display.guessing) view.showTraining(); });
restore(window.location.hash.slice(1));
performance.mark("first-picture");
window.tinyvae = { // for the curious, and tests
  stage, state, other, models, cloud: view.panels[0].cloud, Network, halfFloats, animatedGif, meanOf, judge,
  plainSentences,
};
