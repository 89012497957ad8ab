// Embeds with @huggingface/transformers on command: node transformers.mjs MODEL_FOLDER TEXTS_JSON
// One line in, one line out: "run BATCH" → seconds for all texts; "vectors" → the vectors of all texts, one by one, base64.
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { env, pipeline } from '@huggingface/transformers';

const [folder, file] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = dirname(resolve(folder));
const texts = JSON.parse(readFileSync(file, 'utf8'));
const embed = await pipeline('feature-extraction', basename(resolve(folder)), { dtype: 'fp32', device: 'cpu' });
const options = { pooling: 'mean', normalize: true };
await embed(texts[0], options);
console.log('ready');

for await (const line of createInterface({ input: process.stdin })) {
  const [command, argument] = line.split(' ');
  if (command === 'run') {
    const batch = Number(argument);
    const started = performance.now();
    for (let i = 0; i < texts.length; i += batch) await embed(texts.slice(i, i + batch), options);
    console.log((performance.now() - started) / 1000);
  } else if (command === 'vectors') {
    const vectors = [];
    for (const text of texts) vectors.push(...(await embed(text, options)).data);
    console.log(Buffer.from(new Float32Array(vectors).buffer).toString('base64'));
  }
}
