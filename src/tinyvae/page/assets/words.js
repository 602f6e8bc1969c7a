// What is shown, in words: for those who read, and for those who only hear.
import { listed, shortNumber, twoDigits } from "./numbers.js";

/** Whether a latent is a match's own, or one of its group: a circle has two. */
export function holds(match, latent) {
  return match.group?.length ? match.group.includes(latent) : match.latent === latent;
}

/** What a latent means: "radius, share 0.99" where it is a factor's. */
export function meaningOf(model, latent, guessing) {
  const { answer } = model;
  const { active, kl } = answer.latents[latent];
  if (guessing) return "";
  if (!active) return ` dead: it carries almost nothing, KL ${kl?.toFixed(2) ?? "unknown"} nats`;
  if (!answer.factors.length) return "";
  const match = answer.matches.find((m) => holds(m, latent));
  const alone = match && `${match.factor}, share ${twoDigits(match.share)}`;
  if (match?.verdict === "clear") return `: ${alone}`;
  if (match?.verdict === "folded") return `: folds ${alone}`;
  if (match?.verdict === "partial") return `: partly ${alone}`;
  const largest = largestShare(answer, latent);
  if (largest === null) return ": no factor";
  const { factor, share } = largest;
  return `: a mixture; its largest part is ${factor} (share ${twoDigits(share)})`;
}

/** The same as a sentence goes on, without numbers: "is x". */
export function plainMeaning({ answer }, latent) {
  if (!answer.latents[latent].active) return "does almost nothing";
  const match = answer.matches.find((m) => holds(m, latent) && m.verdict in MEANINGS);
  if (match) return MEANINGS[match.verdict](match.factor);
  const largest = largestShare(answer, latent);
  return largest ? `is no factor alone; its largest part is ${largest.factor}` : "is no factor";
}

const MEANINGS = {
  clear: (factor) => `is ${factor}`,
  folded: (factor) => `depends on ${factor} only, but does not run along it`,
  partial: (factor) => `is partly ${factor}`,
};

/** For each factor where it is found, without numbers. */
export function plainSentences({ answer }) {
  return answer.matches.map((match) => {
    const { factor, latent, group, verdict, seen } = match;
    const own = group?.length ? listed(group.map((one) => `z${one}`)) : `z${latent}`;
    if (verdict === "clear") return `${factor} is ${own}${seen ? `: larger ${own}, ${seen}` : ""}.`;
    if (verdict === "folded") return `${own} depends on ${factor} only, but does not run along it.`;
    if (verdict === "partial") return `${factor} is partly ${own}, but ${listed(shortcomings(match))}.`;
    if (verdict === "missing") return `${factor} is in no latent.`;
    if (verdict === "undefined") return `${factor}: these pictures do not tell.`;
    if (group?.length) return `${factor} is shared by ${own}.`;
    if (latent !== null && match.why === "factors" && match.held_too) {
      return `${own} comes nearest to ${factor}, but holds ${match.held_too} too.`;
    }
    return `${factor} is shared: no latent holds it alone.`;
  });
}

const MOST_REASONS = 2;

/** Why a latent is a factor's only in part: the reasons that tell most come first. */
function shortcomings({ factor, short }) {
  const said = {
    share: "it also changes with other things",
    other_readout: `another latent tells of ${factor} too`,
    readout: `it does not tell ${factor} exactly`,
    spearman: `it does not grow or fall steadily with ${factor}`,
  };
  const failed = short.map(({ threshold }) => threshold);
  return Object.keys(said).filter((one) => failed.includes(one)).slice(0, MOST_REASONS)
    .map((one) => said[one]);
}

const SMALLEST_SHARE = 0.05; // as in the figure of traversals; below is next to nothing

/** The factor with the largest share of a latent; null where every share is small. */
export function largestShare(answer, latent) {
  const shares = answer.share[latent].map((share) => share ?? 0);
  const share = Math.max(...shares);
  return share < SMALLEST_SHARE ? null : { factor: answer.factors[shares.indexOf(share)], share };
}

/** What the pictures of a model are, and how many of them the page holds. */
export function worldWords({ model: { world, pictures, rows } }) {
  if (!pictures) return world.describe;
  const shrunk = pictures.shrunk > 1 ? ` It shows them ${pictures.shrunk} times smaller.` : "";
  const held = pictures.count < rows ? ` This page holds ${pictures.count} of them.` : "";
  return `${world.describe}.${held}${shrunk}`;
}

export function decodedWords({ model, latent }) {
  const shown = model.shownLatents(false).map((j) => `z${j} ${latent[j].toFixed(2)}`);
  const rest = shown.length < latent.length ? " and others" : "";
  return `picture decoded from ${shown.join(", ")}${rest}`;
}

export function differenceWords({ model, decoded, image }) {
  const [low, high] = model.range;
  const most = decoded.reduce((best, light, i) => Math.max(best, Math.abs(light - image[i])), 0);
  if (model.vector) return `decoded minus input, at most ${shortNumber(most)} to either side`;
  return "decoded minus input: blue where it is darker, orange where it is lighter; " +
    `at most ${(most / (high - low)).toFixed(2)} of white`;
}

/**
 * How far outside the data the person is: with the latents by the nearest code, with a
 * picture by its reconstruction error.
 */
export function outsideWords({ model, image, posterior, latent, source }) {
  if (!model.runs) return "";
  if (source === "latent") {
    const { far, apart } = model.distance(latent);
    const place = far > apart ? "outside the data's codes" : "among the data's codes";
    return `These latents lie ${place}: the nearest code is ${far.toFixed(2)} away. ` +
      `Codes of the data have a neighbour within ${apart.toFixed(2)}.`;
  }
  const nats = model.error(image, posterior.mean);
  const less = Math.max(0, model.errors.filter((error) => error < nats).length - 1);
  const [least, most] = [model.errors[0], model.errors.at(-1)];
  const outside = nats > most + 0.05 * Math.max(Math.abs(most), most - least);
  const place = outside
    ? `outside the data: the largest error of its pictures is ${most.toFixed(0)} nats`
    : `within the data: ${less} % of its pictures have a smaller error`;
  return `Reconstruction error ${nats.toFixed(1)} nats, ${place}.` +
    (model.densities && Math.min(nats, least) < 0
      ? " The error is minus a log density, so it may be below 0." : "");
}

export function cloudWords({ model, guessing }) {
  return `${model.numPoints} codes; ` +
    (guessing ? "names hidden" : model.answer.sentences.join("; "));
}

/** Where a model's training ended, over the pictures that its answer rests on. */
export function endWords({ name, answer }) {
  const value = (term) => answer[term]?.toFixed(2) ?? "unknown";
  return `${name}: at the end, over the pictures of the answer, ELBO ${value("elbo")}, KL ${value("kl")}, ` +
    `total correlation of the aggregate posterior ${value("total_correlation")} nats`;
}

/** Python that trains the model, and decodes where the latents stand. */
export function pythonWords({ model, latent }) {
  const point = latent.map((value) => value.toFixed(3)).join(", ");
  return `${model.python.replace("import tinyvae as tv", "import numpy as np\nimport tinyvae as tv")}\n` +
    `run.decode(np.array([[${point}]]))  # the picture at these latents`;
}
