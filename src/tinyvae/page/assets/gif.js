// Animated GIFs, grey or in colour (the format of 1989, section by section).

const MOST_CODES = 4096; // as many as 12 bits tell apart

const LEVELS_OF_COLOUR = [8, 8, 4]; // of red, green and blue: 256 together

/** Bytes of a GIF: frames of shape [height, width, channel], each for some centiseconds. */
export function animatedGif(frames, [height, width, channels], centiseconds = 8) {
  const bytes = [];
  const bits = channels === 3 ? 8 : 7;
  const text = (letters) => bytes.push(...[...letters].map((c) => c.charCodeAt(0)));
  const word = (value) => bytes.push(value & 255, value >> 8);
  text("GIF89a");
  word(width);
  word(height);
  bytes.push(0xf0 | (bits - 1), 0, 0);
  bytes.push(...tableOf(channels));
  bytes.push(0x21, 0xff, 11);
  text("NETSCAPE2.0");
  bytes.push(3, 1, 0, 0, 0); // for ever
  for (const frame of frames) {
    bytes.push(0x21, 0xf9, 4, 0);
    word(centiseconds);
    bytes.push(0, 0);
    bytes.push(0x2c);
    [0, 0, width, height].forEach(word);
    bytes.push(0, bits);
    const codes = packedCodes(placesOf(frame, channels), bits);
    for (let i = 0; i < codes.length; i += 255) {
      const block = codes.slice(i, i + 255);
      bytes.push(block.length, ...block);
    }
    bytes.push(0);
  }
  bytes.push(0x3b);
  return Uint8Array.from(bytes);
}

/** The table of colours: 128 greys, or 8 x 8 x 4 colours. */
function tableOf(channels) {
  const greys = Array.from({ length: 128 }, (_, grey) => Array(3).fill(2 * grey)).flat();
  if (channels !== 3) return greys;
  const [reds, greens, blues] = LEVELS_OF_COLOUR;
  return Array.from({ length: 256 }, (_, k) => [
    Math.round((255 * (k >> 5)) / (reds - 1)),
    Math.round((255 * ((k >> 2) & 7)) / (greens - 1)),
    Math.round((255 * (k & 3)) / (blues - 1)),
  ]).flat();
}

/** Place of each pixel's colour in the table. */
function placesOf(frame, channels) {
  const level = (light, levels) =>
    Math.min(levels - 1, Math.max(0, Math.round((levels - 1) * light)));
  return Uint8Array.from({ length: frame.length / channels }, (_, i) => {
    const pixel = frame.subarray(i * channels, (i + 1) * channels);
    if (channels !== 3) return level(pixel.reduce((sum, v) => sum + v, 0) / channels, 128);
    const [red, green, blue] = LEVELS_OF_COLOUR.map((levels, k) => level(pixel[k], levels));
    return (red << 5) | (green << 2) | blue;
  });
}

/** Places in a table, packed by the method of Lempel, Ziv and Welch. */
function packedCodes(places, tableBits) {
  const [clear, end] = [1 << tableBits, (1 << tableBits) + 1];
  const bytes = [];
  let [bits, filled] = [0, 0]; // bits not yet written, and how many
  let table = new Map();
  let width = tableBits + 1;
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
  for (const place of places) {
    const longer = (run << 8) | place;
    if (run < 0) {
      run = place;
    } else if (table.has(longer)) {
      run = table.get(longer);
    } else {
      put(run);
      const next = end + 1 + table.size;
      if (next === MOST_CODES) {
        put(clear);
        [table, width] = [new Map(), tableBits + 1];
      } else {
        table.set(longer, next);
        if (next === 1 << width) width += 1;
      }
      run = place;
    }
  }
  put(run);
  // whoever reads it has by now as many codes as if another had been added here
  if (end + 1 + table.size === 1 << width && width < 12) width += 1;
  put(end);
  if (filled > 0) bytes.push(bits & 255);
  return bytes;
}

/** Every pixel as a square of some pixels. */
export function enlarged(image, [height, width, channels], times) {
  const values = new Float32Array(image.length * times * times);
  for (let i = 0; i < values.length; i += 1) {
    const pixel = Math.floor(i / channels);
    const row = Math.floor(pixel / (width * times) / times);
    const column = Math.floor((pixel % (width * times)) / times);
    values[i] = image[(row * width + column) * channels + (i % channels)];
  }
  return values;
}
