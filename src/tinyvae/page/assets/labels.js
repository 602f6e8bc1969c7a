// Controls of known labels: they lead to the nearest picture that the page holds.
import { shortNumber } from "./numbers.js";
import { element } from "./sliders.js";

const MOST_BUTTONS = 12; // levels of a label; more make a menu

/** The control of one label; returns how to show a value on it. */
export function labelControl(holder, { id, factor, values, change }) {
  if (factor.kind !== "categorical") return valueSlider(holder, { id, factor, values, change });
  if (values.length > MOST_BUTTONS) return levelMenu(holder, { id, factor, values, change });
  return levelButtons(holder, { id, factor, values, change });
}

const named = ({ name, unit }) => `${name}${unit ? `, ${unit}` : ""}`;

const levelOf = ({ levels, low }, value) => levels[Math.round(value - low)] ?? shortNumber(value);

/** A slider along the values that the pictures have. */
function valueSlider(holder, { id, factor, values, change }) {
  const row = element("div", "slider");
  const label = element("label");
  const meaning = element("span", "meaning");
  const [track, range, shown] = [element("div", "track"), element("input"), element("output", "value")];
  label.htmlFor = id;
  label.append(named(factor), meaning);
  Object.assign(range, { type: "range", id, min: 0, max: Math.max(0, values.length - 1), step: 1 });
  range.disabled = values.length < 2;
  shown.htmlFor = id;
  range.addEventListener("input", () => change(values[Number(range.value)]));
  track.append(range);
  row.append(label, track, shown);
  holder.append(row);
  return {
    row,
    show(value) {
      const place = values.findIndex((one) => Math.abs(one - value) < 1e-6 + 1e-3 * Math.abs(value));
      if (place >= 0) range.value = place;
      shown.textContent = shortNumber(value);
      range.setAttribute("aria-valuetext", `${shortNumber(value)} ${factor.unit}`.trim());
    },
    mean(words) { meaning.textContent = words; },
  };
}

/** A button for each level that the pictures have. */
function levelButtons(holder, { id, factor, values, change }) {
  const row = element("fieldset", "levels");
  row.id = id;
  const legend = element("legend");
  legend.textContent = factor.name;
  const buttons = values.map((value) => {
    const button = element("button");
    button.type = "button";
    button.textContent = levelOf(factor, value);
    button.addEventListener("click", () => change(value));
    return button;
  });
  row.append(legend, ...buttons);
  holder.append(row);
  return {
    row,
    show(value) {
      buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(values[k] === value)));
    },
    mean() {},
  };
}

function levelMenu(holder, { id, factor, values, change }) {
  const row = element("div", "slider");
  const [label, select] = [element("label"), element("select")];
  label.htmlFor = id;
  label.textContent = factor.name;
  select.id = id;
  select.append(...values.map((value, k) => new Option(levelOf(factor, value), k)));
  select.addEventListener("change", () => change(values[Number(select.value)]));
  row.append(label, select);
  holder.append(row);
  return { row, show(value) { select.value = values.indexOf(value); }, mean() {} };
}
