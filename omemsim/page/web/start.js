// Undo what page/starts.py did to a built town: from base64 to the bytes of its arrays.

export async function unpacked(text) {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k++) bytes[k] = letters.charCodeAt(k);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// first: a start already decoded, whose arrays others may share.
export async function startOf(text, map, first) {
  const whole = await unpacked(text);
  const size = new DataView(whole.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(whole.subarray(4, 4 + size)));
  const widths = new Map(map.columns.map(([table, name, kind]) => [`${table}.${name}`, Number(kind[1])]));
  const arrays = new Map();
  let at = 4 + size;
  for (const [name, told] of Object.entries(head.arrays)) {
    const length = told.at(-1), part = whole.subarray(at, (at += length));
    arrays.set(name, DECODE[told[0]](part, widths.get(name), told, { name, arrays, first }));
  }
  const fits = new Map();
  for (const [name, told] of Object.entries(head.fits))
    fits.set(name, DECODE[told[0]](whole.slice(at, (at += told.at(-1))), widths.get(name), told, {}));
  return { seed: head.seed, rows: head.rows, arrays, weeks: head.weeks, fits };
}

const DECODE = {
  same: (part, width, told, { name, first }) => first.arrays.get(name),
  plain: (part, width) => joined(part, width),
  steps: (part, width) => summed(joined(part, width), width),
  numbered: (part, width, [, many]) => {
    const values = part.subarray(0, many * width), numbers = part.subarray(many * width);
    const out = new Uint8Array(numbers.length * width);
    numbers.forEach((k, i) => out.set(values.subarray(k * width, (k + 1) * width), i * width));
    return out;
  },
  taken: (part, width, [, source], { arrays, first }) => {
    const from = arrays.get(source) ?? first.arrays.get(source);
    const rows = new Int32Array(summed(joined(part, 4), 4).buffer);
    const out = new Uint8Array(rows.length * width);
    rows.forEach((row, i) => out.set(from.subarray(row * width, (row + 1) * width), i * width));
    return out;
  },
};

// All first bytes, then all second ones...: back to values one after the other.
function joined(part, width) {
  const many = part.length / width, out = new Uint8Array(part.length);
  for (let byte = 0; byte < width; byte++)
    for (let i = 0; i < many; i++) out[i * width + byte] = part[byte * many + i];
  return out;
}

function summed(bytes, width) {
  const type = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array }[width];
  const values = new type(bytes.buffer);
  for (let i = 1; i < values.length; i++) values[i] += values[i - 1];
  return bytes;
}
