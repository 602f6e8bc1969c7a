// Pictures on canvases, and pictures out of files.
import { clamp } from "./numbers.js";

/** Pixels of 0 to 1, black to white. */
export function showPicture(canvas, image, size) {
  paintPixels(canvas, size, (i) => {
    const light = Math.round(255 * clamp(image[i], 0, 1));
    return [light, light, light];
  });
}

/** Pixels of -1 to 1: blue where the first is darker, orange where it is lighter. */
export function showDifference(canvas, first, second, size) {
  const none = window.matchMedia("(prefers-color-scheme: dark)").matches ? 40 : 255;
  paintPixels(canvas, size, (i) => {
    const difference = clamp(first[i] - second[i], -1, 1);
    const rest = 1 - Math.abs(difference);
    const end = difference < 0 ? [0, 114, 178] : [213, 94, 0];
    return end.map((c) => Math.round(none * rest + c * (1 - rest)));
  });
}

function paintPixels(canvas, size, colour) {
  if (canvas.width !== size) { canvas.width = size; canvas.height = size; }
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(size, size);
  for (let i = 0; i < size * size; i += 1) {
    const [red, green, blue] = colour(i);
    pixels.data.set([red, green, blue, 255], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
}

/** Colour and font of small text on a canvas, as the page has them. */
export function textOf(canvas) {
  const { color, fontSize } = getComputedStyle(canvas);
  return { ink: color, font: `${0.78 * parseFloat(fontSize)}px system-ui, sans-serif` };
}

/** A picture file, made grey and scaled to the size of the world. */
export async function readPicture(file, size) {
  const bitmap = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext("2d");
  context.fillRect(0, 0, size, size);
  context.imageSmoothingQuality = "high"; // thin lines become grey, not nothing
  // whole and undistorted, with black beside it
  const scale = size / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (size - width) / 2, (size - height) / 2, width, height);
  const { data } = context.getImageData(0, 0, size, size);
  return Float32Array.from({ length: size * size }, (_, i) =>
    Math.round(0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255);
}
