// One model on the page: its latents, its answer and its cloud.
import { Cloud } from "./cloud.js";
import { questionWords, showGuesses, showJudged } from "./guess.js";
import { showMatrix } from "./matrix.js";
import { showDifference, showPicture } from "./pictures.js";
import { slider } from "./sliders.js";
import { cloudWords, decodedWords, differenceWords, meaningOf, plainSentences } from "./words.js";

export const find = (id) => document.getElementById(id);

export const label = (element, words) => element.setAttribute("aria-label", words);

const TITLES = {
  "h-latent": () => "The latents",
  "h-answer": ({ guessing, model }) => {
    if (!model.world.factors.length) return "How much each latent tells";
    return guessing ? "Your guess" : "The answer";
  },
  "h-cloud": () => "The cloud: one point for each picture",
};
const LONG = 6; // sliders in a column; beside more the picture stays in sight

export class ModelPanel {
  /** `suffix` ends the ids of the panel's parts; `play(latent)` walks a latent. */
  constructor(state, { suffix, play }) {
    Object.assign(this, { state, suffix, play, sliders: [] });
    this.cloud = new Cloud(this.find("cloud"), state);
  }

  find(id) { return find(`${id}${this.suffix}`); }

  get shown() { return this.state.model.shownLatents(this.state.display.all); }

  build() {
    const { state, shown } = this;
    const { model } = state;
    const [holder, card] = [this.find("latents"), this.find("latent-card")];
    holder.replaceChildren();
    this.sliders = !model.runs ? [] : shown.map((latent) => ({
      latent,
      ...slider(holder, {
        id: `latent-${latent}${this.suffix}`, text: `z${latent}`,
        low: -model.reach(latent), high: model.reach(latent), step: 0.01,
        change: (value) => state.setLatent(state.latent.with(latent, value)),
      }),
    }));
    card.classList.toggle("long", this.sliders.length > LONG);
    card.classList.toggle("longest", this.sliders.length > 2 * LONG); // in two columns
  }

  /** What changes with every move. */
  showNow() {
    const { model, latent, posterior, image, decoded } = this.state;
    this.cloud.draw();
    if (!model.runs) return;
    const { range, shape } = model;
    showPicture(this.find("decoded"), decoded, shape, range);
    showDifference(this.find("difference"), decoded, image, shape, range);
    this.sliders.forEach((one) => {
      one.show(latent[one.latent]);
      one.mark(posterior.mean[one.latent], posterior.deviation[one.latent]);
    });
    label(this.find("decoded"), decodedWords(this.state));
    label(this.find("difference"), differenceWords(this.state));
  }

  /** What changes with the model, or with guessing. `two`: another stands beside it. */
  showModel(two) {
    const { state } = this;
    const name = two ? `, ${state.model.name}` : "";
    for (const [id, title] of Object.entries(TITLES)) this.find(id).textContent = `${title(state)}${name}`;
    this.showVerdict(two);
    this.showAnswer();
    label(this.find("cloud"), cloudWords(state));
    this.find("axes").textContent = state.model.latents > 3
      ? `Axes: the three latents of most KL, ${this.cloud.axes().map((j) => `z${j}`).join(", ")}` : "";
  }

  showVerdict(two) {
    const { model, guessing } = this.state;
    const verdict = this.find("verdict");
    verdict.hidden = guessing || !model.world.factors.length;
    verdict.textContent = two ? `${model.name}: ${model.answer.verdict}` : model.answer.verdict;
    if (guessing) verdict.textContent = "";
    const yes = model.answer.verdict.startsWith("yes, each");
    verdict.classList.toggle("yes", yes);
    verdict.classList.toggle("no", !yes);
    this.find("question").hidden = !guessing;
    this.find("question").textContent = guessing ? questionWords(this.state) : "";
  }

  showAnswer() {
    const { state, shown, suffix, play } = this;
    const { model, guessing } = state;
    const { answer } = model;
    const known = model.world.factors.length > 0;
    const told = known && !guessing;
    for (const id of ["matrix", "matrix-hint"]) this.find(id).hidden = guessing;
    for (const id of ["matrix-key", "plain", "why"]) this.find(id).hidden = !told;
    list(this.find("plain"), told ? plainSentences(model) : []);
    list(this.find("sentences"), told ? answer.sentences : []);
    this.sliders.forEach((one) => {
      one.mean(meaningOf(model, one.latent, guessing));
      one.row.classList.toggle("dead", !guessing && !answer.latents[one.latent].active);
    });
    if (guessing) this.find("matrix").replaceChildren();
    else showMatrix(this.find("matrix"), state, shown, play);
    const cells = known
      ? "Large: the share of the latent's changes that is due to the factor (1: nothing else moves it). Small: how well that latent alone tells the factor (1: exactly)."
      : "KL: how much a latent tells of a picture.";
    this.find("matrix-hint").textContent = model.runs ? `${cells} Choose a cell to walk that latent.` : cells;
    this.showRest();
    this.find("guesses").hidden = !guessing;
    if (guessing) showGuesses(this.find("guesses"), { state, shown, suffix, play });
    const judged = this.find("guess-result");
    if (state.display.mode === "revealed" && known) showJudged(judged, { state, shown });
    else judged.replaceChildren();
  }

  /** Latents that are left out, and the buttons that show them. */
  showRest() {
    const { latents } = this.state.model;
    const { all } = this.state.display;
    for (const id of ["all-latents", "all-rows"]) {
      this.find(id).hidden = this.shown.length === latents && !all;
      this.find(id).textContent = all ? "Show the most active latents only" : `Show all ${latents} latents`;
    }
  }
}

/** Fill a list with sentences. */
function list(holder, sentences) {
  holder.replaceChildren(...sentences.map((sentence) => {
    const item = document.createElement("li");
    item.textContent = sentence;
    return item;
  }));
}
