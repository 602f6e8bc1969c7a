// Predict, then reveal: which latent is which factor?

const NOTHING = "nothing clear";

/** Menus to guess with, one a latent. */
export function showGuesses(holder, { answer }) {
  holder.hidden = false;
  holder.replaceChildren(...answer.latents.map((_, latent) => {
    const label = document.createElement("label");
    const select = document.createElement("select");
    select.append(new Option("choose", ""));
    select.append(...[NOTHING, ...answer.factors].map((name, place) => new Option(name, place)));
    label.append(`z${latent} is `, select);
    return label;
  }));
}

/** How well the guesses of the menus fit the answer, in a sentence; hides the menus. */
export function judgeGuesses(holder, { answer }) {
  const truth = answer.latents.map((_, latent) =>
    answer.matches.findIndex((m) => m.latent === latent && m.verdict === "clear") + 1);
  const guesses = [...holder.querySelectorAll("select")].map(({ value }) =>
    (value === "" ? null : Number(value)));
  const names = [NOTHING, ...answer.factors];
  const right = guesses.filter((guess, latent) => guess === truth[latent]).length;
  const each = truth.map((place, latent) => `z${latent} is ${names[place]}` +
    (guesses[latent] === place ? "" : ` (you said ${names[guesses[latent]] ?? "nothing"})`));
  holder.hidden = true;
  return `${right} of ${truth.length} right: ${each.join(", ")}. The answer: ${answer.verdict}.`;
}
