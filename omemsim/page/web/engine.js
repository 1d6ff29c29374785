// The model in a browser: a map of memory, and calls of the compiled weeks. No line of the model is
// here. Python writes the map (page/memory.py); a test holds what comes out to Python's, bit for bit.

const TYPES = {
  i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array, u4: Uint32Array,
  i8: BigInt64Array, u8: BigUint64Array, f4: Float32Array, f8: Float64Array,
};

const COUNTS = ["count", "capacity", "wanted"]; // of a table whose rows come and go

export class Engine {
  // module: the compiled weeks; map: of memory; records: of "spin-up", "seat" and each strategy.
  constructor(module, map, records) {
    this.exports = new WebAssembly.Instance(module, {}).exports; // it imports nothing
    this.map = map;
    this.records = records;
    this.places = new Map();
  }

  get buffer() {
    return this.exports.memory.buffer; // another one whenever memory has grown
  }

  // The values of a column as they are now; of a table whose rows come and go, with all its room.
  column(name) {
    const { at, type, length } = this.places.get(name);
    return new type(this.buffer, at, length);
  }

  // Lay a start in memory, seat its first occupants, and let the town settle.
  load(start) {
    this.lay(start);
    for (const [name, bytes] of start.arrays) this.bytes(name).set(bytes);
    this.use(this.records.get("seat"));
    this.exports.seat(this.town, this.recordsAt, this.map.born, this.end);
    this.use(this.records.get("spin-up"));
    this.week = this.map.born;
    start.weeks.forEach((week, k) => {
      this.step(week - this.week);
      this.correct(start, k);
    });
    this.step(-this.week);
    this.kept = new Uint8Array(this.buffer, this.map.address, this.end - this.map.address).slice();
  }

  // Write what Python's fit to a table found after so many corrections.
  correct({ weeks, fits }, k) {
    for (const [name, bytes] of fits) {
      const column = this.column(name), values = new column.constructor(bytes.buffer, bytes.byteOffset);
      for (let n = 0; n < column.length; n++) column[n] = values[n * weeks.length + k];
    }
  }

  // Begin in week 0, where `load` has brought the town, with a strategy.
  begin(strategy) {
    new Uint8Array(this.buffer).set(this.kept, this.map.address);
    this.week = 0;
    this.use(this.records.get(strategy));
  }

  // Change a number of the strategy from the next week on: [lever, place in it, value].
  set([lever, place, value]) {
    const at = this.recordsAt + this.map.levers[lever].at + 8 * place;
    if (lever === "allocation") new BigInt64Array(this.buffer, at, 1)[0] = BigInt(value);
    else new Float64Array(this.buffer, at, 1)[0] = value;
  }

  // Let something happen everywhere from the next week on.
  happen({ what, size, weeks }) {
    const row = Number(this.column("events.count")[0]);
    if (row >= this.map.room.events) throw new Error("room: events");
    const values = { what, size, start: this.week, end: this.week + weeks, ...this.map.shock };
    for (const [name, value] of Object.entries(values)) this.column(`events.${name}`)[row] = value;
    this.column("events.count")[0] = BigInt(row + 1);
  }

  step(weeks) {
    const last = weeks * this.map.records.length; // a turn is one stage of one week
    const turn = this.exports.run(this.town, this.table, this.week, 0, last, this.end);
    if (turn !== last) throw new Error(`room: turn ${turn} of ${last}`);
    this.week += weeks;
  }

  // Return measures by name, as `readings.py` says how each is read.
  read(readings) {
    return Object.fromEntries(readings.map((one) => [one.name, READ[one.kind](this, one)]));
  }

  bytes(name) {
    const { at, type, length } = this.places.get(name);
    return new Uint8Array(this.buffer, at, length * type.BYTES_PER_ELEMENT);
  }

  use(bytes) {
    new Uint8Array(this.buffer).set(bytes, this.recordsAt);
  }

  // Give every array its place, one behind the other, and write where they are.
  lay(start) {
    const { address, aligned, words, columns, room } = this.map;
    if (this.exports.__heap_base.value > address) throw new Error("the town lies on the module's data");
    let free = address;
    const take = (size) => {
      const at = free;
      free += Math.ceil(size / aligned) * aligned;
      return at;
    };
    const number = new Map(); // of rows
    for (const [table, name, kind, width] of columns) {
      const rows = start.rows[table] ?? (COUNTS.includes(name) ? 1 : room[table]);
      const type = TYPES[kind];
      this.places.set(`${table}.${name}`, { at: take(rows * width * type.BYTES_PER_ELEMENT), type, length: rows * width });
      number.set(`${table}.${name}`, rows);
    }
    const signal = take(16);
    this.recordsAt = take(this.records.get("spin-up").length);
    this.table = take(8 * this.map.records.length);
    this.town = take(8 * (words.first + 2 * words.lengths));
    this.end = free;
    const more = Math.ceil((this.end - this.buffer.byteLength) / 65536);
    if (more > 0) this.exports.memory.grow(more);
    new Uint8Array(this.buffer, address, this.end - address).fill(0);
    const said = new BigInt64Array(this.buffer, this.town, words.first + 2 * words.lengths);
    [...this.places].forEach(([name, { at }], k) => {
      said[words.first + k] = BigInt(at);
      said[words.first + words.lengths + k] = BigInt(number.get(name));
    });
    said[words.seed] = BigInt.asIntN(64, BigInt(start.seed));
    said[words.born] = BigInt(this.map.born);
    said[words.signal] = BigInt(signal);
    const records = new BigInt64Array(this.buffer, this.table, this.map.records.length);
    this.map.records.forEach((offset, k) => (records[k] = BigInt(this.recordsAt + offset)));
    for (const [table, rows] of Object.entries(room)) this.column(`${table}.capacity`)[0] = BigInt(rows);
    this.column("adjacency.count")[0] = BigInt(room.adjacency);
  }
}

const HISTORY = 52; // weeks of records a neighbourhood keeps, week w in column w % 52

const READ = {
  stock: (engine, { column }) => Array.from(engine.column(`neighbourhoods.${column}`), Number),
  service: (engine, { column }) => Number(engine.column(`service.${column}`)[0]),
  ratio: (engine, { columns: [part, whole] }) =>
    engine.column(`service.${part}`)[0] / Math.max(engine.column(`service.${whole}`)[0], 1e-12),
  // A rate a year per 1,000, of what was counted in the last year.
  flow: (engine, { records, base }) => {
    const of = engine.column(`neighbourhoods.${base}`);
    const counts = new Array(of.length).fill(0);
    for (const record of records) {
      const past = engine.column(`neighbourhoods.past_${record}`);
      past.forEach((count, k) => (counts[Math.floor(k / HISTORY)] += count));
    }
    return counts.map((count, n) => (1000 * count) / Number(of[n]));
  },
};
