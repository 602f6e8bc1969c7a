// Worlds that the page cannot draw: some of their pictures, chosen by look or by label.
import { listed, shortNumber } from "../numbers.js";

const MOST_SAID = 4; // labels in one line

/** Pictures that the page holds; labels lead to the nearest one. */
export class OwnPicturesWorld {
  constructor(model) {
    this.title = model.vector ? "The row of numbers" : "The picture";
    this.follows = false; // the picture shown stays while latents move
    this.draws = false;
    this.model = model;
    this.factors = model.world.factors;
    this.count = model.pictures.count;
  }

  /** The picture whose code is nearest to the middle of all codes. */
  first() { return this.ofPoint(this.model, this.nearestTo(() => 0, this.model.base)); }

  ofPoint(model, point) {
    const picture = Math.min(point, this.count - 1);
    return {
      factors: model.factorsOf(picture), image: model.ownPicture(picture), point: picture,
    };
  }

  /** The picture nearest to some labels. */
  at(values) {
    return this.ofPoint(this.model, this.nearestTo((row) => this.distance(row, values, -1)));
  }

  /** A picture with this value of one label, the others as close to it as there is. */
  with(values, place, value, code) {
    const wanted = values.with(place, value);
    const far = this.factors.length + 1; // more than all other labels together
    return this.ofPoint(this.model, this.nearestTo((row) =>
      far * this.difference(place, this.value(row, place), value) * 1e3 +
      this.distance(row, wanted, place), code));
  }

  /** The picture of least cost; of equals, that whose code is nearest to a code. */
  nearestTo(cost, code = null) {
    let best = { point: 0, cost: Infinity, apart: Infinity };
    for (let point = 0; point < this.count; point += 1) {
      const found = cost(point);
      if (found > best.cost) continue;
      const apart = code ? this.apart(point, code) : point;
      if (found < best.cost || apart < best.apart) best = { point, cost: found, apart };
    }
    return best.point;
  }

  apart(point, code) {
    return this.model.codeOf(point).reduce((sum, z, j) => sum + (z - code[j]) ** 2, 0);
  }

  value(point, place) {
    return this.model.pointFactors[point * this.factors.length + place];
  }

  /** How far two values of a label are apart, from 0 (equal) to 1. */
  difference(place, one, other) {
    const { kind, low, high, period } = this.factors[place];
    if (!Number.isFinite(one) || !Number.isFinite(other)) return 1;
    if (kind === "categorical") return one === other ? 0 : 1;
    const apart = Math.abs(one - other);
    if (kind !== "circular") return apart / Math.max(1e-9, high - low);
    const turn = apart % period;
    return (2 * Math.min(turn, period - turn)) / period;
  }

  distance(point, values, but) {
    return values.reduce((sum, value, place) =>
      (place === but ? sum : sum + this.difference(place, this.value(point, place), value)), 0);
  }

  /** Values of a label that the pictures have, in ascending order. */
  valuesOf(place) {
    const all = Array.from({ length: this.count }, (_, point) => this.value(point, place));
    return [...new Set(all.filter(Number.isFinite))].sort((one, other) => one - other);
  }

  measure() { return null; }

  hint() {
    if (this.model.binary) return "Drag the picture to move what it shows, or use the arrow keys.";
    return "";
  }

  /** The same in short, where the controls of the labels say the rest. */
  shortWords(shown) {
    return this.factors.length > MOST_SAID && !shown.own
      ? `picture ${shown.point + 1} of ${this.count}` : this.words(shown);
  }

  words({ own, factors, point }) {
    if (own) return "your own picture";
    const labels = this.factors.map((factor, place) => labelWords(factor, factors[place]));
    return `picture ${point + 1} of ${this.count}${labels.length ? `: ${listed(labels)}` : ""}`;
  }

  source() { return ""; }
}

/** "age 24.5 years", "shape square". */
export function labelWords({ name, levels, unit, low }, value) {
  if (levels.length) return `${name} ${levels[Math.round(value - low)] ?? "unknown"}`;
  return `${name} ${shortNumber(value)}${unit ? ` ${unit}` : ""}`;
}
