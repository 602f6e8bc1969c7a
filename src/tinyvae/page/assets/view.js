// What the page shows of the state, and where.
import { showCurves } from "./curves.js";
import { csvTitle } from "./exports.js";
import { showGuesses } from "./guess.js";
import { showMatrix } from "./matrix.js";
import { showDifference, showPicture } from "./pictures.js";
import { slider } from "./sliders.js";
import { showWalks } from "./walks.js";
import {
  circleWords, cloudWords, decodedWords, differenceWords, endWords, meaningOf, outsideWords,
  pythonWords, sourceOf,
} from "./words.js";

export const find = (id) => document.getElementById(id);

const label = (id, words) => find(id).setAttribute("aria-label", words);

/** Fill a menu. */
export function options(select, names, chosen) {
  select.replaceChildren(...names.map((name, place) => new Option(name, place)));
  select.value = chosen;
}

export class View {
  /** `walk(latent)` is what a cell of the matrix does. */
  constructor(state, cloud, walk) {
    Object.assign(this, { state, cloud, walk, factorSliders: [], latentSliders: [] });
  }

  /** Another model: its sliders, its answer, and where it stands. */
  showAll() {
    find("model").value = this.state.place;
    this.buildSliders();
    this.showModel();
    this.showNow();
  }

  buildSliders() {
    const { state } = this;
    const { model } = state;
    find("factors").replaceChildren();
    find("latents").replaceChildren();
    this.factorSliders = model.world.factors.map(({ name, low, high }, place) => slider(find("factors"), {
      id: `factor-${place}`, text: `${name}, px`, low, high, step: 1,
      change: (value) => state.setFactors(state.factors.with(place, value)),
    }));
    this.latentSliders = model.ranges.map((_, latent) => slider(find("latents"), {
      id: `latent-${latent}`, text: `z${latent}`, low: -model.reach(latent), high: model.reach(latent),
      step: 0.01,
      change: (value) => state.setLatent(state.latent.with(latent, value)),
    }));
  }

  /** What changes with every move. */
  showNow() {
    const { state } = this;
    this.cloud.draw();
    const { model, factors, latent, posterior, image, decoded } = state;
    if (!model.runs) return;
    const { size } = model.world;
    showPicture(find("input"), image, size);
    showPicture(find("decoded"), decoded, size);
    showDifference(find("difference"), decoded, image, size);
    this.factorSliders.forEach((one, place) => {
      one.show(factors[place]);
      one.mean(sourceOf(state));
    });
    this.latentSliders.forEach((one, place) => {
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
  showModel() {
    const { state, cloud } = this;
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
    this.latentSliders.forEach((one, latent) => {
      one.mean(meaningOf(model, latent, guessing));
      one.row.classList.toggle("dead", !answer.latents[latent].active);
    });
    showMatrix(find("matrix"), state, this.walk);
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
    this.showTraining();
    label("cloud", cloudWords(state));
    find("save-csv").textContent = csvTitle(model);
    options(find("gif-latent"), model.ranges.map((_, j) => `z${j}`), 0);
    const names = model.world.factors.map((factor) => factor.name);
    options(find("colour"), names, state.colour);
    options(find("path"), names, state.path);
  }

  showTraining() {
    const { models, place } = this.state;
    showCurves(find("curves"), find("curve-names"), models, place);
    label("curves", `training curves; ${models.map(endWords).join("; ")}`);
  }
}
