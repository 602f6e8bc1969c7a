// Pictures on canvases, and the pointer and keys on the first of them.
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
  paintPixels(canvas, size, (i) => {
    const difference = clamp(first[i] - second[i], -1, 1);
    const rest = 1 - Math.abs(difference);
    const end = difference < 0 ? [0, 114, 178] : [213, 94, 0];
    return end.map((c) => Math.round(255 * rest + c * (1 - rest)));
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

/** Drag, paint and erase on the picture; arrow keys, + and - move the circle. */
export function listenToPicture(canvas, state, tool) {
  const pixel = (event) => {
    const box = canvas.getBoundingClientRect();
    const size = state.model.world.size;
    return [event.clientX - box.left, event.clientY - box.top].map((offset, axis) =>
      clamp(Math.floor((offset / (axis ? box.height : box.width)) * size), 0, size - 1));
  };
  let last = null; // the pixel under the pointer, while it is held
  let grip = [0, 0]; // from the pointer to the centre of the circle that it holds
  const use = ([x, y]) => {
    if (tool() === "move") state.setFactors([state.factors[0], x + grip[0], y + grip[1]]);
    else state.setImage(stroke(state, last, [x, y], tool() === "paint" ? 1 : 0));
    last = [x, y];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = pixel(event);
    const held = state.image[y * state.model.world.size + x] > 0.5;
    grip = held ? [state.factors[1] - x, state.factors[2] - y] : [0, 0];
    last = [x, y];
    use(last);
  });
  canvas.addEventListener("pointermove", (event) => { if (last) use(pixel(event)); });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => { last = null; });
  }
  canvas.addEventListener("keydown", (event) => {
    const step = {
      ArrowLeft: [0, -1, 0], ArrowRight: [0, 1, 0], ArrowUp: [0, 0, -1], ArrowDown: [0, 0, 1],
      "+": [1, 0, 0], "=": [1, 0, 0], "-": [-1, 0, 0],
    }[event.key];
    if (!step) return;
    event.preventDefault();
    state.setFactors(state.factors.map((value, place) => value + step[place]));
  });
}

/** The picture with a line of 2x2 dots from one pixel to another, without gaps. */
function stroke(state, [fromX, fromY], [toX, toY], light) {
  const { size } = state.model.world;
  const image = state.image.slice();
  const steps = Math.max(1, Math.abs(toX - fromX), Math.abs(toY - fromY));
  for (let k = 0; k <= steps; k += 1) {
    const x = Math.round(fromX + ((toX - fromX) * k) / steps);
    const y = Math.round(fromY + ((toY - fromY) * k) / steps);
    for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
      const [column, row] = [x + dx, y + dy];
      if (column < size && row < size) image[row * size + column] = light;
    }
  }
  return image;
}

/** A picture file, made grey and scaled to the size of the world. */
export async function readPicture(file, size) {
  const bitmap = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext("2d");
  context.fillRect(0, 0, size, size);
  // whole and undistorted, with black beside it
  const scale = size / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  context.drawImage(bitmap, (size - width) / 2, (size - height) / 2, width, height);
  const { data } = context.getImageData(0, 0, size, size);
  return Float32Array.from({ length: size * size }, (_, i) =>
    (0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2]) / 255);
}
