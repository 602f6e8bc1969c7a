// Three short lessons for a person who has never seen a VAE.

const LESSONS = [
  ["What is a latent?", [
    "Drag the circle. A picture of it has a thousand pixels, yet three numbers say everything: how large, how far right, how far down. These are its factors.",
    "The network has never been told that. It was only asked to squeeze each picture into a few numbers, the latents, and to draw it again from these. Watch the upright marks on the latent sliders move while you drag: that is the code of the circle.",
    "Now move a latent slider. The decoded picture is what the network draws from those numbers alone.",
  ]],
  ["Which slider is the radius?", [
    "Press “Guess first”: the names are hidden. Move one latent slider from end to end and watch the decoded picture. Does the circle grow, walk sideways, or walk up and down? Or all at once?",
    "Choose a factor for each slider, then reveal. The table gives two numbers: the share of a latent's changes that is due to the factor (1: nothing else moves it), and how well the factor can be read from that latent alone.",
  ]],
  ["Why is a plain VAE's answer “none of them”?", [
    "Choose a plain VAE above, if this page has one. Its pictures are as good as any. But move one slider: the circle grows and wanders at the same time.",
    "Look at the cloud and turn it. The codes fill a ball, and a ball looks the same from every side: nothing in a plain VAE's training says which direction should be the radius. It takes any one.",
    "The recipe adds one wish: that the latents be independent of one another, as radius, x and y are. Turned into each other they would not be. Colour its cloud by a factor: the colours run along one axis.",
  ]],
];

/** Put the lessons into their place; the first is open. */
export function showLessons(holder) {
  holder.replaceChildren(...LESSONS.map(([title, paragraphs], place) => {
    const lesson = document.createElement("details");
    lesson.className = "lesson";
    lesson.open = place === 0;
    const summary = document.createElement("summary");
    summary.textContent = `${place + 1}. ${title}`;
    lesson.append(summary, ...paragraphs.map((text) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = text;
      return paragraph;
    }));
    return lesson;
  }));
}
