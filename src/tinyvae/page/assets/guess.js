// Predict, then reveal: which latent is which factor?
import { holds } from "./words.js";

const NOTHING = "nothing clear";

/** Menus to guess with, one a latent. */
export function showGuesses(holder, { answer }, shown) {
  holder.hidden = false;
  holder.replaceChildren(...shown.map((latent) => {
    const label = document.createElement("label");
    const select = document.createElement("select");
    select.dataset.latent = latent;
    select.append(new Option("choose", ""));
    select.append(...[NOTHING, ...answer.factors].map((name, place) => new Option(name, place)));
    label.append(`z${latent} is `, select);
    return label;
  }));
}

/** How well the guesses of the menus fit the answer, in a sentence; hides the menus. */
export function judgeGuesses(holder, { answer }) {
  const names = [NOTHING, ...answer.factors];
  const judged = [...holder.querySelectorAll("select")].map(({ value, dataset }) => {
    const latent = Number(dataset.latent);
    const truth = answer.matches.findIndex((m) => holds(m, latent) && m.verdict === "clear") + 1;
    return { latent, truth, guess: value === "" ? null : Number(value) };
  });
  const right = judged.filter(({ truth, guess }) => guess === truth).length;
  const each = judged.map(({ latent, truth, guess }) => `z${latent} is ${names[truth]}` +
    (guess === truth ? "" : ` (you said ${names[guess] ?? "nothing"})`));
  holder.hidden = true;
  return `${right} of ${judged.length} right: ${each.join(", ")}. The answer: ${answer.verdict}.`;
}
