// The (latent, factor) matrix of the answer, with the matching framed.
import { twoDigits } from "./numbers.js";

/** Draw the matrix; a chosen cell calls back with its latent. */
export function showMatrix(holder, state, play) {
  const { answer } = state.model;
  const table = document.createElement("table");
  table.append(headRow(answer, state.guessing));
  answer.share.forEach((shares, latent) => {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = `z${latent}`;
    const kl = document.createElement("span");
    kl.className = "kl";
    const { kl: nats, active } = answer.latents[latent];
    row.classList.toggle("dead", !active);
    kl.textContent = `${nats === null ? "" : `KL ${nats.toFixed(2)} nats`}${active ? "" : ", dead"}`;
    head.append(kl);
    row.append(head);
    shares.forEach((share, factor) => row.append(cell(state, latent, factor, share, play)));
    table.append(row);
  });
  holder.replaceChildren(table);
  if (!state.model.runs) table.querySelectorAll("button").forEach((one) => { one.disabled = true; });
}

function headRow(answer, guessing) {
  const row = document.createElement("tr");
  row.append(document.createElement("td"));
  answer.factors.forEach((name) => {
    const head = document.createElement("th");
    head.scope = "col";
    head.textContent = guessing ? "?" : name;
    row.append(head);
  });
  return row;
}

function matched(match, latent) {
  if (match.latent !== latent) return "";
  return match.verdict === "clear" ? "; the factor's own latent" : "; the nearest latent";
}

function cell(state, latent, factor, share, play) {
  const { answer } = state.model;
  const match = answer.matches[factor];
  const button = document.createElement("button");
  button.type = "button";
  if (state.guessing) {
    button.textContent = "?";
    button.setAttribute("aria-label", `walk z${latent}`);
  } else {
    const readout = answer.readout[latent][factor];
    const small = document.createElement("small");
    small.textContent = `readout ${twoDigits(readout)}`;
    button.append(twoDigits(share), small);
    button.style.background = `rgba(var(--cell), ${0.08 + 0.6 * (share ?? 0)})`;
    button.setAttribute("aria-label",
      `z${latent} and ${answer.factors[factor]}: share ${twoDigits(share)}, ` +
      `readout ${twoDigits(readout)}${matched(match, latent)}; walk z${latent}`);
    if (match.latent === latent) {
      button.classList.add("matched");
      if (match.verdict === "clear") button.classList.add("clear");
    }
  }
  button.addEventListener("click", () => play(latent));
  const holder = document.createElement("td");
  holder.append(button);
  return holder;
}
