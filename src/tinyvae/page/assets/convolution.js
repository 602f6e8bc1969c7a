// Convolutions of kernel 4 and stride 2, pixel by pixel, as models/convolutions.py has them.

const KERNEL = 4;

/**
 * (h, w, inputs) to (ceil(h / 2), ceil(w / 2), outputs), after one row and column of zeros.
 *
 * Weights are (4, 4, input, output). Returns values and shape.
 */
export function convolved({ inputs, outputs, weight, bias }, image, [height, width]) {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const result = new Float32Array(rows * columns * outputs);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const to = (row * columns + column) * outputs;
      result.set(bias, to);
      for (let k = 0; k < KERNEL * KERNEL; k += 1) {
        const [y, x] = [2 * row - 1 + (k >> 2), 2 * column - 1 + (k & 3)];
        if (y < 0 || y >= height || x < 0 || x >= width) continue;
        addProducts(result, to, outputs, image, (y * width + x) * inputs, inputs, weight, k);
      }
    }
  }
  return [result, [rows, columns, outputs]];
}

/** (h, w, inputs) to (2 h, 2 w, outputs), cropped to `size`: each pixel is a stamp. */
export function spread({ inputs, outputs, weight, bias, size }, image, [height, width]) {
  const [rows, columns] = size;
  const result = new Float32Array(rows * columns * outputs);
  for (let to = 0; to < result.length; to += outputs) result.set(bias, to);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const from = (row * width + column) * inputs;
      for (let k = 0; k < KERNEL * KERNEL; k += 1) {
        const [y, x] = [2 * row - 1 + (k >> 2), 2 * column - 1 + (k & 3)];
        if (y < 0 || y >= rows || x < 0 || x >= columns) continue;
        addProducts(result, (y * columns + x) * outputs, outputs, image, from, inputs, weight, k);
      }
    }
  }
  return [result, [rows, columns, outputs]];
}

/** Add the pixel at `from`, times the weights of place `k` of the kernel, to that at `to`. */
function addProducts(result, to, outputs, image, from, inputs, weight, k) {
  for (let i = 0; i < inputs; i += 1) {
    const value = image[from + i];
    if (value === 0) continue; // a black pixel adds nothing
    const start = (k * inputs + i) * outputs;
    for (let o = 0; o < outputs; o += 1) result[to + o] += value * weight[start + o];
  }
}
