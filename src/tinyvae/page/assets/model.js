// One trained VAE, its world and its answer.
import { meanOf, natsOf } from "./likelihood.js";
import { Network } from "./network.js";
import { bytesOf, halfFloats, once, singleFloats } from "./numbers.js";

const LOG_VARIANCE_LIMIT = 12; // as in models/vae.py
const MANY = 10; // latents that are shown before all are asked for

/** One trained VAE, its world and its answer. */
export class Model {
  constructor(data) {
    Object.assign(this, data);
    // networks that do not run here show walks that were decoded beforehand
    this.runs = data.networks !== null;
    this.latents = data.ranges.length;
    this.shape = data.world.imageShape;
    this.numValues = this.shape[0] * this.shape[1] * this.shape[2];
    this.binary = data.world.pixels === "binary" && this.shape[2] === 1;
    this.vector = this.shape[0] === 1 && this.shape[2] === 1; // a table's row, not a picture
    this.densities = data.likelihood.kind !== "bernoulli"; // ln p may be above 0
  }

  // unpacked when first needed: a page of many models opens as soon as one is there
  get encoderNetwork() { return once(this, "encoderNetwork", new Network(this.networks.encoder, this.shape)); }

  get decoderNetwork() { return once(this, "decoderNetwork", new Network(this.networks.decoder, this.shape)); }

  get points() { return once(this, "points", halfFloats(this.codes)); }

  get pointFactors() { return once(this, "pointFactors", singleFloats(this.factors)); }

  /** How far a point of the latent space is from the nearest code, and how far codes are. */
  distance(latent) {
    const far = this.nearest(latent, 0);
    this.apart ??= Array.from({ length: Math.min(200, this.numPoints) }, (_, k) => {
      const row = Math.floor((k * this.numPoints) / Math.min(200, this.numPoints));
      const code = this.points.subarray(row * this.latents, (row + 1) * this.latents);
      return this.nearest(code, 1e-9);
    }).sort((a, b) => a - b);
    return { far, apart: this.apart[Math.floor(0.95 * (this.apart.length - 1))] };
  }

  /** Distance to the nearest code that is further than `least`. */
  nearest(latent, least) {
    let best = Infinity;
    for (let row = 0; row < this.numPoints; row += 1) {
      let square = 0;
      for (let j = 0; j < this.latents; j += 1) {
        square += (this.points[row * this.latents + j] - latent[j]) ** 2;
      }
      if (square > least ** 2 && square < best) best = square;
    }
    return Math.sqrt(best);
  }

  /** How far a slider of a latent goes to either side: beyond every code. */
  reach(latent) {
    return Math.ceil(Math.max(3, ...this.ranges[latent].map((end) => 1.3 * Math.abs(end))));
  }

  /** Mean and standard deviation of q(z | image) in each latent. */
  encode(image) {
    const output = this.encoderNetwork.run(image);
    const mean = Array.from(output.subarray(0, this.latents));
    const deviation = Array.from(output.subarray(this.latents), (raw) =>
      Math.exp(0.5 * LOG_VARIANCE_LIMIT * Math.tanh(raw / LOG_VARIANCE_LIMIT)));
    return { mean, deviation };
  }

  /** What the decoder says of each pixel and channel. */
  decode(latent) {
    return this.decoderNetwork.run(Float32Array.from(latent));
  }

  /** The picture to be shown for a latent. */
  picture(latent) {
    return meanOf(this.likelihood, this.decode(latent));
  }

  /** -ln p(image | latent), in nats. */
  error(image, latent) {
    return natsOf(this.likelihood, this.decode(latent), image);
  }

  /** Values of the factors in one of the points. */
  factorsOf(point) {
    const count = this.world.factors.length;
    return Array.from(this.pointFactors.subarray(point * count, (point + 1) * count));
  }

  /** Code of one of the points. */
  codeOf(point) {
    return this.points.subarray(point * this.latents, (point + 1) * this.latents);
  }

  /** Darkest and lightest value of a pixel. */
  get range() { return this.pictures ? [this.pictures.low, this.pictures.high] : [0, 1]; }

  /** One of the pictures that the page holds, as the network takes it. */
  ownPicture(point) {
    const { shape, low, high, bits } = this.pictures;
    const count = shape[0] * shape[1] * shape[2];
    const each = bits ? Math.ceil(count / 8) : count;
    const bytes = this.pictureBytes.subarray(point * each, (point + 1) * each);
    if (bits) return Float32Array.from({ length: count }, (_, i) => (bytes[i >> 3] >> (i & 7)) & 1);
    return Float32Array.from(bytes, (byte) => low + ((high - low) * byte) / 255);
  }

  get pictureBytes() { return once(this, "pictureBytes", bytesOf(this.pictures.data)); }

  /** Latents in order of their number; only those of most KL, where there are many. */
  shownLatents(all) {
    const { latents } = this.answer;
    const places = latents.map((_, j) => j);
    if (all || latents.length <= MANY) return places;
    return places.sort((i, j) => (latents[j].kl ?? 0) - (latents[i].kl ?? 0))
      .slice(0, MANY).sort((i, j) => i - j);
  }
}
