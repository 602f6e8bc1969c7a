// All codes in three dimensions, on their raw axes.
import { factorColour } from "./colours.js";
import { drawLegend } from "./legend.js";
import { ARROWS, clamp } from "./numbers.js";
import { textOf } from "./pictures.js";

const SMALLEST = 5; // pixels: radius of the ellipse that can still be seen
const TOUCH = 8; // pixels that a finger moves before it turns the cloud
const NEAR = 14; // pixels within which a click means a point

export class Cloud {
  constructor(canvas, state) {
    this.canvas = canvas;
    this.state = state;
    this.aim = null; // where keys point, in pixels of the canvas
    this.still = document.createElement("canvas"); // what no move of a latent changes
    this.drawn = ""; // of what it was drawn
    this.listen();
  }

  /** Where a code stands on the canvas: x, y, and depth (larger is nearer). */
  project(code) {
    const [a, b] = this.state.turn;
    const [x, y, z] = [0, 1, 2].map((axis) => (code[axis] ?? 0) / this.reach);
    const right = x * Math.cos(a) + z * Math.sin(a);
    const away = -x * Math.sin(a) + z * Math.cos(a);
    const up = y * Math.cos(b) - away * Math.sin(b);
    const scale = 0.4 * Math.min(this.width, this.height);
    return [
      this.width / 2 + scale * right,
      this.height / 2 - scale * up,
      y * Math.sin(b) + away * Math.cos(b),
    ];
  }

  /** The three latents that are drawn: those of most KL, where there are more. */
  axes() {
    const { latents } = this.state.model.answer;
    return latents.map((_, j) => j)
      .sort((i, j) => (latents[j].kl ?? 0) - (latents[i].kl ?? 0))
      .slice(0, 3).sort((i, j) => i - j);
  }

  pick(code) { return this.shownAxes.map((axis) => code[axis]); }

  draw() {
    const { model } = this.state;
    const ratio = window.devicePixelRatio || 1;
    const box = this.canvas.getBoundingClientRect();
    if (!box.width || !box.height) return; // it is not shown
    [this.width, this.height] = [box.width, box.height];
    for (const canvas of [this.canvas, this.still]) {
      const [width, height] = [this.width, this.height].map((side) => Math.round(side * ratio));
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
    }
    const { place, colour, guessing, turn } = this.state;
    const wanted = [place, colour, guessing, turn, this.width, this.height, ratio, this.ink()].join();
    if (wanted !== this.drawn) {
      this.shownAxes = this.axes();
      this.reach = Math.max(...model.ranges.flat().map(Math.abs), 1e-6) * 1.15;
      const context = this.blank(this.still, ratio);
      this.drawAxes(context);
      this.drawPoints(context);
      const factor = model.world.factors[colour];
      if (!guessing && factor) drawLegend(context, this.canvas, factor, this.height);
      this.drawn = wanted;
    }
    const context = this.blank(this.canvas, ratio);
    context.drawImage(this.still, 0, 0, this.width, this.height);
    if (model.runs) {
      if (!guessing && this.state.world.path) this.drawPath(context);
      this.drawPosterior(context);
    }
    if (this.aim) this.drawAim(context);
  }

  /** A cleared canvas, to be drawn on in CSS pixels. */
  blank(canvas, ratio) {
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    return context;
  }

  ink() { return textOf(this.canvas).ink; }

  drawAxes(context) {
    context.strokeStyle = this.ink();
    context.fillStyle = this.ink();
    context.font = textOf(this.canvas).font;
    context.lineWidth = 1;
    this.shownAxes.forEach((latent, axis) => {
      const end = [0, 0, 0];
      end[axis] = this.reach;
      const [x, y] = this.project(end);
      const [fromX, fromY] = this.project(end.map((value) => -value));
      context.globalAlpha = 0.5;
      context.beginPath();
      context.moveTo(fromX, fromY);
      context.lineTo(x, y);
      context.stroke();
      context.globalAlpha = 1;
      context.fillText(`z${latent}`, x + 5, y - 5);
    });
  }

  drawPoints(context) {
    const { model, colour, guessing } = this.state;
    const { pointFactors } = model;
    const { factors } = model.world;
    const factor = factors[colour];
    this.places = [];
    for (let i = 0; i < model.numPoints; i += 1) {
      this.places.push([...this.project(this.pick(model.codeOf(i))), i]);
    }
    const order = this.places.slice().sort((one, other) => one[2] - other[2]);
    const plain = guessing ? "rgba(128,128,128,.6)" : getComputedStyle(this.canvas).getPropertyValue("--accent");
    for (const [x, y, , i] of order) {
      context.fillStyle = guessing || !factor
        ? plain : factorColour(factor, pointFactors[factors.length * i + colour]);
      const half = this.canBeTaken(i) ? 1.6 : 0.9; // a point without its picture is smaller
      context.fillRect(x - half, y - half, 2 * half, 2 * half);
    }
  }

