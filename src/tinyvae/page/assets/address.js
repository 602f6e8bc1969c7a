// The address follows what is on the page, so that a link holds it and Back goes back.
import { fragmentOf } from "./links.js";

const REST = 400; // milliseconds after which things count as being at rest

export class Address {
  /** `restore(fragment)` shows what an address says. */
  constructor(stage, restore) {
    Object.assign(this, { stage, pending: 0 });
    for (const event of ["popstate", "hashchange"]) {
      window.addEventListener(event, () => {
        if (window.location.hash.slice(1) === this.fragment()) return;
        clearTimeout(this.pending);
        restore(window.location.hash.slice(1));
      });
    }
  }

  fragment() { return fragmentOf(this.stage); }

  /** The address of this state, also where the page has no address of its own. */
  link() { return `${window.location.href.split("#")[0]}#${this.fragment()}`; }

  /** A little later, when things are at rest. */
  follow() {
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.write("replaceState"), REST);
  }

  /** A change that Back undoes. */
  step(change) {
    this.write("replaceState");
    change();
    this.write("pushState");
  }

  write(how) {
    clearTimeout(this.pending);
    if (window.location.protocol === "about:") return; // within a notebook
    const fragment = this.fragment();
    if (window.location.hash.slice(1) !== fragment) window.history[how](null, "", `#${fragment}`);
  }
}
