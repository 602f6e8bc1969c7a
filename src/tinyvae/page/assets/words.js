// What is shown, in words: for those who read, and for those who only hear.
import { twoDigits } from "./numbers.js";

/** What a latent means: "radius, share 0.99" where it is a factor's. */
export function meaningOf(model, latent, guessing) {
  const { answer } = model;
  const { active, kl } = answer.latents[latent];
  if (!active) return ` dead: it carries almost nothing, KL ${kl?.toFixed(2) ?? "unknown"} nats`;
  if (guessing) return "";
  const match = answer.matches.find((m) => m.latent === latent);
  if (!match) return ": no factor";
  const share = `share ${twoDigits(match.share)}`;
  if (match.verdict === "clear") return `: ${match.factor}, ${share}`;
  if (match.verdict === "folded") return `: folds ${match.factor}, ${share}`;
  return `: a mixture, most like ${match.factor} (${share})`;
}

/** What the numbers on the factors' sliders are, where they are not the truth. */
export function sourceOf({ source, own, found }) {
  if (own) return found ? " (measured in your picture)" : " (no circle in your picture)";
  if (source !== "latent") return "";
  return found ? " (nearest to the decoded picture)" : " (no circle in the decoded picture)";
}

export function circleWords({ factors: [radius, x, y], own, found }) {
  if (own) return `your own picture${found ? "" : ", black"}`;
  return `circle of radius ${radius} at x ${x}, y ${y} pixels`;
}

export function decodedWords({ latent }) {
  return `picture decoded from ${latent.map((value, j) => `z${j} ${value.toFixed(2)}`).join(", ")}`;
}

export function differenceWords({ decoded, image }) {
  const most = Math.max(...decoded.map((light, i) => Math.abs(light - image[i])));
  return "decoded minus input: blue where it is darker, orange where it is lighter; " +
    `at most ${most.toFixed(2)} of white`;
}

/**
 * How far outside the data the person is: with the latents by the nearest code, with a
 * picture by its reconstruction error.
 */
export function outsideWords({ model, image, posterior, latent, source }) {
  if (source === "latent") {
    const { far, apart } = model.distance(latent);
    const place = far > apart ? "outside the data's codes" : "among the data's codes";
    return `These latents lie ${place}: the nearest code is ${far.toFixed(2)} away, ` +
      `and codes are up to ${apart.toFixed(2)} apart.`;
  }
  const nats = model.error(image, posterior.mean);
  const above = model.errors.filter((error) => error < nats).length;
  const most = model.errors[model.errors.length - 1];
  const place = nats > 1.05 * most
    ? `outside the data: no picture of it is above ${most.toFixed(0)} nats`
    : `within the data: about ${Math.max(0, above - 1)} in 100 of its pictures have less`;
  return `Reconstruction error ${nats.toFixed(1)} nats, ${place}.`;
}

export function cloudWords({ model, guessing }) {
  return `${model.numPoints} codes; ` +
    (guessing ? "names hidden" : model.answer.sentences.join("; "));
}

/** Where a model's training ended, over all pictures. */
export function endWords({ name, answer }) {
  const value = (term) => answer[term]?.toFixed(2) ?? "unknown";
  return `${name}: at the end, over all pictures, ELBO ${value("elbo")}, KL ${value("kl")}, ` +
    `total correlation ${value("total_correlation")} nats`;
}

/** Python that trains the model, and decodes where the latents stand. */
export function pythonWords({ model, latent }) {
  if (!model.runs) return model.python;
  const point = latent.map((value) => value.toFixed(3)).join(", ");
  return `${model.python.replace("import tinyvae as tv", "import numpy as np\nimport tinyvae as tv")}\n` +
    `run.decode(np.array([[${point}]]))  # the picture at these latents`;
}
