// How things are shown, whichever model they are shown of.

export const FIRST_TURN = [0.6, 0.35]; // of the cloud: about the upright and the level axis
export const MODES = ["answer", "guess", "revealed"]; // in links: their places

export class Display {
  /** `start` is the mode in which the page opens. */
  constructor(start) {
    Object.assign(this, {
      start,
      mode: start,
      colour: 0, // place of the factor that colours the cloud
      path: 0, // place of the factor whose path the cloud shows
      turn: FIRST_TURN.slice(),
      all: false, // whether all latents are shown, or the most active ones
      guesses: {}, // of each model, by its place: latent to choice
      lesson: null, // place of the lesson and of its step
      sections: [], // those that are open
    });
  }

  /** Whether the answer is hidden. */
  get guessing() { return this.mode === "guess"; }

  /** What was guessed of a model: 0 is no factor alone, k + 1 is factor k. */
  guessesOf(place) { return (this.guesses[place] ??= {}); }
}
