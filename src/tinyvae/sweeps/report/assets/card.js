// The card of a member: its name while a mark is pointed at, more once it is opened.
import { byId, element } from "./elements.js";
import { counted, withUnit } from "./texts.js";

const GAP = 14; // pixels between a mark and the card

/** What a member is called. */
export function memberName({ settings, members }, member) {
  return `${settings[members.setting[member]].name}, seed ${members.seed[member]}`;
}

/** What its answer is, or why there is none. */
export function answerText({ members }, member) {
  const state = members.state[member];
  if (state === "failed") {
    return `failed at step ${members.step[member]}: ${members.reasons[members.reason[member]]}`;
  }
  if (state !== "done") return state;
  return members.verdict[member] ?? "no answer";
}

/** Shows cards; at most one at a time. */
export function cards(sweep) {
  const card = byId("card");
  let [open, back] = [false, null];
  const close = () => {
    const had = open && card.contains(document.activeElement);
    [open, card.hidden] = [false, true];
    sweep.select(null);
    if (had) back?.focus({ preventScroll: true });
  };
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape" && !card.hidden) close(); }, { signal: sweep.signal });
  document.addEventListener("pointerdown", ({ target }) => {
    if (open && !card.contains(target)) close();
  }, { signal: sweep.signal });
  return {
    /** A card that goes when the pointer does. */
    pass(member, [x, y], measures) {
      if (open) return;
      card.replaceChildren(...summary(sweep, member, measures));
      card.classList.add("passing");
      place(card, x, y);
    },
    leave() { if (!open) card.hidden = true; },
    /** A card that stays until it is closed; the focus returns to where it was. */
    open(member, [x, y], measures) {
      back = document.activeElement;
      open = true;
      const button = element("button", "close", "Close");
      button.type = "button";
      button.addEventListener("click", close);
      card.replaceChildren(button, ...summary(sweep, member, measures), ...ownPage(sweep, member));
      card.classList.remove("passing");
      place(card, x, y);
      sweep.select(member);
      card.focus({ preventScroll: true });
    },
  };
}

function summary(sweep, member, measures) {
  const { members, columns } = sweep.data;
  const name = element("strong", "", memberName(sweep.data, member));
  name.id = "card-name";
  const [clear, factors] = [members.clear[member], members.factors[member]];
  const count = factors ? ` (${clear} of ${counted(factors, "factor")} clear)` : "";
  const shown = [...new Set(["smallest_share", "elbo", ...measures])]
    .filter((id) => id in columns && columns[id][member] !== null)
    .map((id) => {
      const { title, unit } = sweep.measures.get(id);
      return `${title} ${withUnit(columns[id][member], unit)}`;
    });
  return [
    name,
    element("p", "", `${answerText(sweep.data, member)}${count}`),
    ...(shown.length ? [element("p", "", shown.join(" \u00b7 "))] : []),
  ];
}

/** The link to the page of a member, or the command that makes it. */
function ownPage({ data }, member) {
  const { members, settings } = data;
  if (members.link[member]) {
    const link = element("a", "", "Open its page");
    link.href = encodeURI(members.link[member]);
    return [element("p", "", link)];
  }
  if (members.command[member]) {
    return code("Its weights are kept. In the folder of the sweep, this writes its page:", members.command[member]);
  }
  if (members.state[member] === "failed") return [];
  const { command } = settings[members.setting[member]];
  if (command === null) {
    return [element("p", "", "Its weights were not kept, so it has no page. A sweep into another folder with --keep all keeps them.")];
  }
  const whole = command.replace(new RegExp(`${data.seedWord}$`), String(members.seed[member]));
  return code("Its weights were not kept. This trains it again, with its page:", whole);
}

function code(words, command) {
  const text = element("pre", "", command);
  text.tabIndex = 0;
  text.setAttribute("aria-label", "command");
  return [element("p", "", words), text];
}

/** Beside a place on the page, within the window. */
function place(card, x, y) {
  card.hidden = false;
  card.style.left = "0px";
  card.style.top = "0px";
  const { width, height } = card.getBoundingClientRect();
  const { clientWidth, clientHeight } = document.documentElement;
  const left = x + GAP + width < clientWidth ? x + GAP : x - GAP - width;
  const top = y + GAP + height < clientHeight ? y + GAP : Math.max(4, y - GAP - height);
  card.style.left = `${Math.max(4, Math.min(left, clientWidth - width - 4)) + window.scrollX}px`;
  card.style.top = `${top + window.scrollY}px`;
}
