// What the page shows now, and the only ways to change it.
import { drawCircle, measureCircle, within } from "./circle.js";
import { bytesOf, clamp } from "./numbers.js";

export class State {
  constructor(models) {
    this.models = models;
    this.place = 0;
    this.listeners = [];
    this.guessing = false;
    this.colour = 0;
    this.path = 0;
    const { factors } = this.model.world;
    this.setFactors(factors.map(({ low, high }) => Math.round((low + high) / 2)));
  }

  get model() { return this.models[this.place]; }

  /** Call whenever anything has changed. */
  onChange(listener) { this.listeners.push(listener); }

  changed() { this.listeners.forEach((listener) => listener(this)); }

  /** A true circle: draw it, encode it, decode its code. */
  setFactors(values) {
    this.factors = within(this.model.world, values);
    this.image = drawCircle(this.model.world, this.factors);
    this.source = "circle";
    this.own = false;
    this.look();
  }

  /**
   * A point of the latent space: decode it, and find the circle that it shows. A
   * picture of the person's own stays where it is.
   */
  setLatent(latent) {
    this.latent = latent.slice();
    this.source = "latent";
    this.decoded = this.model.picture(this.latent);
    const found = measureCircle(this.model.world, this.decoded);
    if (found && !this.own) {
      this.factors = found;
      this.image = drawCircle(this.model.world, found);
      this.posterior = this.model.encode(this.image);
    }
    this.changed();
  }

  /** Pixels of the person's own, 0 to 1. */
  setImage(image) {
    this.image = image;
    this.factors = measureCircle(this.model.world, image) ?? this.factors;
    this.source = "own";
    this.own = true;
    this.look();
  }

  /** Another model, with the same picture held where it is of the same size. */
  setModel(place, size) {
    this.place = place;
    if (this.own && this.model.world.size === size) this.setImage(this.image);
    else this.setFactors(this.factors);
  }

  /** Encode the picture, and stand on its code. */
  look() {
    this.posterior = this.model.encode(this.image);
    this.latent = this.posterior.mean.slice();
    this.decoded = this.model.picture(this.latent);
    this.changed();
  }

  /** All of what is shown, to come back to. */
  snapshot() {
    const { factors, image, own, source, latent, decoded, posterior } = this;
    return { factors, image, own, source, latent, decoded, posterior };
  }

  back(snapshot) {
    Object.assign(this, snapshot);
    this.changed();
  }

  set(name, value) {
    this[name] = value;
    this.changed();
  }

  /** The state as the fragment of a link. */
  fragment() {
    const parts = { m: this.place, c: this.colour, t: this.path };
    if (this.guessing) parts.g = 1;
    if (this.source === "circle") parts.f = this.factors.join("_");
    if (this.source === "latent") parts.z = this.latent.map((v) => v.toFixed(3)).join("_");
    if (this.own) parts.p = packed(this.image);
    return new URLSearchParams(parts).toString();
  }

  /** Go back to what a fragment says; whatever makes no sense is left out. */
  restore(fragment) {
    const parts = new URLSearchParams(fragment);
    const whole = (name, count) => {
      const value = Number(parts.get(name) ?? NaN);
      return Number.isInteger(value) && value >= 0 && value < count ? value : 0;
    };
    const numbers = (name, count) => {
      const values = (parts.get(name) ?? "").split("_").map(Number);
      return values.length === count && values.every(Number.isFinite) ? values : null;
    };
    this.place = whole("m", this.models.length);
    this.colour = whole("c", 3);
    this.path = whole("t", 3);
    this.guessing = parts.get("g") === "1";
    const factors = numbers("f", 3);
    const latent = numbers("z", this.model.latents);
    const own = unpacked(parts.get("p"), this.model.world.size);
    if (own) this.setImage(own);
    else this.setFactors(factors ?? this.factors);
    if (latent) {
      this.setLatent(latent.map((value, j) =>
        clamp(value, -this.model.reach(j), this.model.reach(j))));
    }
  }
}

/** A black-and-white picture as base 64, a bit a pixel. */
function packed(image) {
  const bytes = new Uint8Array(Math.ceil(image.length / 8));
  image.forEach((light, i) => { if (light > 0.5) bytes[i >> 3] |= 1 << (i & 7); });
  return btoa(String.fromCharCode(...bytes));
}

function unpacked(text, size) {
  if (!text) return null;
  try {
    const bytes = bytesOf(text);
    if (bytes.length !== Math.ceil((size * size) / 8)) return null;
    return Float32Array.from({ length: size * size }, (_, i) => (bytes[i >> 3] >> (i & 7)) & 1);
  } catch {
    return null;
  }
}
