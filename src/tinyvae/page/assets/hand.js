// Pointer and keys on the picture: move what it shows, paint, erase.
import { ARROWS, clamp } from "./numbers.js";

export const BRUSH_HINTS = {
  paint: "Draw with the pointer. With keys: arrows move the brush, Space paints, Shift and arrows draw a line.",
  erase: "Rub out with the pointer. With keys: arrows move the brush, Space erases, Shift and arrows erase a line.",
};

/**
 * Drag, paint and erase on the picture, with the pointer or with keys.
 *
 * `tool()` is move, paint or erase; `brush` is a box that shows the pixel on which keys
 * paint; `say` tells it to who does not see.
 */
export function listenToPicture(canvas, state, { tool, brush, say }) {
  const touched = () => state.model.runs && (state.world.moved || state.model.binary);
  const sides = () => [state.model.shape[1], state.model.shape[0]]; // width, height
  const paints = () => tool() !== "move";
  const pixel = (event) => {
    const box = canvas.getBoundingClientRect();
    const [width, height] = sides();
    return [
      clamp(Math.floor(((event.clientX - box.left) / box.width) * width), 0, width - 1),
      clamp(Math.floor(((event.clientY - box.top) / box.height) * height), 0, height - 1),
    ];
  };
  const lit = ([x, y]) => state.image[y * sides()[0] + x] > 0.5;
  const paint = (from, to) =>
    state.setImage(stroke(state.image, sides(), from, to, tool() === "paint" ? 1 : 0));

  let last = null; // the pixel under the pointer, while it is held
  let grip = [0, 0]; // from the pointer to the centre of the circle that it holds
  const drag = ([x, y]) => {
    const { world } = state;
    if (paints()) {
      paint(last, [x, y]);
      at = [x, y];
      showBrush();
    } else if (world.centred && !state.own) {
      state.show(world.centred(state.factors, x + grip[0], y + grip[1]));
    } else if (x !== last[0] || y !== last[1]) state.move(x - last[0], y - last[1]);
    last = [x, y];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !touched()) return;
    canvas.setPointerCapture(event.pointerId);
    last = pixel(event);
    grip = state.world.grip && lit(last) ? state.world.grip(state.factors, ...last) : [0, 0];
    drag(last);
  });
  canvas.addEventListener("pointermove", (event) => { if (last) drag(pixel(event)); });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => { last = null; });
  }

  let at = [0, 0]; // the pixel on which keys paint
  const showBrush = () => {
    brush.hidden = !(paints() && touched() && canvas === document.activeElement);
    const [wide, tall] = sides().map((side) => 100 / side);
    Object.assign(brush.style, {
      left: `${at[0] * wide}%`, top: `${at[1] * tall}%`, width: `${2 * wide}%`, height: `${2 * tall}%`,
    });
  };
  canvas.addEventListener("focus", showBrush);
  canvas.addEventListener("blur", showBrush);
  canvas.addEventListener("keydown", (event) => {
    if (!touched()) return;
    const { world } = state;
    const step = ARROWS[event.key];
    const grow = state.own || !world.moved ? undefined : { "+": 1, "=": 1, "-": -1 }[event.key];
    const press = event.key === " " || event.key === "Enter";
    if (!step && !(paints() ? press : grow)) return;
    event.preventDefault();
    if (!paints()) {
      if (step) state.move(...step);
      else state.show(world.moved(state.factors, 0, 0, grow));
      return;
    }
    const from = at;
    if (step) at = at.map((value, axis) => clamp(value + step[axis], 0, sides()[axis] - 1));
    if (press || event.shiftKey) paint(from, at);
    showBrush();
    say(`x ${at[0]}, y ${at[1]}: ${lit(at) ? "white" : "black"}`);
  });
}

/** The picture with a line of 2x2 dots from one pixel to another, without gaps. */
function stroke(picture, [width, height], [fromX, fromY], [toX, toY], light) {
  const image = picture.slice();
  const steps = Math.max(1, Math.abs(toX - fromX), Math.abs(toY - fromY));
  for (let k = 0; k <= steps; k += 1) {
    const x = Math.round(fromX + ((toX - fromX) * k) / steps);
    const y = Math.round(fromY + ((toY - fromY) * k) / steps);
    for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
      const [column, row] = [x + dx, y + dy];
      if (column < width && row < height) image[row * width + column] = light;
    }
  }
  return image;
}
