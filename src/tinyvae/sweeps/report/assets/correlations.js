// Rank correlations: of criteria with the answer, and of all measures with one another.
import { byId, element, head } from "./elements.js";
import { scaled, shape } from "./svg.js";
import { counted, fixed } from "./texts.js";

const [RHO_WIDTH, RHO_HEIGHT, RHO_TEXT] = [170, 18, 50];

/** How well each criterion that needs no factor foretells the smallest share. */
export function showCriteria({ data, measures }) {
  const { criteria, fewest, keptSeeds } = data;
  byId("criteria-hint").textContent =
    "Rank correlation (Spearman) with the smallest share of a factor with its latent: " +
    "blue: members that are better by the criterion have a better answer; orange: a worse one; near 0: it says nothing. " +
    "Losses of two objectives cannot be compared, but those of two seeds of one setting can. " +
    `Nothing is said of fewer than ${fewest} members.`;
  const header = element("thead", "", element("tr", "",
    head("col", "", "Criterion"), head("col", "", "Better when"), head("col", "", "Over all members"),
    head("col", "number", "Members"), head("col", "", "Among seeds of one setting, mean"), head("col", "number", "Settings")));
  const rows = criteria.map((one) => element("tr", "",
    head("row", "", measures.get(one.id).title),
    element("td", "", measures.get(one.id).higher ? "higher" : "lower"),
    element("td", "", correlation(one.value, measures.get(one.id).higher)),
    element("td", "number", one.members),
    element("td", "", correlation(one.within, measures.get(one.id).higher)),
    element("td", "number", one.settings)));
  if (rows.length) byId("criteria").append(element("table", "", header, element("tbody", "", ...rows)));
  else byId("criteria").append("No member has an answer and a criterion.");
  byId("criteria-note").textContent = measures.has("udr") ? "" :
    `UDR, the agreement of seeds, is missing: it needs the weights of at least 2 seeds of a setting, and ` +
    `${keptSeeds ? `of ${keptSeeds} kept members no two alike have theirs` : "none are kept"}. Sweep into another folder with --keep all.`;
}

/** A bar from 0, blue where the criterion points the right way. */
function correlation(value, higher) {
  if (value === null) return "\u2013";
  const svg = shape("svg", { class: "rho", viewBox: `0 0 ${RHO_WIDTH} ${RHO_HEIGHT}`, role: "img", "aria-label": fixed(value, 2) });
  const across = scaled([-1, 1], [RHO_TEXT + 6, RHO_WIDTH - 4]);
  const right = value > 0 === higher;
  const [start, end] = [Math.min(across(0), across(value)), Math.max(across(0), across(value))];
  svg.append(shape("rect", { x: start, y: 4, width: end - start, height: 10, fill: right ? "var(--accent)" : "var(--mark)" }));
  svg.append(shape("line", { x1: across(0), x2: across(0), y1: 0, y2: RHO_HEIGHT, stroke: "var(--soft)" }));
  svg.append(shape("text", { x: RHO_TEXT, y: 14, "text-anchor": "end", "font-size": 13, fill: "currentColor" }, fixed(value, 2)));
  return svg;
}

/** The heat map of all measures. */
export function showCorrelations({ data, measures }) {
  const { correlations: { names, values, members }, fewest } = data;
  const pairs = names.flatMap((_, i) => names.slice(0, i).map((__, j) => [values[i][j], members[i][j]]));
  const counts = pairs.filter(([value]) => value !== null).map(([, count]) => count);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  byId("correlations-hint").textContent = counts.length
    ? `Rank correlation (Spearman) over the members that have both values, ${least === most ? most : `${least} to ${most}`} ` +
      "of them; point at a cell for its own number. Blue: they rank members alike; orange: the other way round. " +
      `A dash: fewer than ${fewest} members, or a value that is the same for all. Criteria that need no factor come last.`
    : `There is nothing to correlate: no two measures have ${fewest} members with both values, or their values are the same for all.`;
  if (!counts.length) return;
  const kinds = names.map((id) => measures.get(id).kind);
  const begins = (k) => (k > 0 && kinds[k] !== kinds[k - 1]);
  const top = element("tr", "", element("td"), ...names.map((id, j) =>
    head("col", begins(j) ? "after" : "", element("span", "", measures.get(id).title))));
  const body = names.map((id, i) => element("tr", begins(i) ? "first" : "",
    head("row", "", measures.get(id).title),
    ...names.map((other, j) => cell(values[i][j], {
      itself: i === j, after: begins(j),
      words: `${measures.get(id).title} and ${measures.get(other).title}: ` +
        `${fixed(values[i][j], 2)} over ${counted(members[i][j], "member")}`,
    }))));
  byId("correlations").append(element("table", "heat", element("thead", "", top), element("tbody", "", ...body)));
}

function cell(value, { itself, after, words }) {
  const one = element("td", `${itself ? "itself" : ""} ${after ? "after" : ""}`.trim());
  if (itself) return one;
  one.textContent = fixed(value, 2);
  one.title = words;
  if (value !== null) {
    one.style.background = `rgba(${value > 0 ? "0, 114, 178" : "213, 94, 0"}, ${(0.5 * Math.abs(value)).toFixed(3)})`;
  }
  return one;
}
