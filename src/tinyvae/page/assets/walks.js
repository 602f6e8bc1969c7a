// Walks as pictures made beforehand, where the networks cannot run in the page.
import { bytesOf } from "./numbers.js";
import { showPicture } from "./pictures.js";
import { meaningOf } from "./words.js";

/** A slider for each latent, and the picture at which it stands. */
export function showWalks(holder, state) {
  const { model, guessing } = state;
  const { latents, shape, low, high } = model.walks ?? { latents: [] };
  holder.replaceChildren(...latents.map(({ latent, values, pixels }) => {
    const bytes = bytesOf(pixels);
    const count = bytes.length / values.length;
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
      const image = Array.from(bytes.subarray(step * count, (step + 1) * count),
        (byte) => low + ((high - low) * byte) / 255);
      showPicture(canvas, image, shape, model.range);
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
