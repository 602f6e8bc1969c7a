// What the page shows of the state, and where.
import { showCurves } from "./curves.js";
import { csvTitle } from "./exports.js";
import { Filmstrip } from "./filmstrip.js";
import { showGuesses } from "./guess.js";
import { labelControl } from "./labels.js";
import { showLevels } from "./legend.js";
import { showMatrix } from "./matrix.js";
import { showDifference, showPicture } from "./pictures.js";
import { slider } from "./sliders.js";
import { showWalks } from "./walks.js";
import {
  cloudWords, decodedWords, differenceWords, endWords, meaningOf, outsideWords, pythonWords,
  worldWords,
} from "./words.js";

export const find = (id) => document.getElementById(id);

const label = (id, words) => find(id).setAttribute("aria-label", words);

const MANY_FACTORS = 3; // a matrix of more takes a row of its own

/** Fill a menu. */
export function options(select, names, chosen) {
  select.replaceChildren(...names.map((name, place) => new Option(name, place)));
  select.value = chosen;
}

export class View {
  /** `walk(latent)` is what a cell of the matrix does. */
  constructor(state, cloud, walk) {
    Object.assign(this, { state, cloud, walk, factorControls: [], latentSliders: [], all: false });
    this.filmstrip = new Filmstrip(find("strip"), (point) => state.setPoint(point));
  }

  /** Another model: its sliders, its answer, and where it stands. */
  showAll() {
    find("model").value = this.state.place;
    this.buildControls();
    this.showModel();
    this.showNow();
  }

  /** Nothing is shown on the controls of a model that is left. */
  leave() { [this.factorControls, this.latentSliders, this.all] = [[], [], false]; }

  buildControls() {
    const { state } = this;
    const { model, world } = state;
    find("factors").replaceChildren();
    find("latents").replaceChildren();
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
    this.latentSliders = !has.networks ? [] : model.shownLatents(this.all).map((latent) => ({
      latent,
      ...slider(find("latents"), {
        id: `latent-${latent}`, text: `z${latent}`, low: -model.reach(latent), high: model.reach(latent),
        step: 0.01,
        change: (value) => state.setLatent(state.latent.with(latent, value)),
      }),
    }));
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
    this.cloud.draw();
    const { model, world, factors, latent, posterior, image, decoded, point, own } = state;
    const has = this.has(model);
    find("python").textContent = pythonWords(state);
    if (!has.picture) return;
    const { range, shape } = model;
    showPicture(find("input"), image, model.runs ? shape : model.pictures.shape, range);
    label("input", world.words(state));
    this.factorControls.forEach((one, place) => {
      one.show(factors[place]);
      one.mean(world.source(state));
    });
    if (!world.draws) {
      this.filmstrip.show(own ? null : point);
      find("input-words").textContent = world.shortWords(state);
    }
    find("outside").textContent = outsideWords(state);
    if (!has.networks) return;
    showPicture(find("decoded"), decoded, shape, range);
    showDifference(find("difference"), decoded, image, shape, range);
    this.latentSliders.forEach((one) => {
      one.show(latent[one.latent]);
      one.mark(posterior.mean[one.latent], posterior.deviation[one.latent]);
    });
    for (const id of ["circle-again", "invert"]) find(id).hidden = !own;
    find("own-again").hidden = !state.hasKept;
    label("decoded", decodedWords(state));
    label("difference", differenceWords(state));
  }

  /** What changes with the model, or with guessing, but not with every move. */
  showModel() {
    const { state } = this;
    const { model, world } = state;
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
    this.showAnswer();
    showWalks(find("walks"), state);
    this.showTraining();
    label("cloud", cloudWords(state));
    find("save-csv").textContent = csvTitle(model);
    options(find("gif-latent"), model.shownLatents(true).map((j) => `z${j}`), 0);
    this.showCloudControls();
  }

  showAnswer() {
    const { model, guessing } = this.state;
    const { answer } = model;
    const known = model.world.factors.length > 0;
    find("verdict").textContent = guessing ? "hidden while you guess" : answer.verdict;
    find("verdict").hidden = !known;
    const kind = answer.verdict.startsWith("yes, each") ? "yes" : "no";
    find("verdict").className = `verdict ${guessing ? "" : kind}`;
    find("sentences").replaceChildren(...(guessing ? [] : answer.sentences).map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }));
    this.latentSliders.forEach((one) => {
      one.mean(meaningOf(model, one.latent, guessing));
      one.row.classList.toggle("dead", !answer.latents[one.latent].active);
    });
    const shown = model.shownLatents(this.all);
    showMatrix(find("matrix"), this.state, shown, this.walk);
    document.body.classList.toggle("many", answer.factors.length > MANY_FACTORS);
    find("h-answer").textContent = known ? "The answer" : "How much each latent tells";
    const cells = known
      ? "Share of a latent's variance that is the factor's; under it, how well the factor is read from it. Choose a cell to walk that latent."
      : "KL: how much a latent tells of a picture. Walk a latent to see what it does.";
    find("matrix-hint").textContent = guessing || !model.runs
      ? (guessing && "Choose a cell to walk that latent.") || cells.split(" Choose")[0].split(" Walk")[0]
      : cells;
    find("matrix-key").hidden = guessing || !known;
    const rest = model.latents - shown.length;
    for (const id of ["all-latents", "all-rows"]) {
      find(id).hidden = rest === 0 && !this.all;
      find(id).textContent = this.all ? "Show the most active latents only" : `Show all ${model.latents} latents`;
    }
    find("guess").textContent = guessing ? "Reveal" : "Guess first";
    if (guessing) showGuesses(find("guesses"), model, shown);
    else find("guesses").hidden = true;
  }

  showCloudControls() {
    const { state, cloud } = this;
    const { model, guessing } = state;
    const names = model.world.factors.map((factor) => factor.name);
    find("cloud-controls").hidden = guessing;
    find("axes").textContent = model.latents > 3
      ? `Axes: the three latents of most KL, ${cloud.axes().map((j) => `z${j}`).join(", ")}` : "";
    options(find("colour"), names, state.colour);
    options(find("path"), names, state.path);
    showLevels(find("cloud-levels"), guessing ? null : model.world.factors[state.colour]);
  }

  showTraining() {
    const { models, place } = this.state;
    showCurves(find("curves"), find("curve-names"), models, place);
    label("curves", `training curves; ${models.map(endWords).join("; ")}`);
  }
}
