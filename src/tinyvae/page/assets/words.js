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
  return `: no factor alone; nearest is ${match.factor}, ${share}`;
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

/** How far outside the data the picture lies, by its reconstruction error. */
export function outsideWords({ model, image, posterior }) {
  const nats = model.error(image, posterior.mean);
  const above = model.errors.filter((error) => error < nats).length;
  const most = model.errors[model.errors.length - 1];
  const place = nats > 1.05 * most
    ? `outside the data: no picture of it is above ${most.toFixed(0)} nats`
    : `within the data: about ${Math.max(0, above - 1)} in 100 of its pictures have less`;
  return `Reconstruction error ${nats.toFixed(1)} nats, ${place}.`;
}

export function cloudWords({ model, guessing }) {
  return `${model.points.length / model.latents} codes in three dimensions; ` +
    (guessing ? "names hidden" : model.answer.sentences.join("; "));
}

export function curvesWords(models) {
  const value = (answer, name) => answer[name]?.toFixed(2) ?? "unknown";
  return `training curves; at the end ${models.map(({ name, answer }) =>
    `${name}: ELBO ${value(answer, "elbo")}, KL ${value(answer, "kl")}, total correlation ` +
    `${value(answer, "total_correlation")} nats`).join("; ")}`;
}

/** Python that trains the model, and decodes where the latents stand. */
export function pythonWords({ model, latent }) {
  if (!model.runs) return model.python;
  const point = latent.map((value) => value.toFixed(3)).join(", ");
  return `${model.python.replace("import tinyvae as tv", "import numpy as np\nimport tinyvae as tv")}\n` +
    `run.decode(np.array([[${point}]]))  # the picture at these latents`;
}
