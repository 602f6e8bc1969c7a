// Pointer and keys on the picture: move what it shows, paint, erase.
import { ARROWS, clamp } from "./numbers.js";

/**
 * Drag, paint and erase on the picture, with the pointer or with keys.
 *
 * `tool()` is move, paint or erase; `brush` is a box that shows the pixel on which keys
 * paint; `say` tells it to who does not see.
 */
export function listenToPicture(canvas, state, { tool, brush, say }) {
  const size = () => state.model.world.size;
  const paints = () => tool() !== "move";
  const pixel = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top].map((offset, axis) =>
      clamp(Math.floor((offset / (axis ? box.height : box.width)) * size()), 0, size() - 1));
  };
  const paint = (from, to) =>
    state.setImage(stroke(state.image, size(), from, to, tool() === "paint" ? 1 : 0));

  let last = null; // the pixel under the pointer, while it is held
  let grip = [0, 0]; // from the pointer to the centre of the circle that it holds
  const drag = ([x, y]) => {
    if (paints()) {
      paint(last, [x, y]);
      at = [x, y];
      showBrush();
    } else if (state.own) state.move(x - last[0], y - last[1]);
    else state.setFactors([state.factors[0], x + grip[0], y + grip[1]]);
    last = [x, y];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = pixel(event);
    const held = state.image[y * size() + x] > 0.5;
    grip = held ? [state.factors[1] - x, state.factors[2] - y] : [0, 0];
    last = [x, y];
    drag(last);
  });
  canvas.addEventListener("pointermove", (event) => { if (last) drag(pixel(event)); });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => { last = null; });
  }

  let at = [0, 0]; // the pixel on which keys paint
  const showBrush = () => {
    brush.hidden = !(paints() && canvas === document.activeElement);
    const part = 100 / size();
    Object.assign(brush.style, {
      left: `${at[0] * part}%`, top: `${at[1] * part}%`, width: `${2 * part}%`, height: `${2 * part}%`,
    });
  };
  canvas.addEventListener("focus", showBrush);
  canvas.addEventListener("blur", showBrush);
  canvas.addEventListener("keydown", (event) => {
    const step = ARROWS[event.key];
    const grow = state.own ? undefined : { "+": 1, "=": 1, "-": -1 }[event.key];
    const press = event.key === " " || event.key === "Enter";
    if (!step && !(paints() ? press : grow)) return;
    event.preventDefault();
    if (!paints()) {
      if (step) state.move(...step);
      else state.setFactors([state.factors[0] + grow, state.factors[1], state.factors[2]]);
      return;
    }
    const from = at;
    if (step) at = at.map((value, axis) => clamp(value + step[axis], 0, size() - 1));
    if (press || event.shiftKey) paint(from, at);
    showBrush();
    const light = state.image[at[1] * size() + at[0]] > 0.5 ? "white" : "black";
    say(`x ${at[0]}, y ${at[1]}: ${light}`);
  });
}

/** The picture with a line of 2x2 dots from one pixel to another, without gaps. */
function stroke(picture, size, [fromX, fromY], [toX, toY], light) {
  const image = picture.slice();
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
