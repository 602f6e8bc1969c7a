// Pictures on canvases, and pictures out of files.
import { clamp } from "./numbers.js";

/** A picture of 0 to 1 on a canvas: grey, in colour, or a row of numbers as a line. */
export function showPicture(canvas, image, shape, range = [0, 1]) {
  if (isVector(shape)) {
    drawLine(canvas, image, range);
    return;
  }
  const [low, high] = range;
  const light = (value) => Math.round(255 * clamp((value - low) / (high - low), 0, 1));
  paintPixels(canvas, shape, (i) => colourAt(image, i, shape[2]).map(light));
}

/** Red, green and blue of a pixel; neither one nor three channels give their mean. */
function colourAt(image, pixel, channels) {
  if (channels === 3) return [image[3 * pixel], image[3 * pixel + 1], image[3 * pixel + 2]];
  let sum = 0;
  for (let k = 0; k < channels; k += 1) sum += image[pixel * channels + k];
  return Array(3).fill(sum / channels);
}

const isVector = ([height, , channels]) => height === 1 && channels === 1;

/** Blue where the first is darker, orange where it is lighter; of colours, the most. */
export function showDifference(canvas, first, second, shape, range = [0, 1]) {
  const span = range[1] - range[0];
  if (isVector(shape)) {
    drawLine(canvas, first.map((value, i) => value - second[i]), [-span / 2, span / 2]);
    return;
  }
  const none = window.matchMedia("(prefers-color-scheme: dark)").matches ? 40 : 255;
  const channels = shape[2];
  paintPixels(canvas, shape, (i) => {
    let most = 0;
    for (let k = i * channels; k < (i + 1) * channels; k += 1) {
      const one = (first[k] - second[k]) / span;
      if (Math.abs(one) > Math.abs(most)) most = one;
    }
    const difference = clamp(most, -1, 1);
    const rest = 1 - Math.abs(difference);
    const end = difference < 0 ? [0, 114, 178] : [213, 94, 0];
    return end.map((c) => Math.round(none * rest + c * (1 - rest)));
  });
}

function paintPixels(canvas, [height, width], colour) {
  sized(canvas, height, width);
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) {
    const [red, green, blue] = colour(i);
    pixels.data.set([red, green, blue, 255], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
}

function sized(canvas, height, width) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.style.aspectRatio = `${width} / ${height}`;
}

/** Numbers from left to right as a line, white on black; a thin line marks zero. */
function drawLine(canvas, values, [low, high]) {
  const [width, height, edge] = canvas.dataset.small ? [96, 60, 3] : [320, 200, 6];
  sized(canvas, height, width);
  const context = canvas.getContext("2d");
  const up = (value) =>
    height - edge - (height - 2 * edge) * clamp((value - low) / (high - low), 0, 1);
  context.fillStyle = "#000";
  context.fillRect(0, 0, width, height);
  context.lineWidth = 1;
  context.strokeStyle = "#777";
  context.beginPath();
  context.moveTo(0, up(0));
  context.lineTo(width, up(0));
  context.stroke();
  context.lineWidth = canvas.dataset.small ? 1 : 2;
  context.strokeStyle = "#fff";
  context.beginPath();
  const last = Math.max(1, values.length - 1);
  values.forEach((value, i) => {
    context.lineTo(edge + ((width - 2 * edge) * i) / last, up(value));
  });
  if (values.length === 1) context.lineTo(width - edge, up(values[0]));
  context.stroke();
}

/** Colour and font of small text on a canvas, as the page has them. */
export function textOf(canvas) {
  const { color, fontSize } = getComputedStyle(canvas);
  return { ink: color, font: `${0.78 * parseFloat(fontSize)}px system-ui, sans-serif` };
}

/** A picture file, scaled to the form of a world's pictures, grey or in colour. */
export async function readPicture(file, [height, width, channels]) {
  const bitmap = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "high"; // thin lines become grey, not nothing
  // whole and undistorted, with black beside it
  const scale = Math.min(width / bitmap.width, height / bitmap.height);
  const [wide, tall] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (width - wide) / 2, (height - tall) / 2, wide, tall);
  const { data } = context.getImageData(0, 0, width, height);
  const grey = (i) =>
    Math.round(0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255;
  return Float32Array.from({ length: height * width * channels }, (_, i) =>
    (channels === 3 ? data[4 * Math.floor(i / 3) + (i % 3)] / 255 : grey(Math.floor(i / channels))));
}
