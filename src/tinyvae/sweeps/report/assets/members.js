// The table of all members: sorted by any column, filtered, and turned like pages.
import { answerText, memberName } from "./card.js";
import { byId, element, head } from "./elements.js";
import { keyMark } from "./marks.js";
import { twoLines } from "./strips.js";
import { capital, counted, fixed, read, titled } from "./texts.js";

const AT_ONCE = 50;
const SCORES = ["smallest_share", "share", "mig_nearest", "dci_disentanglement", "infoe", "elbo", "seconds"];

/** Draw the table, and let people sort, filter and turn it. */
export function showMembers(sweep) {
  const { data } = sweep;
  const columns = columnsOf(sweep);
  const state = { by: null, down: false, from: 0, found: data.members.seed.map((_, member) => member) };
  const heads = columns.map((column) => sortHead(column, () => {
    state.down = state.by === column ? !state.down : column.number;
    state.by = column;
    find();
  }));
  const body = element("tbody");
  byId("members").append(element("table", "", element("thead", "", element("tr", "", ...heads, head("col", "", "Its page"))), body));
  const filters = ["of-setting", "of-state", "find"].map(byId);
  byId("of-setting").append(new Option("all", ""), ...data.settings.map(({ name }, k) => new Option(name, k)));
  byId("of-state").append(new Option("all", ""), ...Object.entries(data.states).map(([name, count]) => new Option(`${name} (${count})`, name)));
  const draw = () => {
    const { found, from } = state;
    body.replaceChildren(...found.slice(from, from + AT_ONCE).map((member) => memberRow(sweep, columns, member)));
    const last = Math.min(from + AT_ONCE, found.length);
    byId("members-count").textContent = found.length
      ? `${from + 1} to ${last} of ${counted(found.length, "member")}` : "No member fits.";
    byId("turn").hidden = found.length <= AT_ONCE;
    byId("earlier").disabled = from === 0;
    byId("later").disabled = last >= found.length;
  };
  const find = () => {
    state.from = 0;
    state.found = sorted(filtered(data, filters.map(({ value }) => value)), state);
    columns.forEach((column, k) => heads[k].setAttribute("aria-sort",
      state.by !== column ? "none" : state.down ? "descending" : "ascending"));
    draw();
  };
  filters.forEach((input) => input.addEventListener("input", find));
  const turn = (by) => () => { state.from += by * AT_ONCE; draw(); };
  byId("earlier").addEventListener("click", turn(-1));
  byId("later").addEventListener("click", turn(1));
  sweep.onSelect(body, () => body.querySelectorAll("tr").forEach((one) =>
    one.classList.toggle("chosen", Number(one.dataset.member) === sweep.selected)));
  find();
}

function columnsOf(sweep) {
  const { data, measures } = sweep;
  const { members, settings } = data;
  const setting = (member) => members.setting[member];
  return [
    { title: "Setting", value: (member) => settings[setting(member)].name, fill: (member) => nameLines(sweep, setting(member)) },
    { title: "Seed", number: true, value: (member) => members.seed[member], fill: (member) => [members.seed[member]] },
    { title: "Answer", className: "answer", value: (member) => answerText(data, member), fill: (member) => answer(data, member) },
    { title: "Clear", number: true, value: (member) => members.clear[member], fill: (member) => [members.factors[member] ? `${members.clear[member]} of ${members.factors[member]}` : "\u2013"] },
    ...SCORES.filter((id) => measures.has(id)).map((id) => ({
      title: capital(titled(measures.get(id))), number: true,
      value: (member) => data.columns[id][member],
      fill: (member) => [["elbo", "seconds"].includes(id) ? read(data.columns[id][member]) : fixed(data.columns[id][member], 3)],
    })),
  ];
}

/** The objective with its mark, and its settings below. */
function nameLines(sweep, setting) {
  const [title, rest] = twoLines(sweep.data.settings[setting].name);
  return [keyMark(sweep.marks[setting]), title, ...(rest ? [element("small", "", rest)] : [])];
}

function answer(data, member) {
  const text = answerText(data, member);
  if (data.members.state[member] !== "failed") return [text];
  const short = element("span", "bad", `failed at step ${data.members.step[member]}`);
  short.title = text;
  return [short];
}

function sortHead({ title, number }, sort) {
  const button = element("button", "sort", title);
  button.type = "button";
  button.addEventListener("click", sort);
  return head("col", number ? "number" : "", button);
}

/** Members of a setting and a state in whose name or answer a text stands. */
function filtered(data, [setting, state, text]) {
  const { members } = data;
  const wanted = text.trim().toLowerCase();
  return members.seed.map((_, member) => member).filter((member) => {
    if (setting !== "" && members.setting[member] !== Number(setting)) return false;
    if (state !== "" && members.state[member] !== state) return false;
    const texts = [memberName(data, member), members.state[member], answerText(data, member)];
    return texts.some((one) => one.toLowerCase().includes(wanted)) || members.identity[member].startsWith(wanted);
  });
}

/** By a column; members without a value come last, whichever way. */
function sorted(found, { by, down }) {
  if (!by) return found;
  const none = (value) => value === null || value === undefined;
  return found.sort((a, b) => {
    const [first, second] = [by.value(a), by.value(b)];
    if (none(first) || none(second)) return none(first) - none(second) || a - b;
    const order = by.number ? first - second : first.localeCompare(second, "en", { numeric: true });
    return (down ? -order : order) || a - b;
  });
}

function memberRow(sweep, columns, member) {
  const { members } = sweep.data;
  const one = element("tr", sweep.selected === member ? "chosen" : "",
    ...columns.map(({ number, className, fill }) => element("td", className ?? (number ? "number" : ""), ...fill(member))),
    element("td", "", way(sweep, member)));
  one.dataset.member = member;
  one.title = `identity ${members.identity[member]}`;
  return one;
}

/** The link to its page, or a button for what makes it. */
function way(sweep, member) {
  const name = memberName(sweep.data, member);
  const link = sweep.data.members.link[member];
  if (link) {
    const one = element("a", "", "open");
    one.href = encodeURI(link);
    one.setAttribute("aria-label", `open the page of ${name}`);
    return one;
  }
  const button = element("button", "", "details");
  button.type = "button";
  button.setAttribute("aria-label", `details of ${name}`);
  button.addEventListener("click", () => {
    const { left, top } = button.getBoundingClientRect();
    sweep.cards.open(member, [left, top], []);
  });
  return button;
}
