// A pattern that moves, as models/translated.py has it.

/** A pattern (height, width, channel) by so many pixels further to the right and down. */
export function movedPattern(pattern, [height, width, channels], right, down) {
  const result = new Float32Array(pattern.length);
  const across = seenPlaces(width, right);
  let to = 0;
  for (const rows of seenPlaces(height, down)) {
    for (const columns of across) {
      for (const [row, high] of rows) {
        for (const [column, wide] of columns) {
          const from = (row * width + column) * channels;
          for (let k = 0; k < channels; k += 1) result[to + k] += high * wide * pattern[from + k];
        }
      }
      to += channels;
    }
  }
  return result;
}

/** Of each pixel of a line, the two places that it sees and the weight of each. */
function seenPlaces(side, shift) {
  const last = side - 1;
  return Array.from({ length: side }, (_, pixel) => {
    const place = Math.min(Math.max(pixel - shift, 0), last);
    const first = Math.floor(place);
    return [[first, 1 - (place - first)], [Math.min(first + 1, last), place - first]];
  });
}
