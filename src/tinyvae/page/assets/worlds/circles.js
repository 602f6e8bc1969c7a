// The world of circles: factors to picture as cv2.circle draws it, and picture to factors.
import { clamp } from "../numbers.js";

/** All that the page does with circles, and with no other world. */
export class CirclesWorld {
  constructor({ world }) {
    this.title = "The circle";
    this.follows = true; // the picture shown follows the latents
    this.draws = true;
    this.factors = world.factors;
    this.settings = world.script;
  }

  /** A circle in the middle of everything. */
  first() {
    return this.at(this.factors.map(({ low, high }) => Math.round((low + high) / 2)));
  }

  /** The circle nearest to some values of the factors. */
  at(values) {
    const factors = within(this.settings, this.factors, values);
    return { factors, image: drawCircle(this.settings, factors), point: null };
  }

  /** The circle with one factor changed. */
  with(factors, place, value) { return this.at(factors.with(place, value)); }

  /** The circle that a point of the cloud stands for. */
  ofPoint(model, point) { return this.at(model.factorsOf(point)); }

  measure(image) { return measureCircle(this.settings, this.factors, image); }

  /** The circle moved by whole pixels, and grown. */
  moved([radius, x, y], right, down, grow = 0) { return this.at([radius + grow, x + right, y + down]); }

  /** The circle moved so that its centre stands at a pixel. */
  centred([radius], x, y) { return this.at([radius, x, y]); }

  /** From a pixel to the centre of the circle that it lies in. */
  grip([, centreX, centreY], x, y) { return [centreX - x, centreY - y]; }

  /** Pictures on the way of one factor from end to end, the others held. */
  path(factors, place) {
    return this.valuesOf(place).map((value) => this.with(factors, place, value).image);
  }

  valuesOf(place) {
    const { low, high } = this.factors[place];
    return Array.from({ length: high - low + 1 }, (_, k) => low + k);
  }

  hint() { return "Drag the circle, or use the arrow keys; + and \u2212 change its radius."; }

  words({ factors: [radius, x, y], own, found }) {
    if (own) return `your own picture${found ? "" : ", black"}`;
    return `circle of radius ${radius} at x ${x}, y ${y} pixels`;
  }

  /** What the numbers on the factors' sliders are, where they are not the truth. */
  source({ source, own, found }) {
    if (own) return found ? " (measured in your picture)" : " (no circle in your picture)";
    if (source !== "latent") return "";
    return found ? " (nearest to the decoded picture)" : " (no circle in the decoded picture)";
  }
}

/** The picture of [radius, x, y]: 1 is white. Bit for bit that of cv2.circle. */
function drawCircle({ size, halfWidth }, [radius, x, y]) {
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
function measureCircle(settings, factors, image) {
  const { size, halfWidth } = settings;
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
  return within(settings, factors, [radius, Math.round(sumX / area), Math.round(sumY / area)]);
}

/** The factors moved to the nearest whole values that this world has. */
function within({ size, layout }, factors, values) {
  const [radius, x, y] = values.map((value, place) => {
    const { low, high } = factors[place];
    return clamp(Math.round(value), low, high);
  });
  if (layout !== "inside") return [radius, x, y];
  const last = size - 1 - radius;
  return [radius, clamp(x, radius, last), clamp(y, radius, last)];
}
