// What the page shows now, and the only ways to change it.
import { drawCircle, measureCircle, within } from "./circle.js";
import { bytesOf, clamp } from "./numbers.js";

const FIRST_TURN = [0.6, 0.35]; // of the cloud: about the upright and the level axis

export class State {
  constructor(models) {
    this.models = models;
    this.place = 0;
    this.listeners = [];
    this.guessing = false;
    this.colour = 0;
    this.path = 0;
    this.turn = FIRST_TURN.slice();
    const { factors } = this.model.world;
    this.setFactors(factors.map(({ low, high }) => Math.round((low + high) / 2)));
  }

  get model() { return this.models[this.place]; }

  /** Call whenever anything has changed: what is shown, or only how ("view"). */
  onChange(listener) { this.listeners.push(listener); }

  changed(what = "picture") { this.listeners.forEach((listener) => listener(what)); }

  /** A true circle: draw it, encode it, decode its code. */
  setFactors(values) {
    this.factors = within(this.model.world, values);
    this.image = drawCircle(this.model.world, this.factors);
    this.source = "circle";
    this.own = false;
    this.found = true;
    this.look();
  }

  /**
   * A point of the latent space: decode it, and find the circle that it shows. A
   * picture of the person's own stays where it is.
   */
  setLatent(latent) {
    if (!this.model.runs) return;
    this.latent = latent.slice();
    this.source = "latent";
    this.decoded = this.model.picture(this.latent);
    if (!this.own) {
      const factors = measureCircle(this.model.world, this.decoded);
      this.found = factors !== null;
      if (this.found) {
        this.factors = factors;
        this.image = drawCircle(this.model.world, factors);
        this.posterior = this.model.encode(this.image);
      }
    }
    this.changed();
  }

  /** Pixels of the person's own, 0 to 1. */
  setImage(image) {
    const factors = measureCircle(this.model.world, image);
    this.image = image;
    this.found = factors !== null;
    this.factors = factors ?? this.factors;
    this.source = "own";
    this.own = true;
    this.kept = image; // to come back to
    this.look();
  }

  /** Whether there is a picture of the person's own to come back to. */
  get hasKept() {
    return !this.own && this.kept?.length === this.model.world.size ** 2;
  }

  /** What is shown, moved by whole pixels: the circle, or the person's own picture. */
  move(right, down) {
    const [radius, x, y] = this.factors;
    if (this.own) this.setImage(shifted(this.image, this.model.world.size, right, down));
    else this.setFactors([radius, x + right, y + down]);
  }

  /** Another model, with the same picture held where it is of the same size. */
  setModel(place) {
    this.place = place;
    if (this.own && this.image.length === this.model.world.size ** 2) this.setImage(this.image);
    else this.setFactors(this.factors);
  }

  /** Encode the picture, and stand on its code. */
  look() {
    if (this.model.runs) {
      this.posterior = this.model.encode(this.image);
      this.latent = this.posterior.mean.slice();
      this.decoded = this.model.picture(this.latent);
    }
    this.changed();
  }

  /** All of what is shown, to come back to. */
  snapshot() {
    const { factors, found, image, own, source, latent, decoded, posterior } = this;
    return { factors, found, image, own, source, latent, decoded, posterior };
  }

  back(snapshot) {
    Object.assign(this, snapshot);
    this.changed();
  }

  /** How it is shown: colour, path or turn of the cloud. */
  set(name, value) {
    this[name] = value;
    this.changed("view");
  }

  /** The state as the fragment of a link. */
  fragment() {
    const parts = { m: this.place, c: this.colour, t: this.path };
    if (this.turn.some((angle, k) => angle !== FIRST_TURN[k])) {
      parts.r = this.turn.map((angle) => angle.toFixed(2)).join("_");
    }
    if (this.guessing) parts.g = 1;
    if (!this.own) parts.f = this.factors.join("_");
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
      if (!parts.get(name)) return null;
      const values = parts.get(name).split("_").map(Number);
      return values.length === count && values.every(Number.isFinite) ? values : null;
    };
    this.place = whole("m", this.models.length);
    this.colour = whole("c", 3);
    this.path = whole("t", 3);
    this.turn = numbers("r", 2) ?? FIRST_TURN.slice();
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

/** The picture moved; what leaves it is lost, and black comes in. */
function shifted(image, size, right, down) {
  return Float32Array.from({ length: size * size }, (_, i) => {
    const [row, column] = [Math.floor(i / size) - down, (i % size) - right];
    const inside = row >= 0 && row < size && column >= 0 && column < size;
    return inside ? image[row * size + column] : 0;
  });
}

/** A picture as base 64: a bit a pixel where it is black and white, else a byte. */
function packed(image) {
  const grey = image.some((light) => light !== 0 && light !== 1);
  const bytes = grey
    ? Uint8Array.from(image, (light) => Math.round(255 * light))
    : new Uint8Array(Math.ceil(image.length / 8));
  if (!grey) image.forEach((light, i) => { bytes[i >> 3] |= light << (i & 7); });
  return btoa(String.fromCharCode(...bytes));
}

function unpacked(text, size) {
  if (!text) return null;
  try {
    const bytes = bytesOf(text);
    const [count, bits] = [size * size, Math.ceil((size * size) / 8)];
    if (bytes.length === count) return Float32Array.from(bytes, (byte) => byte / 255);
    if (bytes.length !== bits) return null;
    return Float32Array.from({ length: count }, (_, i) => (bytes[i >> 3] >> (i & 7)) & 1);
  } catch {
    return null;
  }
}
