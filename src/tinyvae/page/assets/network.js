// The networks: picture to features, latent to parameters. The same sums as in Python.
import { convolved, spread } from "./convolution.js";
import { halfFloats } from "./numbers.js";
import { movedPattern } from "./translation.js";

const ACTIVATIONS = {
  relu: (x) => Math.max(0, x),
  silu: (x) => x / (1 + Math.exp(-x)),
  gelu: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  tanh: Math.tanh,
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
};

/**
 * Linear layers, after convolutions (an encoder) or before them (a decoder); or the sum of
 * such decoders, each of a block of latents; or one whose pattern the first two latents move.
 */
export class Network {
  constructor(data, imageShape) {
    if (data.parts) {
      this.blocks = data.blocks;
      this.parts = data.parts.map((part) => new Network(part, imageShape));
      return;
    }
    Object.assign(this, { imageShape, firstShape: data.firstShape, reach: data.reach });
    if (data.drawing) {
      this.drawing = new Network(data.drawing);
      this.still = halfFloats(data.still);
      if (data.room) this.room = new Network({ ...data.room, convolutions: [] });
      return;
    }
    this.activation = ACTIVATIONS[data.activation];
    const unpacked = (layer) => ({
      ...layer, weight: halfFloats(layer.weight), bias: halfFloats(layer.bias),
    });
    this.layers = data.layers.map(unpacked);
    this.convolutions = data.convolutions.map(unpacked);
  }

  run(input) {
    if (this.parts) return this.sum(input);
    if (this.drawing) return this.move(input);
    if (this.firstShape) return this.grow(this.runLayers(input));
    return this.runLayers(this.shrink(input));
  }

  sum(latent) {
    let start = 0;
    const outputs = this.parts.map((part, block) => {
      const end = start + this.blocks[block];
      const output = part.run(latent.subarray(start, end));
      start = end;
      return output;
    });
    return outputs[0].map((_, i) => outputs.reduce((total, output) => total + output[i], 0));
  }

  move(latent) {
    const others = latent.subarray(2);
    const pattern = this.drawing.run(others).map((value, i) => value + this.still[i]);
    const more = this.room ? this.room.run(others) : [0, 0];
    const [right, down] = this.reach.map(
      (pixels, place) => pixels * Math.exp(more[place]) * latent[place],
    );
    return movedPattern(pattern, this.imageShape, right, down);
  }

  runLayers(input) {
    let values = input;
    this.layers.forEach((layer, place) => {
      values = linear(layer, values);
      if (place < this.layers.length - 1) values = values.map(this.activation);
    });
    return values;
  }

  /** Through the convolutions of an encoder; it is activated after each. */
  shrink(image) {
    let [values, shape] = [image, this.imageShape];
    for (const layer of this.convolutions) {
      [values, shape] = convolved(layer, values, shape);
      values = values.map(this.activation);
    }
    return values;
  }

  /** Through the convolutions of a decoder; it is activated before each. */
  grow(first) {
    let [values, shape] = [first, this.firstShape];
    for (const layer of this.convolutions) {
      [values, shape] = spread(layer, values.map(this.activation), shape);
    }
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
