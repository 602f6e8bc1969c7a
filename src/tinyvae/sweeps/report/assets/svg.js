// Shapes of SVG, scales and ticks.

/** A shape with its attributes. */
export function shape(tag, attributes = {}, text = "") {
  const one = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.entries(attributes).forEach(([name, value]) => one.setAttribute(name, value));
  if (text) one.textContent = text;
  return one;
}

/** From values to pixels. */
export function scaled([low, high], [start, end]) {
  const span = high - low || 1;
  return (value) => start + ((end - start) * (value - low)) / span;
}

/** Round values within a range, about so many. */
export function ticks([low, high], about) {
  const rough = (high - low) / Math.max(1, about) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999));
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => ({
    value: (first + k) * step,
    text: tickText((first + k) * step, step),
  }));
}

function tickText(value, step) {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return (value === 0 ? 0 : value).toFixed(Math.min(decimals, 8));
}

const ruler = document.createElement("canvas").getContext("2d");

/** Pixels that a text takes in a plot. */
export function widthOf(text) {
  ruler.font = "12px system-ui, sans-serif";
  return ruler.measureText(text).width * 1.04;
}

/** The text, cut so that it fits. */
export function fitted(text, width) {
  if (widthOf(text) <= width) return text;
  let length = text.length;
  while (length > 1 && widthOf(`${text.slice(0, length)}\u2026`) > width) length -= 1;
  return `${text.slice(0, length).trimEnd()}\u2026`;
}
