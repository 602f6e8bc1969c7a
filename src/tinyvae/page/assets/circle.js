// The world: factors to picture as cv2.circle draws it, and picture to factors.
import { clamp } from "./numbers.js";

/** The picture of [radius, x, y]: 1 is white. Bit for bit that of cv2.circle. */
export function drawCircle(world, [radius, x, y]) {
  const { size, halfWidth } = world;
  const image = new Float32Array(size * size);
  const widths = halfWidth[radius];
  const largest = (widths.length - 1) / 2;
  for (let row = 0; row < size; row += 1) {
    const place = row - y + largest;
    const half = place >= 0 && place < widths.length ? widths[place] : -1;
    if (half < 0) continue;
    for (let column = Math.max(0, x - half); column <= Math.min(size - 1, x + half); column += 1) {
      image[row * size + column] = 1;
    }
  }
  return image;
}

/** The circle nearest to what a picture shows: area to radius, centroid to x and y. */
export function measureCircle(world, image) {
  const { size, halfWidth, factors } = world;
  let area = 0, sumX = 0, sumY = 0;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const light = image[row * size + column];
      area += light;
      sumX += light * column;
      sumY += light * row;
    }
  }
  if (area < 0.5) return null;
  const areas = halfWidth.map((widths) =>
    widths.reduce((sum, half) => sum + (half < 0 ? 0 : 2 * half + 1), 0));
  let radius = factors[0].low;
  for (let r = factors[0].low; r <= factors[0].high; r += 1) {
    if (Math.abs(areas[r] - area) < Math.abs(areas[radius] - area)) radius = r;
  }
  return within(world, [radius, Math.round(sumX / area), Math.round(sumY / area)]);
}

/** The factors moved to the nearest whole values that this world has. */
export function within(world, values) {
  const [radius, x, y] = values.map((value, place) => {
    const { low, high } = world.factors[place];
    return clamp(Math.round(value), low, high);
  });
  if (world.layout !== "inside") return [radius, x, y];
  const last = world.size - 1 - radius;
  return [radius, clamp(x, radius, last), clamp(y, radius, last)];
}
