// What the page does by itself when it is asked to: walks, sweeps and turns.
import { walkOf } from "./exports.js";
import { Player } from "./player.js";
import { find } from "./panel.js";

const motionIsUnwelcome = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

// a latent that is not among those shown has no slider
const bringIntoSight = (id) => find(id)?.scrollIntoView({ block: "nearest" });

export class Demonstrations {
  /** `suffix` ends the ids of the parts of the model. */
  constructor(state, suffix = "") {
    Object.assign(this, { state, suffix });
    this.walker = new Player(); // of latents and factors; any other change stops it
    this.spinner = new Player(); // of the cloud; a hand on it stops it
    state.onChange((what) => {
      if (what === "picture" && !this.walker.stepping) this.walker.stop();
      if (what === "turn") this.spinner.stop();
    });
  }

  walkLatent(latent) {
    const { state } = this;
    if (!state.model.runs) return;
    for (const id of [`latent-${latent}`, "decoded"]) bringIntoSight(`${id}${this.suffix}`);
    this.there(() => walkOf(state, latent, 32), (point) => state.setLatent(point));
  }

  /** Move the picture along one of its factors. */
  sweep(place) {
    const { state } = this;
    if (!state.model.runs) return;
    bringIntoSight("input");
    this.there(() => state.world.valuesOf(place), (value) => state.setFactor(place, value));
  }

  /** Through points there and back; where motion is unwelcome, only to the far end. */
  there(points, show) {
    const { state, walker } = this;
    walker.goHome(); // from where the last walk began, not from where it is
    const start = state.snapshot();
    const there = points().map((point) => () => show(point));
    if (motionIsUnwelcome()) walker.play([there.at(-1)]);
    else walker.play([...there, ...there.slice().reverse()], { home: () => state.back(start) });
  }

  /** Bring the cloud into sight, coloured by the first factor, and turn it once. */
  turnCloud() {
    const { state } = this;
    const [a, b] = state.turn;
    state.set("colour", 0);
    bringIntoSight("cloud");
    const turns = Array.from({ length: 64 }, (_, k) => a + (2 * Math.PI * (k + 1)) / 64);
    const shown = motionIsUnwelcome() ? [a + 1] : turns;
    this.spinner.play(shown.map((at) => () => state.set("turn", [at, b])), { milliseconds: 50 });
  }
}
