// Elements of the page. Texts are always text, never markup.

/** A new element with a class, and with texts or elements in it. */
export function element(tag, className = "", ...content) {
  const one = document.createElement(tag);
  if (className) one.className = className;
  one.append(...content.filter((part) => part !== null && part !== undefined));
  return one;
}

export const byId = (id) => document.getElementById(id);

/** A header cell of a column or of a row. */
export function head(scope, className, ...content) {
  const cell = element("th", className, ...content);
  cell.scope = scope;
  return cell;
}
