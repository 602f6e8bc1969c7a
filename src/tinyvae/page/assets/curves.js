// Training curves of all models: ELBO and terms, in nats; the model in use is bold.
import { textOf } from "./pictures.js";
import { endWords } from "./words.js";

const SHOWN = [
  ["elbo", "ELBO"],
  ["kl", "KL"],
  ["total_correlation", "total correlation in a minibatch"],
];
const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [12, 4], [1, 2]];

/** One panel a term, side by side, or one above the other where it is narrow. */
export function showCurves(canvas, legend, models, chosen) {
  const ratio = window.devicePixelRatio || 1;
  const box = canvas.getBoundingClientRect();
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round(box.height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const styles = models.map((_, place) => styleOf(canvas, place, chosen));
  const panels = SHOWN.map(([name, title]) =>
    ({ title, ...textOf(canvas), curves: curvesOf(models, name, styles) }))
    .filter(({ curves }) => curves.length);
  const stacked = box.width < 560;
  const width = stacked ? box.width : box.width / panels.length;
  const height = stacked ? box.height / panels.length : box.height;
  panels.forEach((one, place) => {
    panel(context, stacked ? [0, place * height] : [place * width, 0], [width, height], one);
  });
  legend.replaceChildren(...models.map((model, place) => {
    const entry = document.createElement("li");
    const line = document.createElement("canvas");
    [line.width, line.height] = [40, 10];
    line.setAttribute("aria-hidden", "true");
    draw(line.getContext("2d"), [[0, 5], [40, 5]], styles[place]);
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

/** Curves of one term; one that an objective does not have is 0 throughout. */
function curvesOf(models, name, styles) {
  return models.map(({ history }, place) =>
    ({ steps: history.step, values: history[name], ...styles[place] }))
    .filter(({ values }) => values.some((value) => value));
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
  context.fillText(`${title}, nats`, left + 4, top + 15, width - 8);
  context.textAlign = "right";
  context.fillText(high.toFixed(1), x0 - 4, y1 + 5);
  const cut = all.some((values) => values[0] < low) ? "\u2264 " : "";
  context.fillText(`${cut}${low.toFixed(1)}`, x0 - 4, y0 + 3);
  context.fillText(`step ${last}`, x1, top + height - 8);
  context.globalAlpha = 0.35;
  draw(context, [[x0, y1], [x1, y1], [x1, y0], [x0, y0], [x0, y1]], { colour: ink, dash: [], width: 1 });
  context.globalAlpha = 1;
  for (const { steps, values, ...style } of curves) {
    draw(context, steps.map((step, k) => values[k] === null ? null : place(step, values[k]))
      .filter((point) => point), style);
  }
}

function draw(context, points, { colour, dash, width }) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.beginPath();
  points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.stroke();
  context.setLineDash([]);
}
