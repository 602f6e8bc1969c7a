// What the page shows of all that is on it, and where.
import { showCurves } from "./curves.js";
import { csvTitle } from "./exports.js";
import { Filmstrip } from "./filmstrip.js";
import { labelControl } from "./labels.js";
import { showLevels } from "./legend.js";
import { find, label, ModelPanel } from "./panel.js";
import { showPicture } from "./pictures.js";
import { slider } from "./sliders.js";
import { TWIN } from "./twins.js";
import { showWalks } from "./walks.js";
import { endWords, outsideWords, pythonWords, worldWords } from "./words.js";

const MANY_FACTORS = 3; // a matrix of more takes a row of its own
const MANY_LATENTS = 4; // sliders of more take two columns

/** Fill a menu with [name, value]. */
export function options(select, entries, chosen) {
  select.replaceChildren(...entries.map(([name, value]) => new Option(name, value)));
  select.value = chosen;
}

/** [name, place] of each. */
export const placed = (names) => names.map((name, place) => [name, place]);

export class View {
  /** `walks[k](latent)` walks a latent of the first model, or of the one beside. */
  constructor(stage, walks) {
    Object.assign(this, { stage, state: stage.state, factorControls: [] });
    this.panels = ["", TWIN].map((suffix, k) =>
      new ModelPanel(stage.states[k] ?? stage.other, { suffix, play: walks[k] }));
    this.filmstrip = new Filmstrip(find("strip"), (point) => this.state.setPoint(point));
  }

  /** The panels of the models that are shown. */
  get shown() { return this.stage.two ? this.panels : this.panels.slice(0, 1); }

  /** Other models: their sliders, their answers, and where they stand. */
  showAll() {
    this.showChoices();
    this.showForm();
    this.buildFactors();
    this.shown.forEach((panel) => panel.build());
    this.showModel();
    this.showNow();
  }

  /** Nothing is shown on the controls of models that are left. */
  leave() {
    this.factorControls = [];
    for (const panel of this.panels) panel.sliders = [];
  }

  /** The menus of models. */
  showChoices() {
    const { stage, state } = this;
    const names = placed(state.models.map(({ name }) => name));
    options(find("model"), names, state.place);
    find("beside-choice").hidden = !stage.canBeCompared;
    options(find("beside"), [["nothing", ""], ...names.filter(([, place]) => stage.canStandBeside(place))],
      stage.two ? stage.other.place : "");
  }

  /** How the cards are laid out. */
  showForm() {
    const { stage: { two, display }, state: { model } } = this;
    const count = model.shownLatents(display.all).length;
    for (const [name, is] of Object.entries({
      compared: two,
      guessing: display.guessing,
      "many-factors": model.answer.factors.length > MANY_FACTORS,
      "many-latents": !two && (model.runs ? count > MANY_LATENTS : this.has(model).picture),
    })) document.body.classList.toggle(name, is);
  }

  buildFactors() {
    const { state } = this;
    const { model, world } = state;
    find("factors").replaceChildren();
    const has = this.has(model);
    this.factorControls = !has.picture ? [] : model.world.factors.map((factor, place) => {
      const change = (value) => state.setFactor(place, value);
      const id = `factor-${place}`;
      if (!world.draws) {
        return labelControl(find("factors"), { id, factor, values: world.valuesOf(place), change });
      }
      const { name, unit, low, high } = factor;
      return slider(find("factors"), { id, text: `${name}, ${unit}`, low, high, step: 1, change });
    });
    if (has.picture) this.filmstrip.build(model);
  }

  /** What a model has, by the names that parts of the page ask for. */
  has(model) {
    const { world } = this.state;
    return {
      networks: model.runs,
      walks: !model.runs,
      picture: model.runs || !world.draws,
      path: model.runs && world.draws,
      factors: model.world.factors.length > 0,
      nothing: model.world.factors.length === 0,
      circles: model.runs && model.world.kind === "circles",
      move: model.runs && (Boolean(world.moved) || model.binary),
      paint: model.runs && model.binary,
      file: model.runs && !model.vector && model.world.pixels !== "real",
      strip: !world.draws,
      rest: !world.draws && model.pictures.count < model.numPoints,
    };
  }

  /** What changes with every move. */
  showNow() {
    const { state } = this;
    this.shown.forEach((panel) => panel.showNow());
    const { model, world, factors, image, point, own } = state;
    find("python").textContent = pythonWords(state);
    if (!this.has(model).picture) return;
    showPicture(find("input"), image, model.runs ? model.shape : model.pictures.shape, model.range);
    label(find("input"), world.words(state));
    this.factorControls.forEach((one, place) => {
      one.show(factors[place]);
      one.mean(world.source(state));
    });
    if (!world.draws) {
      this.filmstrip.show(own ? null : point);
      find("input-words").textContent = world.shortWords(state);
    }
    find("outside").textContent = outsideWords(state);
    for (const id of ["circle-again", "invert"]) find(id).hidden = !own;
    find("own-again").hidden = !state.hasKept;
  }

  /** What changes with the models, or with guessing, but not with every move. */
  showModel() {
    const { state } = this;
    const { model, world, guessing } = state;
    const has = this.has(model);
    for (const part of document.querySelectorAll("[data-needs]")) {
      part.hidden = !part.dataset.needs.split(" ").every((need) => has[need]);
    }
    find("h-picture").textContent = world.title;
    find("input-words").hidden = world.draws;
    find("circle-again").textContent = world.draws ? "Back to a circle" : "Back to the data";
    find("world").textContent = worldWords(state);
    const canvas = find("input");
    canvas.setAttribute("role", has.move ? "application" : "img");
    if (has.move) canvas.tabIndex = 0;
    else canvas.removeAttribute("tabindex");
    this.shown.forEach((panel) => panel.showModel(this.stage.two));
    showWalks(find("walks"), state);
    find("guess").textContent = { answer: "Guess first", guess: "Show the answer", revealed: "Guess again" }[state.display.mode];
    find("reveal").hidden = !guessing;
    find("curve-card").hidden = guessing; // it tells scores
    if (!guessing) this.showTraining();
    find("save-csv").textContent = csvTitle(model);
    options(find("gif-latent"), placed(model.shownLatents(true).map((j) => `z${j}`)), 0);
    this.showCloudControls();
  }

  showCloudControls() {
    const { model, guessing, colour, path } = this.state;
    const names = placed(model.world.factors.map((factor) => factor.name));
    find("cloud-controls").hidden = guessing;
    options(find("colour"), names, colour);
    options(find("path"), names, path);
    showLevels(find("cloud-levels"), guessing ? null : model.world.factors[colour]);
  }

  showTraining() {
    const { models, place } = this.state;
    showCurves(find("curves"), find("curve-names"), models, place);
    label(find("curves"), `training curves; ${models.map(endWords).join("; ")}`);
  }
}
