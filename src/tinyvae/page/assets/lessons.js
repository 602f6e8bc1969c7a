// Lessons, a step at a time, in a bar that stays in sight while its buttons act.

/** The bar at the foot of the window, and the buttons that open it. */
export class Lessons {
  /**
   * A lesson is [title, steps], and a step { text, label, act, note }. `go(lesson)` makes
   * [place, step], or null, the one that is shown.
   */
  constructor(menu, bar, { lessons, go }) {
    Object.assign(this, { bar, lessons, go, at: null });
    this.openers = lessons.map(([title], place) =>
      lessonButton(`${place + 1}. ${title}`, () => this.move(this.at?.[0] === place ? null : [place, 0])));
    menu.replaceChildren(...this.openers);
    new ResizeObserver(() => this.makeRoom()).observe(bar);
  }

  /** Whatever is brought into sight stays above the bar. */
  makeRoom() {
    document.documentElement.style.setProperty("--lesson", `${this.bar.offsetHeight}px`);
  }

  /** By hand: the text is then what is read next. */
  move(at) {
    const from = this.at?.[0];
    this.go(at);
    if (at) this.bar.querySelector("h2").focus();
    else this.openers[from].focus();
  }

  /** Show a step, where there is one: [place, step]. */
  show(at) {
    const { bar, lessons } = this;
    if (at && at.join() === this.at?.join()) return; // its buttons keep the focus
    const step = at && lessons[at[0]]?.[1][at[1]];
    this.at = step ? at : null;
    this.openers.forEach((opener, place) =>
      opener.setAttribute("aria-expanded", String(place === this.at?.[0])));
    bar.hidden = !step;
    bar.replaceChildren(...(step ? this.parts(step) : []));
    this.makeRoom();
  }

  parts({ text, label, act, note }) {
    const [place, step] = this.at;
    const [title, steps] = this.lessons[place];
    const [heading, said, buttons] = ["h2", "p", "div"].map((tag) => document.createElement(tag));
    heading.textContent = `${title} Step ${step + 1} of ${steps.length}`;
    heading.id = "h-lesson";
    heading.tabIndex = -1;
    said.textContent = note ? `${text} ${note}` : text;
    buttons.className = "buttons";
    if (act) buttons.append(lessonButton(label, act, "first"));
    if (step > 0) buttons.append(lessonButton("Back", () => this.move([place, step - 1])));
    if (step + 1 < steps.length) buttons.append(lessonButton("Next", () => this.move([place, step + 1])));
    buttons.append(lessonButton("Close the lesson", () => this.move(null)));
    return [heading, said, buttons];
  }
}

function lessonButton(words, act, name = "") {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: words, className: name });
  button.addEventListener("click", act);
  return button;
}