  /** Whether the page has the picture of a point. */
  canBeTaken(point) {
    const { count } = this.state.model.pictures ?? { count: Infinity };
    return point < count;
  }

  drawAim(context) {
    const [x, y] = this.aim;
    context.strokeStyle = this.ink();
    context.lineWidth = 1.5;
    context.strokeRect(x - NEAR, y - NEAR, 2 * NEAR, 2 * NEAR);
  }

  /** Codes of the pictures that one factor passes through, the others held. */
  drawPath(context) {
    const { model, world, factors, path } = this.state;
    context.strokeStyle = "#d55e00";
    context.lineWidth = 2.5;
    context.beginPath();
    for (const image of world.path(factors, path)) {
      context.lineTo(...this.project(this.pick(model.encode(image).mean)).slice(0, 2));
    }
    context.stroke();
  }

  /** Two standard deviations of the posterior, and where the latents stand. */
  drawPosterior(context) {
    const { latent } = this.state;
    context.strokeStyle = this.ink();
    context.lineWidth = 1.5;
    context.beginPath();
    this.outline().forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
    const [hereX, hereY] = this.project(this.pick(latent));
    context.fillStyle = "#d55e00";
    context.beginPath();
    context.arc(hereX, hereY, 4.5, 0, 2 * Math.PI);
    context.fill();
  }

  /** Outline of the projected ellipsoid, widened where it could not be seen. */
  outline() {
    const { posterior } = this.state;
    const [centre, deviation] = [this.pick(posterior.mean), this.pick(posterior.deviation)];
    const [x, y] = this.project(centre);
    const spans = centre.map((mean, axis) => {
      const end = centre.slice();
      end[axis] = mean + 2 * deviation[axis];
      const [endX, endY] = this.project(end);
      return [endX - x, endY - y];
    });
    return Array.from({ length: 49 }, (_, step) => {
      const angle = (2 * Math.PI * step) / 48;
      const along = spans.map(([dx, dy]) => dx * Math.cos(angle) + dy * Math.sin(angle));
      const length = Math.max(1e-9, Math.hypot(...along));
      const [dx, dy] = [0, 1].map((side) =>
        spans.reduce((sum, span, k) => sum + span[side] * along[k], 0) / length);
      const grow = Math.max(1, SMALLEST / Math.max(1e-9, Math.hypot(dx, dy)));
      return [x + grow * dx, y + grow * dy];
    });
  }

  listen() {
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    let last = null;
    let moved = 0;
    const away = (event) => [event.clientX - last[0], event.clientY - last[1]];
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.canvas.setPointerCapture(event.pointerId);
      last = [event.clientX, event.clientY];
      moved = 0;
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!last) return;
      const [dx, dy] = away(event);
      // a finger that begins upright scrolls the page: wait until it does not
      if (event.pointerType === "touch" && moved === 0 && Math.hypot(dx, dy) < TOUCH) return;
      last = [event.clientX, event.clientY];
      moved += Math.abs(dx) + Math.abs(dy);
      this.rotate(dx * 0.01, dy * 0.01);
    });
    this.canvas.addEventListener("pointercancel", () => { last = null; });
    this.canvas.addEventListener("pointerup", (event) => {
      const clicked = last && moved < 4;
      last = null;
      if (!clicked) return;
      const box = this.canvas.getBoundingClientRect();
      this.choose([event.clientX - box.left, event.clientY - box.top]);
    });
    this.canvas.addEventListener("blur", () => this.pointAt(null));
    this.canvas.addEventListener("keydown", (event) => {
      const step = ARROWS[event.key];
      const middle = [this.width / 2, this.height / 2];
      if (event.key === "Enter") this.choose(this.aim ?? middle, Infinity);
      else if (step && event.shiftKey) {
        this.pointAt((this.aim ?? middle).map((at, axis) =>
          clamp(at + NEAR * step[axis], 0, 2 * middle[axis])));
      } else if (step) this.rotate(...step.map((one) => 0.1 * one));
      else return;
      event.preventDefault();
    });
  }

  rotate(around, over) {
    const [a, b] = this.state.turn;
    this.state.display.turn = [a + around, b + over];
    this.state.changed("turn");
  }

  pointAt(aim) {
    this.aim = aim;
    this.draw();
  }

  /** The code nearest to a point of the canvas, if it is near: its picture is shown. */
  choose([x, y], near = NEAR) {
    let best = null;
    for (const [px, py, depth, i] of this.places) {
      if (!this.canBeTaken(i)) continue;
      const distance = Math.hypot(px - x, py - y);
      if (distance < near && (!best || distance - 3 * depth < best.rank)) {
        best = { i, rank: distance - 3 * depth };
      }
    }
    if (best && (this.state.model.runs || this.state.model.pictures)) this.state.setPoint(best.i);
  }
}
