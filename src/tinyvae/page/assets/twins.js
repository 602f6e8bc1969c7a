// A second set of the cards that every model has, for the model beside.

export const TWIN = "-beside"; // what the names of the second set end in

/** After each card its twin, whose ids differ; what one set has alone is left out. */
export function makeTwins() {
  for (const card of document.querySelectorAll("[data-twice]")) {
    const twin = card.cloneNode(true);
    twin.classList.add("twin");
    twin.querySelectorAll("[data-once]").forEach((one) => one.remove());
    const parts = [twin, ...twin.querySelectorAll("*")];
    const ids = new Set(parts.map(({ id }) => id).filter((id) => id));
    for (const part of parts) {
      for (const name of ["id", "for", "aria-labelledby", "aria-describedby"]) {
        if (ids.has(part.getAttribute(name))) part.setAttribute(name, part.getAttribute(name) + TWIN);
      }
    }
    card.after(twin);
  }
}
