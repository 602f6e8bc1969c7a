// Walks as pictures made beforehand, where the networks cannot run in the page.
import { bytesOf } from "./numbers.js";
import { showPicture } from "./pictures.js";
import { meaningOf } from "./words.js";

/** A slider for each latent, and the picture at which it stands. */
export function showWalks(holder, state) {
  const { model, guessing } = state;
  const { size } = model.world;
  holder.replaceChildren(...(model.walks ?? []).map(({ values, pixels }, latent) => {
    const bytes = bytesOf(pixels);
    const figure = document.createElement("figure");
    const canvas = document.createElement("canvas");
    const caption = document.createElement("figcaption");
    const range = document.createElement("input");
    canvas.className = "picture small";
    canvas.setAttribute("role", "img");
    Object.assign(range, {
      type: "range", min: 0, max: values.length - 1, value: Math.floor(values.length / 2),
    });
    range.setAttribute("aria-label", `z${latent}`);
    const show = () => {
      const step = Number(range.value);
      const image = bytes.subarray(step * size * size, (step + 1) * size * size);
      showPicture(canvas, Array.from(image, (byte) => byte / 255), size);
      const value = `z${latent} ${values[step].toFixed(2)}`;
      canvas.setAttribute("aria-label", `picture decoded with ${value}, the others held`);
      range.setAttribute("aria-valuetext", value);
      caption.textContent = `${value}${meaningOf(model, latent, guessing)}`;
    };
    range.addEventListener("input", show);
    show();
    figure.append(canvas, range, caption);
    return figure;
  }));
}
