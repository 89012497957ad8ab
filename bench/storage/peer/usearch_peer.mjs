// Times how long usearch takes to view (map) and to load a saved index, and to answer first: node usearch_peer.mjs base.f32 queries.f32 DIM INDEX ROUNDS
// Builds and saves the index first when there is none. Prints one JSON object.
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { Index, MetricKind, ScalarKind } from 'usearch';

const [base, queries, dimensions, path, rounds] = process.argv.slice(2);
const options = { dimensions: Number(dimensions), metric: MetricKind.IP, quantization: ScalarKind.F32, connectivity: 16, expansion_add: 200, expansion_search: 64 };

const floats = (file, count) => {
  const bytes = Buffer.alloc(count * 4);
  const handle = openSync(file, 'r');
  readSync(handle, bytes);
  closeSync(handle);
  return new Float32Array(bytes.buffer, 0, count);
};

const milliseconds = (action) => {
  const started = process.hrtime.bigint();
  action();
  return Number(process.hrtime.bigint() - started) / 1e6;
};

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

let built = null;
if (!existsSync(path)) {
  const all = new Float32Array(readFileSync(base).buffer);
  const count = all.length / options.dimensions;
  const index = new Index(options);
  built = milliseconds(() => index.add(BigUint64Array.from({ length: count }, (_, row) => BigInt(row)), all, 1)) / 1e3;
  index.save(path);
}

const query = floats(queries, options.dimensions);
const times = { view: [], viewAndAnswer: [], load: [] };
for (let round = 0; round < Number(rounds); round++) {
  const viewed = new Index(options);
  const view = milliseconds(() => viewed.view(path));
  times.view.push(view);
  times.viewAndAnswer.push(view + milliseconds(() => viewed.search(query, 10, 1)));
  times.load.push(milliseconds(() => new Index(options).load(path)));
}

console.log(JSON.stringify({ built, view: median(times.view), viewAndAnswer: median(times.viewAndAnswer), load: median(times.load), megabytes: statSync(path).size / 1e6 }));
