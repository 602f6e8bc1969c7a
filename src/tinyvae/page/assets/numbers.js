// Numbers: 16-bit floats out of base 64, colours, and small arithmetic.

/** Bytes of a base 64 text. */
export function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** 16-bit floats, little-endian, as a Float32Array. */
export function halfFloats(text) {
  const bytes = bytesOf(text);
  const values = new Float32Array(bytes.length / 2);
  for (let i = 0; i < values.length; i += 1) {
    values[i] = WIDENED[bytes[2 * i] | (bytes[2 * i + 1] << 8)];
  }
  return values;
}

/** 32-bit floats, little-endian. */
export const singleFloats = (text) => new Float32Array(bytesOf(text).buffer);

/** The number that 16 bits stand for (IEEE 754 half precision). */
export function widened(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const WIDENED = Float32Array.from({ length: 65536 }, (_, bits) => widened(bits));

/** Where the arrow keys point: right and down. */
export const ARROWS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** A share of 0.996 as 0.99: rounded down, so that it never claims more than is. */
export function twoDigits(value) {
  return value === null ? "–" : (Math.floor(value * 100 + 1e-6) / 100).toFixed(2);
}

/** A pair of standard normal numbers' first (Box and Muller). */
export function normal() {
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  return radius * Math.cos(2 * Math.PI * Math.random());
}

/** A value that is kept under its name from its first use on. */
export function once(owner, name, value) {
  Object.defineProperty(owner, name, { value });
  return value;
}

/** A number of a label as a person reads it: 24, 24.5, 0.0312. */
export function shortNumber(value) {
  if (!Number.isFinite(value)) return "unknown";
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** Names in a row, with an "and" before the last. */
export function listed(names, and = "and") {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} ${and} ${names.at(-1)}`;
}
