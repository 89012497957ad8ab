// Calls the embedder with @grpc/grpc-js: node grpc-embedder.mjs ADDRESS PROTO IDENTITY HTTP_URL
// The model behind ADDRESS must be slow enough that `many` long texts take seconds.
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const [address, proto, identity, http] = process.argv.slice(2);
const { sutra } = grpc.loadPackageDefinition(loader.loadSync(proto, { keepCase: true, longs: Number, defaults: true, oneofs: true }));
const client = new sutra.embedding.v1.Embedder(address, grpc.credentials.createInsecure());
const metadata = () => { const m = new grpc.Metadata(); if (identity) m.set('x-sutra-identity', identity); return m; };
const call = (method, request, options = {}, headers = metadata()) => new Promise((resolve) => {
  client[method](request, headers, options, (error, response) => resolve(error ? { code: grpc.status[error.code], details: error.details } : response));
});
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const many = Array.from({ length: 1500 }, (_, i) => `the cat ${i} sat on the mat `.repeat(80));

/** Texts that wait, as the health report says; it is cached for a second. */
const waiting = async () => {
  const report = await (await fetch(`${http}/health`)).json();
  return Number(/(\d+) texts waiting/.exec(report.components.find((component) => component.name === "inference").description)[1]);
};
const drained = async () => {
  const started = Date.now();
  while ((await waiting()) > 0) {
    if (Date.now() - started > 8000) return null;
    await sleep(50);
  }
  return Date.now() - started;
};

const result = {};
result.info = await call('GetInfo', {});
result.unary = await call('Embed', { texts: ['The cat sat on the mat.', 'the dog runs'], model: '' });
result.anonymous = await call('GetInfo', {}, {}, new grpc.Metadata());
result.unknownModel = await call('Embed', { texts: ['x'], model: 'nobody' });
result.empty = await call('Embed', { texts: ['cat', ''] });

const options = { dimensions: 8, type: 'VECTOR_TYPE_INT8', input_type: 'INPUT_TYPE_QUERY' };
result.codes = await call('Embed', { texts: ['the cat', ''], options, per_item_errors: true });
result.codes.bytes = [...(result.codes.embeddings?.[0].codes ?? [])];
result.prompted = await call('Embed', { texts: ['hello the cat'], options: { dimensions: 8 } });
result.badDimensions = await call('Embed', { texts: ['x'], options: { dimensions: 7 } });
result.badType = await call('Embed', { texts: ['x'], options: { type: 99 } });
result.uncut = await call('Embed', { texts: ['x', 'cat '.repeat(600)], options: { no_truncation: true } });
result.tokens = await call('Tokenize', { texts: ['😀 the cat'], no_special_tokens: true });
result.named = await call('GetInfo', { model: result.info.model });

// Streaming: 300 texts, one of them bad, answered in any order, matched by id.
result.stream = await new Promise((resolve) => {
  const stream = client.EmbedStream(metadata());
  const answers = [];
  stream.on('data', (answer) => answers.push({ id: answer.id, length: answer.embedding?.values.length ?? 0, error: answer.error ?? '' }));
  stream.on('error', (error) => resolve({ code: grpc.status[error.code], details: error.details, answers: answers.length }));
  stream.on('end', () => resolve({ answers }));
  for (let id = 0; id < 300; id++) stream.write({ id, text: id === 7 ? '' : `the dog runs ${id}` });
  stream.end();
});

// A deadline that expires while most texts still wait.
const before = Date.now();
result.deadline = await call('Embed', { texts: many }, { deadline: Date.now() + 1000 });
result.deadline.took = Date.now() - before;
result.deadline.drained = await drained();

// A cancelled call: the client hangs up while most texts still wait.
result.cancelled = await new Promise((resolve) => {
  const running = client.Embed({ texts: many }, metadata(), (error, response) => resolve(error ? { code: grpc.status[error.code] } : { count: response.embeddings.length }));
  (async () => { while ((await waiting()) === 0) await sleep(50); running.cancel(); })();
});
result.cancelled.drained = await drained();

// A stream that is cancelled in the middle leaves nothing behind either.
result.cancelledStream = await new Promise((resolve) => {
  const stream = client.EmbedStream(metadata());
  let answers = 0;
  stream.on('data', () => { if (++answers === 3) stream.cancel(); });
  stream.on('error', (error) => resolve({ code: grpc.status[error.code], answers }));
  stream.on('end', () => resolve({ code: 'END', answers }));
  for (let id = 0; id < 500; id++) stream.write({ id, text: many[id] });
});
result.cancelledStream.drained = await drained();

result.after = await call('Embed', { texts: ['the dog runs'] }, { deadline: Date.now() + 5000 });
client.close();
console.log(JSON.stringify(result));
