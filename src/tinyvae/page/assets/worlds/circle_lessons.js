// Three short lessons on circles, for a person who has never seen a VAE; buttons do them.

// each step: what it says, what its button says and does, and the models that it needs;
// where these are missing, what its button says and does then
const LESSONS = [
  ["What is a latent?", [
    ["Drag the circle. Its picture has many pixels, yet three numbers say everything: how large, how far right, how far down. These three are its factors.",
      "Move the circle across", ({ sweep }) => sweep(1)],
    ["The network has never been told the factors. It was only asked to squeeze each picture into a few numbers, the latents, and to draw the picture again from these. The upright marks on the latent sliders move with the circle: they are its code.",
      "Move the circle across again", ({ sweep }) => sweep(1)],
    ["Now move a latent slider. The decoded picture is what the network draws from the latents alone.",
      "Walk z0 from end to end", ({ walk }) => walk(0)],
  ]],
  ["Which latent is the radius?", [
    ["Hide the answer first. Then move the sliders z0, z1, z2 one at a time, and watch the decoded picture. Does the circle grow, walk sideways, or walk up and down? Or all at once?",
      "Take the recipe, hide the answer", ({ take, guess }) => { take("coarse-to-fine"); guess(); }, ["coarse-to-fine"],
      "Hide the answer", ({ guess }) => guess()],
    ["Choose for each latent under \u201cYour guess\u201d. When you have chosen, reveal the answer there.",
      "Show me the menus", ({ menus }) => menus()],
    ["The table of the answer gives two numbers. The large one: how much of the latent's changes is due to the factor (1: nothing else moves it). The small one: how well that latent alone tells the factor (1: exactly).",
      "Reveal the answer", ({ reveal }) => reveal()],
  ]],
  ["Why is a plain VAE's answer \u201cnone of them\u201d?", [
    ["Its pictures look right. But walk one of its latents: the circle grows and wanders at the same time.",
      "Take the plain VAE, walk z0", ({ take, walk }) => { take("vae"); walk(0); }, ["vae"]],
    ["Look at its cloud, coloured by the radius, and turn it: the radius is there, but its colours run along no axis. A plain VAE is asked to keep its codes near zero, which is the same wish in every direction: turn all its codes, and hardly anything gets worse. No axis has a reason to be the radius.",
      "Turn its cloud", ({ take, turn }) => { take("vae"); turn(); }, ["vae"]],
    ["The recipe adds one wish: that the latents be independent of one another, as radius, x and y are. If they were turned into each other they would not be. In its cloud each colour runs along one axis.",
      "Take the recipe, turn its cloud", ({ take, turn }) => { take("coarse-to-fine"); turn(); }, ["coarse-to-fine"]],
    ["Now see both at once. The circle is the same for both; walk a latent of each.",
      "Put the recipe beside the plain VAE", ({ take, beside }) => { take("vae"); beside("coarse-to-fine"); }, ["vae", "coarse-to-fine"]],
  ]],
];
const NAMES = { vae: "plain VAE", "coarse-to-fine": "recipe" };

/** The lessons of a page that has models of some objectives; `actions` are what buttons do. */
export function circleLessons(kinds, actions) {
  return LESSONS.map(([title, steps]) => [title, steps.map((step) => lessonStep(step, kinds, actions))]);
}

function lessonStep([text, label, act, needed = [], other, instead], kinds, actions) {
  const missing = needed.filter((kind) => !kinds.includes(kind));
  if (!missing.length) return { text, label, act: () => act(actions) };
  if (instead) return { text, label: other, act: () => instead(actions) };
  const [first] = missing;
  const note = `This page has no ${NAMES[first]}. tinyvae train --objective ${first} makes one, ` +
    "and tinyvae report RUN RUN a page of both.";
  return { text, note };
}
