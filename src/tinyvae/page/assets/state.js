// What the page shows now, and the only ways to change it.
import { bytesOf, clamp } from "./numbers.js";
import { worldOf } from "./worlds.js";

const FIRST_TURN = [0.6, 0.35]; // of the cloud: about the upright and the level axis
const MOST_LINKED = 16_384; // pixels of a person's own picture that fit into a link

export class State {
  constructor(models) {
    this.models = models;
    this.place = 0;
    this.listeners = [];
    this.guessing = false;
    this.colour = 0;
    this.path = 0;
    this.turn = FIRST_TURN.slice();
    this.show(this.world.first());
  }

  get model() { return this.models[this.place]; }

  get world() { return worldOf(this.model); }

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
   * find what the decoded one shows; a picture of the person's own stays where it is.
   */
  setLatent(latent) {
    if (!this.model.runs) return;
    this.latent = latent.slice();
    this.source = "latent";
    this.decoded = this.model.picture(this.latent);
    if (!this.own && this.world.follows) {
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
      if (this[name] >= model.world.factors.length) this[name] = 0;
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
    if (!this.own && this.point !== null) parts.i = this.point;
    else if (!this.own) parts.f = this.factors.join("_");
    if (this.source === "latent") parts.z = this.latent.map((v) => v.toFixed(3)).join("_");
    if (this.own && this.image.length <= MOST_LINKED) parts.p = packed(this.image);
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
    const place = whole("m", this.models.length);
    if (place !== this.place) this.setModel(place);
    const { model, world } = this;
    this.colour = whole("c", model.world.factors.length);
    this.path = whole("t", model.world.factors.length);
    this.turn = numbers("r", 2) ?? FIRST_TURN.slice();
    this.guessing = parts.get("g") === "1";
    const factors = world.draws ? numbers("f", model.world.factors.length) : null;
    const latent = numbers("z", model.latents);
    const own = model.runs ? unpacked(parts.get("p"), model.numValues) : null;
    if (own) this.setImage(own);
    else if (factors) this.setFactors(factors);
    else if (!world.draws && parts.has("i")) this.setPoint(whole("i", world.count));
    else if (world.draws) this.setFactors(this.factors);
    else this.setPoint(this.point ?? 0);
    if (latent) {
      this.setLatent(latent.map((value, j) =>
        clamp(value, -model.reach(j), model.reach(j))));
    }
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

/** A picture as base 64: a bit a pixel where it is black and white, else a byte. */
function packed(image) {
  const grey = image.some((light) => light !== 0 && light !== 1);
  const bytes = grey
    ? Uint8Array.from(image, (light) => Math.round(255 * light))
    : new Uint8Array(Math.ceil(image.length / 8));
  if (!grey) image.forEach((light, i) => { bytes[i >> 3] |= light << (i & 7); });
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function unpacked(text, count) {
  if (!text) return null;
  try {
    const bytes = bytesOf(text);
    const bits = Math.ceil(count / 8);
    if (bytes.length === count) return Float32Array.from(bytes, (byte) => byte / 255);
    if (bytes.length !== bits) return null;
    return Float32Array.from({ length: count }, (_, i) => (bytes[i >> 3] >> (i & 7)) & 1);
  } catch {
    return null;
  }
}
