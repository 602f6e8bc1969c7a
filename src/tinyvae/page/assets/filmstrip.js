// The pictures that the page holds, to choose from.
import { showPicture } from "./pictures.js";
import { element } from "./sliders.js";
import { worldOf } from "./worlds.js";

/** A grid of pictures; with keys: arrows, Home and End. */
export class Filmstrip {
  /** `choose(point)` is what a picture does. */
  constructor(holder, choose) {
    Object.assign(this, { holder, choose, model: null, options: [], chosen: -1 });
    holder.addEventListener("click", ({ target }) => {
      const point = this.options.indexOf(target);
      if (point >= 0) choose(point);
    });
    holder.addEventListener("keydown", (event) => {
      const moved = this.steps()[event.key];
      if (moved === undefined) return;
      event.preventDefault();
      choose(Math.min(this.options.length - 1, Math.max(0, moved)));
    });
  }

  steps() {
    const [from, last] = [Math.max(0, this.chosen), this.options.length - 1];
    const top = this.options[0]?.offsetTop;
    const columns = Math.max(1, this.options.findIndex((one) => one.offsetTop > top));
    return {
      ArrowLeft: from - 1, ArrowRight: from + 1, ArrowUp: from - columns,
      ArrowDown: from + columns, Home: 0, End: last,
    };
  }

  /** The pictures of a model, drawn once. */
  build(model) {
    if (this.model === model) return;
    const world = worldOf(model);
    Object.assign(this, { model, chosen: -1, options: [] });
    this.holder.hidden = world.draws;
    if (!world.draws) {
      this.options = Array.from({ length: world.count }, (_, point) => {
        const canvas = element("canvas");
        canvas.id = `picture-${point}`;
        canvas.dataset.small = "yes";
        canvas.setAttribute("role", "option");
        const shown = world.ofPoint(model, point);
        canvas.setAttribute("aria-label", world.words({ ...shown, own: false }));
        showPicture(canvas, shown.image, model.pictures.shape, model.range);
        return canvas;
      });
    }
    this.holder.replaceChildren(...this.options);
  }

  /** Which picture is shown now; null where none of them is. */
  show(point) {
    const chosen = point ?? -1;
    if (chosen === this.chosen) return;
    this.options[this.chosen]?.setAttribute("aria-selected", "false");
    this.chosen = chosen;
    const option = this.options[chosen];
    option?.setAttribute("aria-selected", "true");
    if (!option) {
      this.holder.removeAttribute("aria-activedescendant");
      return;
    }
    this.holder.setAttribute("aria-activedescendant", option.id);
    const { holder } = this; // within the strip: the page itself stays where it is
    const top = option.offsetTop - holder.offsetTop;
    const bottom = top + option.offsetHeight - holder.clientHeight;
    if (holder.scrollTop > top) holder.scrollTop = top - 4;
    else if (holder.scrollTop < bottom) holder.scrollTop = bottom + 4;
  }
}
