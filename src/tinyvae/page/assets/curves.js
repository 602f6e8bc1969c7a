// Training curves of all models: ELBO, KL and every penalty; the model in use is bold.
import { textOf } from "./pictures.js";
import { endWords } from "./words.js";

const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [12, 4], [1, 2]];

const [LEAST_WIDTH, HEIGHT] = [280, 210]; // pixels of a panel

/** One panel a term, so many in a row as there is room for. */
export function showCurves(canvas, legend, models, chosen) {
  const styles = models.map((_, place) => styleOf(canvas, place, chosen));
  const panels = termsOf(models).map((term) => ({
    title: `${term.name}${term.unit ? `, ${term.unit}` : ""}`,
    ...textOf(canvas),
    curves: curvesOf(models, term.name, styles),
  })).filter(({ curves }) => curves.length);
  const ratio = window.devicePixelRatio || 1;
  const { width: whole } = canvas.getBoundingClientRect();
  const columns = Math.max(1, Math.min(panels.length, Math.floor(whole / LEAST_WIDTH)));
  const width = whole / columns;
  const height = Math.ceil(panels.length / columns) * HEIGHT;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(whole * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  panels.forEach((one, place) => {
    const corner = [(place % columns) * width, Math.floor(place / columns) * HEIGHT];
    panel(context, corner, [width, HEIGHT], one);
  });
  legend.replaceChildren(...models.map((model, place) => {
    const entry = document.createElement("li");
    const line = document.createElement("canvas");
    [line.width, line.height] = [40, 10];
    line.setAttribute("aria-hidden", "true");
    drawCurve(line.getContext("2d"), [[0, 5], [40, 5]], styles[place]);
    entry.append(line, endWords(model));
    return entry;
  }));
}

function styleOf(canvas, place, chosen) {
  return {
    colour: getComputedStyle(canvas).getPropertyValue(`--curve-${place % DASHES.length}`),
    dash: DASHES[place % DASHES.length],
    width: place === chosen ? 2.4 : 1.2,
  };
}

/** All terms that any model has, each once. */
function termsOf(models) {
  const all = models.flatMap(({ history }) => history.curves);
  return all.filter(({ name }, k) => all.findIndex((other) => other.name === name) === k);
}

/** Curves of one term, of the models that have it. */
function curvesOf(models, term, styles) {
  return models.flatMap(({ history }, place) => history.curves
    .filter(({ name, values }) => name === term && values.some((value) => value !== null))
    .map(({ values }) => ({ steps: history.step, values, ...styles[place] })));
}

function panel(context, [left, top], [width, height], { title, ink, font, curves }) {
  const [x0, x1, y0, y1] = [left + 62, left + width - 8, top + height - 26, top + 26];
  const all = curves.map(({ values }) =>
    values.filter((value) => value !== null).sort((a, b) => a - b));
  // the first steps of the ELBO are far below all others
  const low = Math.min(...all.map((values) => values[Math.floor(0.08 * values.length)]));
  const high = Math.max(...all.map((values) => values[values.length - 1]));
  const last = Math.max(...curves.map(({ steps }) => steps[steps.length - 1]));
  const span = Math.max(1e-6, high - low);
  const place = (step, value) => [
    x0 + ((x1 - x0) * step) / last,
    y0 + ((y1 - y0) * (Math.max(value, low) - low)) / span,
  ];
  context.font = font;
  context.fillStyle = ink;
  context.textAlign = "left";
  context.fillText(title, left + 4, top + 15, width - 8);
  context.textAlign = "right";
  context.fillText(inShort(high), x0 - 4, y1 + 5);
  const cut = all.some((values) => values[0] < low) ? "\u2264 " : "";
  context.fillText(`${cut}${inShort(low)}`, x0 - 4, y0 + 3);
  context.fillText(`step ${last}`, x1, top + height - 8);
  context.globalAlpha = 0.35;
  drawCurve(context, [[x0, y1], [x1, y1], [x1, y0], [x0, y0], [x0, y1]], { colour: ink, dash: [], width: 1 });
  context.globalAlpha = 1;
  for (const { steps, values, ...style } of curves) {
    drawCurve(context, steps.map((step, k) => values[k] === null ? null : place(step, values[k]))
      .filter((point) => point), style);
  }
}

function drawCurve(context, points, { colour, dash, width }) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.beginPath();
  points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
  context.setLineDash([]);
}

/** A number beside an axis: 0.024, -3.1, 1520. */
function inShort(value) {
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return Math.abs(value) >= 1 || value === 0 ? value.toFixed(1) : value.toPrecision(2);
}
