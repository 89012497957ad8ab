// What the official OpenAI client makes of cut vectors: node openai-dimensions.mjs BASE_URL MODEL IDENTITY DIMENSIONS
import OpenAI from 'openai';

const [baseURL, model, identity, size] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: 'unused', defaultHeaders: { 'x-sutra-identity': identity }, maxRetries: 0 });
const dimensions = Number(size);
const embed = async (more) => (await client.embeddings.create({ model, input: 'the cat sat', dimensions, ...more })).data[0].embedding;
let error = null;
try {
  await embed({ dimensions: dimensions + 1 });
} catch (e) {
  error = { name: e.constructor.name, param: e.param };
}

console.log(JSON.stringify({ base64: await embed({}), floats: await embed({ encoding_format: 'float' }), error }));
