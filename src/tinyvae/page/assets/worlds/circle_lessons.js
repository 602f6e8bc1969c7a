// Three short lessons on circles, for a person who has never seen a VAE; buttons do them.

// each step: what it says, what its button says and does, and the model that it needs
const LESSONS = [
  ["What is a latent?", [
    ["Drag the circle. Its picture has many pixels, yet three numbers say everything: how large, how far right, how far down. These are its factors.",
      "Move the circle across", ({ sweep }) => sweep(1)],
    ["The network has never been told that. It was only asked to squeeze each picture into a few numbers, the latents, and to draw it again from these. The upright marks on the latent sliders moved with the circle: they are its code."],
    ["Now move a latent slider. The decoded picture is what the network draws from those numbers alone.",
      "Walk z0 from end to end", ({ walk }) => walk(0)],
  ]],
  ["Which latent is the radius?", [
    ["Hide the names first. Then move one of the sliders z0, z1, z2 from end to end and watch the decoded picture. Does the circle grow, walk sideways, or walk up and down? Or all at once?",
      "Take the recipe, hide the names", ({ take, guess }) => { take("annealed-tc"); guess(); }, "annealed-tc",
      "Hide the names", ({ guess }) => guess()],
    ["Choose a factor for each latent under \u201cThe answer\u201d, and reveal it there. The table gives two numbers: the share of a latent's changes that is due to the factor (1: nothing else moves it), and how well the factor can be read from that latent alone."],
  ]],
  ["Why is a plain VAE's answer \u201cnone of them\u201d?", [
    ["Its pictures are as good as any. But walk one of its latents: the circle grows and wanders at the same time.",
      "Take the plain VAE, walk z0", ({ take, walk }) => { take("vae"); walk(0); }, "vae"],
    ["Look at its cloud, coloured by the radius, and turn it: the radius is there, but its colours run along no axis. A plain VAE is asked to keep its codes near zero, which is the same wish in every direction: turn all its codes, and hardly anything gets worse. No axis has a reason to be the radius.",
      "Turn its cloud", ({ take, turn }) => { take("vae"); turn(); }, "vae"],
    ["The recipe adds one wish: that the latents be independent of one another, as radius, x and y are. If they were turned into each other they would not be. In its cloud each colour runs along one axis.",
      "Take the recipe, turn its cloud", ({ take, turn }) => { take("annealed-tc"); turn(); }, "annealed-tc"],
  ]],
];
const NAMES = { vae: "plain VAE", "annealed-tc": "recipe" };

/** Put the lessons into their place; `actions` are what their buttons do. */
export function showLessons(holder, kinds, actions) {
  holder.replaceChildren(...LESSONS.map(([title, steps], place) => {
    const lesson = document.createElement("details");
    lesson.name = "lesson"; // one open at a time
    const summary = document.createElement("summary");
    summary.textContent = `${place + 1}. ${title}`;
    lesson.append(summary, ...steps.map((step) => paragraph(step, kinds, actions)));
    const missing = new Set(steps.filter(([, , , needed, other]) =>
      needed && !other && !kinds.includes(needed)).map(([, , , needed]) => needed));
    for (const objective of missing) {
      const note = document.createElement("p");
      note.className = "hint";
      note.textContent = `This page has no ${NAMES[objective]}. tinyvae train --objective ${objective} ` +
        "makes one, and tinyvae report RUN RUN a page of both.";
      summary.after(note);
    }
    return lesson;
  }));
}

function paragraph([text, label, act, needed, other, instead], kinds, actions) {
  const made = document.createElement("p");
  made.append(text);
  const there = !needed || kinds.includes(needed);
  const [shown, done] = there ? [label, act] : [other, instead];
  if (!shown) return made;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = shown;
  button.addEventListener("click", () => done(actions));
  made.append(" ", button);
  return made;
}
