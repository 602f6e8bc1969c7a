// Predict, then reveal: which latent is which factor?
import { listed } from "./numbers.js";
import { element } from "./sliders.js";
import { holds, largestShare, plainMeaning } from "./words.js";

const NOTHING = "no factor alone";
const HELD = ["clear", "folded", "partial"]; // verdicts that give a latent to a factor
const HALF = 0.5; // of a latent: more is most of it

/** What the person is asked to do. */
export function questionWords({ model }) {
  const names = listed(model.world.factors.map(({ name }) => name), "or");
  const look = model.runs ? "Move one latent at a time and watch the decoded picture." : "Move one walk at a time.";
  return `Which latent is ${names}? ${look} What does it change? ` +
    "One latent may also change several factors, or none. Choose for each latent, then reveal the answer.";
}

/** A row for each latent: walk it, and choose what it is. */
export function showGuesses(holder, { state, shown, suffix, play }) {
  const { model, guesses } = state;
  holder.replaceChildren(...shown.map((latent) => {
    const row = element("div", "guess-row");
    const [label, select] = [element("label"), element("select")];
    select.id = `guess-${latent}${suffix}`;
    select.append(new Option("choose", ""));
    select.append(...choices(model).map((name, choice) => new Option(name, choice)));
    select.value = guesses[latent] ?? "";
    select.addEventListener("change", () => {
      if (select.value === "") delete guesses[latent];
      else guesses[latent] = Number(select.value);
      state.changed("view");
    });
    label.htmlFor = select.id;
    label.textContent = `z${latent} is`;
    row.append(label, select);
    if (model.runs) row.append(walkButton(latent, play));
    return row;
  }));
}

const choices = ({ answer }) => [NOTHING, ...answer.factors];

function walkButton(latent, play) {
  const button = element("button");
  button.type = "button";
  button.textContent = `Walk z${latent}`;
  button.addEventListener("click", () => play(latent));
  return button;
}

/** How a guess fits the answer: right, near (the factor is most of it), wrong or none. */
export function judge({ answer }, latent, guess) {
  if (guess === undefined) return "none";
  const match = answer.matches.find((one) => holds(one, latent) && HELD.includes(one.verdict));
  const factor = answer.factors[guess - 1];
  if (guess === 0 ? match?.verdict !== "clear" : match?.verdict === "clear" && match.factor === factor) {
    return "right";
  }
  const largest = largestShare(answer, latent);
  const most = match?.factor ?? (largest?.share >= HALF ? largest.factor : null);
  return guess > 0 && match?.verdict !== "clear" && factor === most ? "near" : "wrong";
}

const SAID = {
  right: (name) => `You said ${name}: right.`,
  near: (name) => `You said ${name}: nearly right.`,
  wrong: (name) => `You said ${name}: wrong.`,
  none: () => "You chose nothing.",
};
const MARKS = { right: "\u2713", near: "\u2248", wrong: "\u2717", none: "\u2013" };

/** Each guess beside the truth, and how many are right. */
export function showJudged(holder, { state, shown }) {
  const { model, guesses } = state;
  const judged = shown.map((latent) => ({ latent, outcome: judge(model, latent, guesses[latent]) }));
  const count = (wanted) => judged.filter(({ outcome }) => outcome === wanted).length;
  const [sum, list] = [element("p", "score"), element("ul", "marks")];
  sum.textContent = `${count("right")} of ${judged.length} right` +
    `${count("near") ? `, ${count("near")} nearly` : ""}.`;
  list.append(...judged.map(({ latent, outcome }) => {
    const [item, mark] = [element("li", outcome), element("span")];
    mark.textContent = MARKS[outcome];
    mark.setAttribute("aria-hidden", "true");
    item.append(mark, `z${latent} ${plainMeaning(model, latent)}. ` +
      SAID[outcome](choices(model)[guesses[latent]]));
    return item;
  }));
  holder.replaceChildren(sum, list);
}
