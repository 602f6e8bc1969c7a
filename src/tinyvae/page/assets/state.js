// A model, its picture and its latents, and the only ways to change them.
import { worldOf } from "./worlds.js";

export class State {
  constructor(models, display) {
    Object.assign(this, { models, display, place: 0, listeners: [] });
    this.held = false; // whether the picture stays where it is while latents move
    this.show(this.world.first());
  }

  get model() { return this.models[this.place]; }

  get world() { return worldOf(this.model); }

  get colour() { return this.display.colour; }

  get path() { return this.display.path; }

  get turn() { return this.display.turn; }

  get guessing() { return this.display.guessing; }

  /** What was guessed of the model. */
  get guesses() { return this.display.guessesOf(this.place); }

  /** Call whenever anything has changed: what is shown, or only how ("view"). */
  onChange(listener) { this.listeners.push(listener); }

  changed(what = "picture") { this.listeners.forEach((listener) => listener(what)); }

  /** A picture of the world, with its factors: encode it, decode its code. */
  show({ factors, image, point }) {
    Object.assign(this, { factors, image, point, source: "world", own: false, found: true });
    this.look();
  }

  /** The picture of the world nearest to some values of the factors. */
  setFactors(values) { this.show(this.world.at(values)); }

  /** The same with one factor changed. */
  setFactor(place, value) {
    this.show(this.world.with(this.factors, place, value, this.posterior.mean));
  }

  /** The picture of a point of the cloud. */
  setPoint(point) { this.show(this.world.ofPoint(this.model, point)); }

  /**
   * A point of the latent space: decode it. Where the picture shown follows the latents,
   * find what the decoded one shows; a held one, or the person's own, stays where it is.
   */
  setLatent(latent) {
    if (!this.model.runs) return;
    this.latent = latent.slice();
    this.source = "latent";
    this.decoded = this.model.picture(this.latent);
    if (!this.own && !this.held && this.world.follows) {
      const factors = this.world.measure(this.decoded);
      this.found = factors !== null;
      if (this.found) {
        Object.assign(this, this.world.at(factors));
        this.posterior = this.model.encode(this.image);
      }
    }
    this.changed();
  }

  /** Pixels of the person's own, 0 to 1. */
  setImage(image) {
    const factors = this.world.measure(image);
    this.image = image;
    this.found = factors !== null;
    this.factors = factors ?? this.factors;
    this.source = "own";
    this.own = true;
    this.kept = { image, shape: this.model.shape }; // to come back to
    this.look();
  }

  /** Whether there is a picture of the person's own to come back to. */
  get hasKept() { return !this.own && this.kept !== undefined && this.fits(this.kept.shape); }

  fits(shape) { return shape.join() === this.model.shape.join(); }

  /** What is shown, moved by whole pixels: as the world moves it, or as it is. */
  move(right, down) {
    const { world } = this;
    if (world.moved && !this.own) this.show(world.moved(this.factors, right, down));
    else this.setImage(shifted(this.image, this.model.shape, right, down));
  }

  /** Another model, with the same picture held where it has it too. */
  setModel(place) {
    const before = this.model;
    this.place = place;
    const { model, world } = this;
    for (const name of ["colour", "path"]) {
      if (this[name] >= model.world.factors.length) this.display[name] = 0;
    }
    const same = model.world.kind === before.world.kind
      && model.world.factors.length === before.world.factors.length;
    if (this.own && model.runs && this.fits(this.kept.shape)) this.setImage(this.image);
    else if (same && this.point !== null && model.pictures?.data === before.pictures?.data) {
      this.setPoint(this.point);
    } else if (same) this.setFactors(this.factors);
    else this.show(world.first());
  }

  /** Encode the picture, and stand on its code. */
  look() {
    const { model } = this;
    if (model.runs) {
      this.posterior = model.encode(this.image);
      this.latent = this.posterior.mean.slice();
      this.decoded = model.picture(this.latent);
    } else {
      const mean = this.point === null ? model.base : Array.from(model.codeOf(this.point));
      this.posterior = { mean, deviation: mean.map(() => 0) };
      this.latent = mean.slice();
    }
    this.changed();
  }

  /** All of what is shown, to come back to. */
  snapshot() {
    const { factors, found, image, own, point, source, latent, decoded, posterior } = this;
    return { factors, found, image, own, point, source, latent, decoded, posterior };
  }

  back(snapshot) {
    Object.assign(this, snapshot);
    this.changed();
  }

  /** The picture of another state. */
  hold({ factors, image, point, own, found }) {
    Object.assign(this, { factors, image, point, own, found, source: own ? "own" : "world" });
    this.look();
  }

  /** How it is shown: colour, path or turn of the cloud. */
  set(name, value) {
    this.display[name] = value;
    this.changed("view");
  }
}

/** The picture moved; what leaves it is lost, and black comes in. */
function shifted(image, [height, width, channels], right, down) {
  return Float32Array.from({ length: image.length }, (_, i) => {
    const pixel = Math.floor(i / channels);
    const [row, column] = [Math.floor(pixel / width) - down, (pixel % width) - right];
    const inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? image[(row * width + column) * channels + (i % channels)] : 0;
  });
}
