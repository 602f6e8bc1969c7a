// Which colour of the cloud is which value of the factor.
import { factorColour, levelColour } from "./colours.js";
import { shortNumber } from "./numbers.js";
import { textOf } from "./pictures.js";
import { element } from "./sliders.js";

/** A bar of colours from the lowest to the highest value, at the foot of a canvas. */
export function drawLegend(context, canvas, factor, canvasHeight) {
  if (factor.kind === "categorical") return;
  const { name, unit, kind, low, period } = factor;
  const high = kind === "circular" ? low + period : factor.high;
  const { ink, font } = textOf(canvas);
  context.font = font;
  const ends = [`${name} ${shortNumber(low)}`, `${shortNumber(high)} ${unit}`.trim()];
  const room = ends.reduce((sum, text) => sum + context.measureText(text).width, 16);
  const [left, top, width, height] = [12, canvasHeight - 20, Math.max(140, room), 8];
  for (let k = 0; k < width; k += 1) {
    context.fillStyle = factorColour(factor, low + ((high - low) * k) / (width - 1));
    context.fillRect(left + k, top, 1.5, height);
  }
  context.fillStyle = ink;
  context.fillText(ends[0], left, top - 5);
  context.textAlign = "right";
  context.fillText(ends[1], left + width, top - 5);
  context.textAlign = "left";
}

/** Levels of a categorical factor with their colours; nothing for others. */
export function showLevels(list, factor) {
  const levels = factor?.kind === "categorical" ? factor.levels : [];
  list.hidden = !levels.length;
  list.replaceChildren(...levels.map((name, level) => {
    const item = element("li");
    const patch = element("span");
    patch.style.background = levelColour(level);
    item.append(patch, name);
    return item;
  }));
}
