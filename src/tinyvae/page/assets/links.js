// What is on the page as the fragment of a link, and back.
import { FIRST_TURN, MODES } from "./display.js";
import { bytesOf, clamp } from "./numbers.js";

const MOST_LINKED = 16_384; // values of a person's own picture that fit into a link

/** Whether a link can hold the picture that is shown. */
export const fitsLink = ({ own, image }) => !own || image.length <= MOST_LINKED;

/** All that is on the page, short. */
export function fragmentOf({ state, other, two, display }) {
  const { own, point, image, factors, place } = state;
  const parts = { m: place, c: display.colour, t: display.path };
  if (two) parts.w = other.place;
  if (display.turn.some((angle, k) => angle !== FIRST_TURN[k])) {
    parts.r = display.turn.map((angle) => angle.toFixed(2)).join("_");
  }
  if (display.mode !== display.start) parts.g = MODES.indexOf(display.mode);
  if (display.mode !== "answer") {
    parts.a = guessesText(state);
    if (two) parts.b = guessesText(other);
  }
  if (!own && point !== null) parts.i = point;
  else if (!own) parts.f = factors.join("_");
  if (state.source === "latent") parts.z = latentText(state);
  if (two && other.source === "latent") parts.y = latentText(other);
  if (display.all) parts.n = 1;
  if (display.lesson) parts.l = display.lesson.join("_");
  if (display.sections.length) parts.o = display.sections.join("_");
  if (own && fitsLink(state)) parts.p = packedPicture(image);
  const said = Object.entries(parts).filter(([, value]) => value !== "");
  return new URLSearchParams(said).toString();
}

const latentText = ({ latent }) => latent.map((value) => value.toFixed(3)).join("_");

/** "0.1_2.0": z0 was said to be the first factor, z2 no factor alone. */
const guessesText = ({ guesses }) =>
  Object.entries(guesses).map((pair) => pair.join(".")).join("_");

/** Go back to what a fragment says; whatever makes no sense is left out. */
export function restoreFrom(fragment, stage) {
  const { state, other, display } = stage;
  const parts = new URLSearchParams(fragment);
  const place = whole(parts.get("m"), state.models.length) ?? 0;
  const beside = whole(parts.get("w"), state.models.length);
  stage.part();
  if (place !== state.place) state.setModel(place);
  const { factors } = state.model.world;
  display.colour = whole(parts.get("c"), factors.length) ?? 0;
  display.path = whole(parts.get("t"), factors.length) ?? 0;
  display.turn = numbers(parts.get("r"), 2) ?? FIRST_TURN.slice();
  display.mode = MODES[whole(parts.get("g"), MODES.length)] ?? display.start;
  display.all = parts.get("n") === "1";
  display.lesson = numbers(parts.get("l"), 2);
  display.sections = (parts.get("o") ?? "").split("_").filter((name) => name);
  state.held = stage.canStandBeside(beside);
  restorePicture(parts, state);
  restoreLatent(parts.get("z"), state);
  display.guesses[place] = guessesOf(parts.get("a"), state.model);
  if (!stage.canStandBeside(beside)) return;
  stage.setBeside(beside);
  restoreLatent(parts.get("y"), other);
  display.guesses[beside] = guessesOf(parts.get("b"), other.model);
}

function restorePicture(parts, state) {
  const { model, world } = state;
  const factors = world.draws ? numbers(parts.get("f"), model.world.factors.length) : null;
  const own = model.runs ? unpackedPicture(parts.get("p"), model.numValues) : null;
  if (own) state.setImage(own);
  else if (factors) state.setFactors(factors);
  else if (!world.draws && parts.has("i")) state.setPoint(whole(parts.get("i"), world.count) ?? 0);
  else if (world.draws) state.setFactors(state.factors);
  else state.setPoint(state.point ?? 0);
}

function restoreLatent(text, state) {
  const { model } = state;
  const latent = numbers(text, model.latents);
  if (!latent) return;
  state.setLatent(latent.map((value, j) => clamp(value, -model.reach(j), model.reach(j))));
}

function guessesOf(text, model) {
  const pairs = (text ?? "").split("_").map((pair) => pair.split("."));
  return Object.fromEntries(pairs
    .map(([latent, choice]) => [whole(latent, model.latents), whole(choice, model.world.factors.length + 1)])
    .filter(([latent, choice]) => latent !== null && choice !== null));
}

/** A whole number from 0 on, below a count; null where the text is none. */
function whole(text, count) {
  const value = /^\d+$/.test(text ?? "") ? Number(text) : NaN;
  return value < count ? value : null;
}

function numbers(text, count) {
  if (!text) return null;
  const values = text.split("_").map(Number);
  return values.length === count && values.every(Number.isFinite) ? values : null;
}

/** A picture as base 64: a bit a pixel where it is black and white, else a byte. */
function packedPicture(image) {
  const grey = image.some((light) => light !== 0 && light !== 1);
  const bytes = grey
    ? Uint8Array.from(image, (light) => Math.round(255 * light))
    : new Uint8Array(Math.ceil(image.length / 8));
  if (!grey) image.forEach((light, i) => { bytes[i >> 3] |= light << (i & 7); });
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function unpackedPicture(text, count) {
  if (!text) return null;
  try {
    const bytes = bytesOf(text);
    const bits = Math.ceil(count / 8);
    if (bytes.length === count) return Float32Array.from(bytes, (byte) => byte / 255);
    if (bytes.length !== bits) return null;
    return Float32Array.from({ length: count }, (_, i) => (bytes[i >> 3] >> (i & 7)) & 1);
  } catch {
    return null;
  }
}
