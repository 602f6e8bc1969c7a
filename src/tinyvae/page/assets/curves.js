// Training curves of the model: its ELBO and terms, in nats.

const SHOWN = [
  ["elbo", "ELBO", "#0072b2"],
  ["kl", "KL", "#d55e00"],
  ["total_correlation", "total correlation", "#009e73"],
];

/** One panel a curve, side by side, or one above the other where it is narrow. */
export function showCurves(canvas, model) {
  const ratio = window.devicePixelRatio || 1;
  const box = canvas.getBoundingClientRect();
  canvas.width = Math.round(box.width * ratio);
  canvas.height = Math.round(box.height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  // a term that the objective does not have is 0 throughout
  const shown = SHOWN.filter(([name]) => model.history[name].some((value) => value));
  const stacked = box.width < 560;
  const width = stacked ? box.width : box.width / shown.length;
  const height = stacked ? box.height / shown.length : box.height;
  shown.forEach(([name, title, colour], place) => {
    const corner = stacked ? [0, place * height] : [place * width, 0];
    panel(context, corner, [width, height], {
      title,
      colour,
      ink: getComputedStyle(canvas).color,
      steps: model.history.step,
      values: model.history[name],
    });
  });
}

function panel(context, [left, top], [width, height], { title, colour, ink, steps, values }) {
  const [x0, x1, y0, y1] = [left + 62, left + width - 8, top + height - 26, top + 26];
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0) return;
  // the first steps of the ELBO are far below all others
  const low = known[Math.floor(0.08 * known.length)];
  const high = known[known.length - 1];
  const span = Math.max(1e-6, high - low);
  const toX = (step) => x0 + ((x1 - x0) * step) / steps[steps.length - 1];
  const toY = (value) => y0 + ((y1 - y0) * (Math.max(value, low) - low)) / span;
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = ink;
  context.textAlign = "left";
  context.fillText(`${title}, nats`, x0, top + 15);
  context.textAlign = "right";
  context.fillText(high.toFixed(1), x0 - 4, y1 + 5);
  const cut = known[0] < low ? "\u2264 " : "";
  context.fillText(`${cut}${low.toFixed(1)}`, x0 - 4, y0 + 3);
  context.fillText(`step ${steps[steps.length - 1]}`, x1, top + height - 8);
  context.strokeStyle = ink;
  context.globalAlpha = 0.35;
  context.strokeRect(x0, y1, x1 - x0, y0 - y1);
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = 1.8;
  context.beginPath();
  let started = false;
  values.forEach((value, k) => {
    if (value === null) return;
    if (started) context.lineTo(toX(steps[k]), toY(value));
    else context.moveTo(toX(steps[k]), toY(value));
    started = true;
  });
  context.stroke();
}
