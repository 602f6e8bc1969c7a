// Marks of settings: a colour for each objective, a form for each of its settings.
import { shape } from "./svg.js";

const COLOURS = 6;
const polygon = (...points) => (r) =>
  `m${points.map(([x, y]) => `${(x * r).toFixed(2)} ${(y * r).toFixed(2)}`).join("l")}z`;

// each begins and moves relative to the middle of the mark
const FORMS = [
  (r) => `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  polygon([-0.9, -0.9], [1.8, 0], [0, 1.8], [-1.8, 0]),
  polygon([0, -1.2], [1.15, 2], [-2.3, 0]),
  polygon([0, -1.3], [1.3, 1.3], [-1.3, 1.3], [-1.3, -1.3]),
  polygon([0, 1.2], [-1.15, -2], [2.3, 0]),
  polygon([-0.4, -1.2], [0.8, 0], [0, 0.8], [0.8, 0], [0, 0.8], [-0.8, 0], [0, 0.8], [-0.8, 0], [0, -0.8], [-0.8, 0], [0, -0.8], [0.8, 0]),
  polygon([-1.2, 0], [2, -1.15], [0, 2.3]),
  polygon([1.2, 0], [-2, -1.15], [0, 2.3]),
];

/** Colour and form of each setting. */
export function marksOf(settings) {
  const used = new Map();
  return settings.map(({ objective }) => {
    // objectives begin with different forms, since two of the colours are both blue
    const form = used.get(objective) ?? objective;
    used.set(objective, form + 1);
    return { colour: `var(--curve-${objective % COLOURS})`, form: FORMS[form % FORMS.length] };
  });
}

/** The path of a mark in the middle of a place. */
export const markAt = ({ form }, x, y, radius) => `M${x.toFixed(1)} ${y.toFixed(1)}${form(radius)}`;

/** A mark alone, as a key shows it. */
export function keyMark(mark) {
  const svg = shape("svg", { width: 14, height: 14, class: "marked", "aria-hidden": "true" });
  svg.append(shape("path", { d: markAt(mark, 7, 7, 5), fill: mark.colour }));
  return svg;
}
