// Animated GIFs of grey pictures (the format of 1989, section by section).

const MOST_CODES = 4096; // as many as 12 bits tell apart

/** Bytes of a GIF: frames of 0 to 1, (size, size), each shown for some centiseconds. */
export function animatedGif(frames, size, centiseconds = 8) {
  const bytes = [];
  const text = (letters) => bytes.push(...[...letters].map((c) => c.charCodeAt(0)));
  const word = (value) => bytes.push(value & 255, value >> 8);
  text("GIF89a");
  word(size);
  word(size);
  bytes.push(0xf6, 0, 0); // a table of 128 colours
  for (let grey = 0; grey < 128; grey += 1) bytes.push(2 * grey, 2 * grey, 2 * grey);
  bytes.push(0x21, 0xff, 11);
  text("NETSCAPE2.0");
  bytes.push(3, 1, 0, 0, 0); // for ever
  for (const frame of frames) {
    bytes.push(0x21, 0xf9, 4, 0);
    word(centiseconds);
    bytes.push(0, 0);
    bytes.push(0x2c);
    [0, 0, size, size].forEach(word);
    bytes.push(0, 7);
    const codes = packedCodes(frame);
    for (let i = 0; i < codes.length; i += 255) {
      const block = codes.slice(i, i + 255);
      bytes.push(block.length, ...block);
    }
    bytes.push(0);
  }
  bytes.push(0x3b);
  return Uint8Array.from(bytes);
}

/** Pixels of 128 greys, packed by the method of Lempel, Ziv and Welch. */
function packedCodes(frame) {
  const [clear, end] = [128, 129];
  const bytes = [];
  let [bits, filled] = [0, 0]; // bits not yet written, and how many
  let table = new Map();
  let width = 8;
  const put = (code) => {
    bits |= code << filled;
    filled += width;
    for (; filled >= 8; filled -= 8) {
      bytes.push(bits & 255);
      bits >>= 8;
    }
  };
  put(clear);
  let run = -1; // the code of the pixels that wait to be written
  for (const light of frame) {
    const grey = Math.min(127, Math.max(0, Math.round(127 * light)));
    const longer = (run << 8) | grey;
    if (run < 0) {
      run = grey;
    } else if (table.has(longer)) {
      run = table.get(longer);
    } else {
      put(run);
      const next = 130 + table.size;
      if (next === MOST_CODES) {
        put(clear);
        [table, width] = [new Map(), 8];
      } else {
        table.set(longer, next);
        if (next === 1 << width) width += 1;
      }
      run = grey;
    }
  }
  put(run);
  // whoever reads it has by now as many codes as if another had been added here
  if (130 + table.size === 1 << width && width < 12) width += 1;
  put(end);
  if (filled > 0) bytes.push(bits & 255);
  return bytes;
}

/** Every pixel as a square of some pixels. */
export function enlarged(image, size, times) {
  const side = size * times;
  return Float32Array.from({ length: side * side }, (_, i) => {
    const [row, column] = [Math.floor(i / side), i % side];
    return image[Math.floor(row / times) * size + Math.floor(column / times)];
  });
}
