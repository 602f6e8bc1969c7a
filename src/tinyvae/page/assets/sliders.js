// A slider with a number beside it, and where a code stands on it.
import { clamp } from "./numbers.js";

const KNOB = 8; // pixels: the middle of a range's knob keeps so far from its ends

/** Put a slider into its holder; returns how to show things on it. */
export function slider(holder, { id, text, low, high, step, change }) {
  const row = element("div", "slider");
  const label = element("label");
  label.htmlFor = id;
  const meaning = element("span", "meaning");
  label.append(text, meaning);
  const track = element("div", "track");
  const [range, number] = [element("input"), element("input")];
  for (const input of [range, number]) Object.assign(input, { min: low, max: high, step });
  const spread = element("div", "spread");
  const code = element("div", "code");
  const note = element("p", "note");
  Object.assign(range, { type: "range", id });
  Object.assign(note, { id: `${id}-note`, hidden: true });
  Object.assign(number, { type: "number" });
  range.setAttribute("aria-describedby", note.id);
  number.setAttribute("aria-label", `${text}, typed`);
  for (const mark of [spread, code]) mark.hidden = true;
  track.append(spread, range, code);
  row.append(label, track, number, note);
  holder.append(row);

  let shown = 0;
  range.addEventListener("input", () => change(Number(range.value)));
  number.addEventListener("change", () => {
    if (Number.isFinite(number.valueAsNumber)) change(clamp(number.valueAsNumber, low, high));
    number.value = Number(shown.toFixed(3)); // what was taken, not what was typed
  });
  const at = (value) =>
    `calc(${KNOB}px + (100% - ${2 * KNOB}px) * ${clamp((value - low) / (high - low), 0, 1)})`;
  return {
    row,
    show(value) {
      shown = value;
      range.value = value;
      if (document.activeElement !== number) number.value = Number(value.toFixed(3));
    },
    mean(words) { meaning.textContent = words; },
    /** The posterior: its mean as a mark, two deviations to each side as a band. */
    mark(mean, deviation) {
      for (const one of [spread, code]) one.hidden = false;
      spread.style.left = at(mean - 2 * deviation);
      spread.style.right = `calc(100% - ${at(mean + 2 * deviation)})`;
      code.style.left = at(mean);
      note.hidden = false;
      note.textContent = `code ${mean.toFixed(2)} \u00b1 ${(2 * deviation).toFixed(2)}`;
    },
  };
}

export function element(tag, name = "") {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}
