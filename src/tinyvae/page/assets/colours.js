// Colours of factors: along a line, round a circle, one a level.
import { clamp } from "./numbers.js";

const VIRIDIS = [
  [68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141],
  [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37],
];

/** Colour of a number from 0 to 1, the same steps for every eye. */
export function viridis(value) {
  const place = clamp(value, 0, 1) * (VIRIDIS.length - 1);
  const first = Math.min(VIRIDIS.length - 2, Math.floor(place));
  const part = place - first;
  return VIRIDIS[first].map((c, k) =>
    Math.round(c + part * (VIRIDIS[first + 1][k] - c)));
}

/** Colours of levels: told apart by every eye (Okabe and Ito), then further hues. */
const LEVELS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#999933"];

/** Colour of one of many levels. */
export function levelColour(level) {
  return LEVELS[level] ?? `oklch(${level % 2 ? 0.72 : 0.58} 0.12 ${(level * 137.5) % 360})`;
}

/** Colour of a place on a circle, 0 to 1: where it closes, the colours meet. */
export const circleColour = (part) => `oklch(0.7 0.13 ${(360 * part).toFixed(1)})`;

/** Colour of a value from 0 to 1; the darkest purple would be lost on a dark page. */
export const lineColour = (part) => `rgb(${viridis(0.12 + 0.88 * part).join()})`;

/** Colour of a value of a factor. */
export function factorColour({ kind, low, high, period }, value) {
  if (!Number.isFinite(value)) return "rgb(128,128,128)";
  if (kind === "categorical") return levelColour(Math.round(value - low));
  if (kind === "circular") return circleColour((((value - low) / period) % 1 + 1) % 1);
  return lineColour((value - low) / Math.max(1e-9, high - low));
}
