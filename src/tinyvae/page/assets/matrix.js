// The (latent, factor) matrix of the answer, with the matching framed.
import { twoDigits } from "./numbers.js";
import { holds } from "./words.js";

/** Draw the matrix of some latents; a chosen cell calls back with its latent. */
export function showMatrix(holder, state, shown, play) {
  const { answer, runs } = state.model;
  const table = document.createElement("table");
  table.append(headRow(answer));
  for (const latent of shown) {
    const row = document.createElement("tr");
    row.append(latentHead(answer, latent));
    row.classList.toggle("dead", !answer.latents[latent].active);
    const factors = answer.factors.map((_, factor) => factor);
    row.append(...factors.map((factor) => cell(state, latent, factor, play)));
    if (!factors.length) row.append(walkCell(latent, play));
    table.append(row);
  }
  holder.replaceChildren(table);
  if (!runs) table.querySelectorAll("button").forEach((one) => { one.disabled = true; });
}

function latentHead(answer, latent) {
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = `z${latent}`;
  const kl = document.createElement("span");
  kl.className = "kl";
  const { kl: nats, active } = answer.latents[latent];
  kl.textContent = `${nats === null ? "" : `KL ${nats.toFixed(2)} nats`}${active ? "" : ", dead"}`;
  head.append(kl);
  return head;
}

function headRow(answer) {
  const row = document.createElement("tr");
  row.append(document.createElement("td"));
  answer.factors.forEach((name) => {
    const head = document.createElement("th");
    head.scope = "col";
    head.textContent = name;
    row.append(head);
  });
  return row;
}

function matched(match, latent) {
  if (!holds(match, latent)) return "";
  return match.verdict === "clear" ? "; the factor's own latent" : "; the nearest latent";
}

/** Where no factor is known, there is only the walk. */
function walkCell(latent, play) {
  return buttonCell((button) => { button.textContent = `Walk z${latent}`; }, () => play(latent));
}

function buttonCell(fill, click) {
  const [holder, button] = ["td", "button"].map((tag) => document.createElement(tag));
  button.type = "button";
  fill(button);
  button.addEventListener("click", click);
  holder.append(button);
  return holder;
}

function cell(state, latent, factor, play) {
  const { answer } = state.model;
  const match = answer.matches[factor];
  return buttonCell((button) => {
    const [share, readout] = [answer.share[latent][factor], answer.readout[latent][factor]];
    const small = document.createElement("small");
    small.textContent = `readout ${twoDigits(readout)}`;
    button.append(twoDigits(share), small);
    button.style.background = `rgba(var(--cell), ${0.08 + 0.6 * (share ?? 0)})`;
    button.setAttribute("aria-label",
      `z${latent} and ${answer.factors[factor]}: share ${twoDigits(share)}, ` +
      `readout ${twoDigits(readout)}${matched(match, latent)}; walk z${latent}`);
    if (holds(match, latent)) {
      button.classList.add("matched");
      if (match.verdict === "clear") button.classList.add("clear");
    }
  }, () => play(latent));
}
