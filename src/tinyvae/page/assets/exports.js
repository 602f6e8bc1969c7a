// Out of the page: pictures, walks, codes.
import { animatedGif, enlarged } from "./gif.js";

const WALK_STEPS = 24;

/** Latents along one of them, from end to end, the others as they are. */
export function walkOf(state, latent, steps = WALK_STEPS) {
  const [low, high] = state.model.ranges[latent];
  return Array.from({ length: steps }, (_, k) => {
    const moved = state.latent.slice();
    moved[latent] = low + ((high - low) * k) / (steps - 1);
    return moved;
  });
}

export function saveGif(state, latent) {
  const { shape, range: [low, high] } = state.model;
  const there = walkOf(state, latent)
    .map((z) => state.model.picture(z).map((value) => (value - low) / (high - low)));
  const frames = [...there, ...there.slice(1, -1).reverse()];
  const [height, width, channels] = shape;
  const times = Math.max(1, Math.round(192 / Math.max(height, width)));
  const bytes = animatedGif(frames.map((frame) => enlarged(frame, shape, times)),
    [height * times, width * times, channels]);
  save(new Blob([bytes], { type: "image/gif" }), `z${latent}.gif`);
}

/** Pictures side by side, with a title under each and a line under all. */
export function savePng(pictures, line) {
  const [side, gap, text] = [256, 8, 20];
  const sheet = document.createElement("canvas");
  sheet.width = pictures.length * (side + gap) - gap;
  sheet.height = side + 2 * text + gap;
  const context = sheet.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.fillStyle = "#000";
  context.font = "13px system-ui, sans-serif";
  pictures.forEach(([canvas, title], k) => {
    const part = side / Math.max(canvas.width, canvas.height);
    context.drawImage(canvas, k * (side + gap), 0, canvas.width * part, canvas.height * part);
    context.fillText(title, k * (side + gap) + 2, side + text - 4);
  });
  context.fillText(line, 2, side + 2 * text, sheet.width - 4);
  sheet.toBlob((blob) => save(blob, "view.png"), "image/png");
}

export function csvOf(model) {
  const { factors } = model.world;
  const head = [...factors.map(({ name }) => quoted(name)),
    ...Array.from({ length: model.latents }, (_, j) => `z${j}`)];
  const rows = [head.join(",")];
  for (let i = 0; i < model.numPoints; i += 1) {
    const labels = model.factorsOf(i).map((value, k) => {
      const { levels, low } = factors[k];
      return levels.length ? quoted(levels[value - low] ?? "") : Number(value.toPrecision(7));
    });
    const codes = Array.from(model.codeOf(i), (value) => value.toFixed(4));
    rows.push([...labels, ...codes].join(","));
  }
  return `${rows.join("\n")}\n`;
}

/** A text as a cell of a CSV file. */
function quoted(text) {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** How many codes the file has, where that is not all of the data. */
export function csvTitle({ numPoints, rows }) {
  return numPoints < rows ? `Codes as CSV (${numPoints} of ${rows})` : "Codes as CSV";
}

export function saveCsv(model) {
  save(new Blob([csvOf(model)], { type: "text/csv" }), "codes.csv");
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
