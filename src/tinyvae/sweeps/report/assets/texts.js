// Numbers and counts as a person reads them.

/** A number with so many decimals as its size needs: 0.024, 3.14, 1520. */
export function read(value, digits = 3) {
  if (value === null || value === undefined) return "\u2013";
  const size = Math.abs(value);
  if (size >= 10 ** (digits - 1) || value === 0) return signed(value.toFixed(0));
  return signed(value.toFixed(Math.min(digits, digits - 1 - Math.floor(Math.log10(size)))));
}

/** A number with fixed decimals. */
export const fixed = (value, decimals) =>
  value === null || value === undefined ? "\u2013" : signed(value.toFixed(decimals));

/** A minus sign instead of a hyphen. */
const signed = (text) => (Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212"));

/** A value of a measure with its unit. */
export const withUnit = (value, unit) => `${read(value)}${unit && value !== null ? ` ${unit}` : ""}`;

export const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** A title with its unit, as an axis has it. */
export const titled = ({ title, unit }) => `${title}${unit ? `, ${unit}` : ""}`;

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
