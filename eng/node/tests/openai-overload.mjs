// What the official OpenAI client makes of a full queue: node openai-overload.mjs EMBEDDER_URL MODEL IDENTITY
// The model must be slow enough that 2048 long texts take seconds.
import OpenAI from 'openai';

const [url, model, identity] = process.argv.slice(2);
const headers = { 'x-sutra-identity': identity };
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', defaultHeaders: headers, maxRetries: 0 });
// No two alike: a text that is known already does not wait.
const texts = (name) => Array.from({ length: 2048 }, (_, i) => `${name} ${i} ${'cat '.repeat(500)}`);
const hangUp = new AbortController();
const bulk = client.embeddings.create({ model, input: texts('a') }, { signal: hangUp.signal }).catch((error) => error.constructor.name);
const started = Date.now();
while ((await (await fetch(`${url}/info`, { headers })).json()).queue.waiting < 1000) {
  if (Date.now() - started > 20000) throw new Error('The queue does not fill.');
  await new Promise((resolve) => setTimeout(resolve, 20));
}

let refused = null;
try {
  await client.embeddings.create({ model, input: texts('b') });
} catch (error) {
  refused = { name: error.constructor.name, status: error.status, code: error.code, type: error.type, retryAfter: error.headers.get('retry-after') };
}

hangUp.abort();
console.log(JSON.stringify({ refused, first: await bulk }));
