// Run the weeks in WebAssembly: node weeks.mjs JOB.json; all it does, a page in a browser can do.
import { readFileSync, writeFileSync } from "node:fs";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const wasm = new WebAssembly.Module(readFileSync(job.module));
const { exports } = new WebAssembly.Instance(wasm, {}); // it imports nothing
const town = readFileSync(job.image);
const end = job.address + town.length;

// The module's own data end where its heap may begin.
if (exports.__heap_base.value > job.address) throw new Error("the town lies on the module's data");
exports.memory.grow(Math.ceil(Math.max(end - exports.memory.buffer.byteLength, 0) / 65536));

const milliseconds = [];
for (let round = 0; round < job.rounds; round++) {
  new Uint8Array(exports.memory.buffer).set(town, job.address);
  const start = performance.now();
  const last = job.weeks * job.stages;
  const turn = exports.run(job.town, job.records, job.week, 0, last, job.free);
  milliseconds.push((performance.now() - start) / job.weeks);
  if (turn !== last) throw new Error(`a table lacks room: ${turn} of ${last} turns done`);
}
writeFileSync(job.result, new Uint8Array(exports.memory.buffer, job.address, town.length));
console.log(JSON.stringify({
  imports: WebAssembly.Module.imports(wasm),
  milliseconds, // a week, by round
  pages: exports.memory.buffer.byteLength / 65536,
}));
