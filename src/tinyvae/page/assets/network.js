// The networks: picture to posterior, latent to logits. The same sums as in Python.
import { halfFloats } from "./numbers.js";

const LOG_VARIANCE_LIMIT = 12; // as in networks.py
const ACTIVATIONS = {
  relu: (x) => Math.max(0, x),
  silu: (x) => x / (1 + Math.exp(-x)),
  gelu: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  tanh: Math.tanh,
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
};

/** A value that is kept under its name from its first use on. */
function once(owner, name, value) {
  Object.defineProperty(owner, name, { value });
  return value;
}

/** Linear layers with an activation between them, none after the last. */
export class Network {
  constructor(data) {
    this.activation = ACTIVATIONS[data.activation];
    this.layers = data.layers.map((layer) => ({
      inputs: layer.inputs,
      outputs: layer.outputs,
      weight: halfFloats(layer.weight),
      bias: halfFloats(layer.bias),
    }));
  }

  run(input) {
    let values = input;
    this.layers.forEach((layer, place) => {
      values = linear(layer, values);
      if (place < this.layers.length - 1) values = values.map(this.activation);
    });
    return values;
  }
}

function linear({ inputs, outputs, weight, bias }, values) {
  const result = new Float32Array(outputs);
  // a black pixel adds nothing: most of a picture need not be multiplied
  const lit = [];
  for (let i = 0; i < inputs; i += 1) if (values[i] !== 0) lit.push(i);
  for (let row = 0; row < outputs; row += 1) {
    const start = row * inputs;
    let sum = bias[row];
    for (const i of lit) sum += weight[start + i] * values[i];
    result[row] = sum;
  }
  return result;
}

/** One trained VAE, its world and its answer. */
export class Model {
  constructor(data) {
    Object.assign(this, data);
    // networks that are not fully connected do not run here: their walks are pictures
    this.runs = data.networks !== null;
    this.latents = data.ranges.length;
    this.numPoints = data.numPoints;
  }

  // unpacked when first needed: a page of many models opens as soon as one is there
  get encoderNetwork() { return once(this, "encoderNetwork", new Network(this.networks.encoder)); }

  get decoderNetwork() { return once(this, "decoderNetwork", new Network(this.networks.decoder)); }

  get points() { return once(this, "points", halfFloats(this.codes)); }

  get pointFactors() { return once(this, "pointFactors", halfFloats(this.factors)); }

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

  /** Logit of each pixel. */
  decode(latent) {
    return this.decoderNetwork.run(Float32Array.from(latent));
  }

  /** Probability of white of each pixel. */
  picture(latent) {
    return this.decode(latent).map((logit) => 1 / (1 + Math.exp(-logit)));
  }

  /** -ln p(image | latent), in nats. */
  error(image, latent) {
    const logits = this.decode(latent);
    let nats = 0;
    for (let i = 0; i < image.length; i += 1) {
      const logit = logits[i];
      nats += Math.max(logit, 0) - logit * image[i] + Math.log1p(Math.exp(-Math.abs(logit)));
    }
    return nats;
  }
}
