// The engine's own thread: one town for each arm of the page, each question answered in its turn.

import { Engine } from "./engine.js";
import { startOf, unpacked } from "./start.js";

const arms = new Map(); // by name: an engine, and which start it has loaded
const starts = new Map(); // by replicate, once decoded
let module, map, records, readings;

const ANSWER = {
  // The compiled weeks, the map of memory, and the records of strategies, once.
  async prepare(given) {
    ({ map, readings } = given);
    module = await WebAssembly.compile(await unpacked(given.wasm));
    const bytes = await unpacked(given.records.text);
    records = new Map(given.records.names.map(([name, from, to]) => [name, bytes.slice(from, to)]));
    starts.set(0, await startOf(given.first, map));
  },

  // The town of a replicate, under a strategy, in week 0: what its measures are.
  async load({ arm, replicate, start, strategy }) {
    if (!arms.has(arm)) arms.set(arm, { engine: new Engine(module, map, records) });
    if (!starts.has(replicate)) starts.set(replicate, await startOf(start, map, starts.get(0)));
    const one = arms.get(arm);
    if (one.replicate !== replicate) one.engine.load(starts.get(replicate));
    one.replicate = replicate;
    one.engine.begin(strategy);
    return one.engine.read(readings);
  },

  // Weeks, with what is changed before each: the measures after every one of them.
  step({ arm, weeks, changes }) {
    const { engine } = arms.get(arm);
    const found = [];
    for (let k = 0; k < weeks; k++) {
      for (const change of changes.filter(({ week }) => week === engine.week)) {
        if (change.use) engine.use(records.get(change.use));
        change.set?.forEach((one) => engine.set(one));
        if (change.shock) engine.happen(change.shock);
      }
      engine.step(1);
      found.push(engine.read(readings));
    }
    return found;
  },

  // Columns as they are, for whoever wants to look at neighbourhoods more closely.
  read: ({ arm, columns }) =>
    Object.fromEntries(columns.map((name) => [name, arms.get(arm).engine.column(name).slice()])),
};

let before = Promise.resolve(); // questions wait for those before them
self.onmessage = ({ data }) => {
  before = before.then(async () => {
    try {
      self.postMessage({ id: data.id, answer: await ANSWER[data.ask](data) });
    } catch (error) {
      self.postMessage({ id: data.id, error: String(error) });
    }
  });
};
