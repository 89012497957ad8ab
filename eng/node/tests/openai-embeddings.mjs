// What the official OpenAI client makes of an embedder: node openai-embeddings.mjs BASE_URL MODEL IDENTITY
// IDENTITY is sent as x-sutra-identity (straight to the embedder) unless it begins with "sutra_": then it is an API key (through the gateway).
import OpenAI from 'openai';

const [baseURL, model, identity] = process.argv.slice(2);
const key = identity.startsWith('sutra_');
const client = new OpenAI({
  baseURL,
  apiKey: key ? identity : 'unused',
  defaultHeaders: key ? {} : { 'x-sutra-identity': identity },
  maxRetries: 0,
});

const failure = async (call) => {
  try {
    await call();
    return null;
  } catch (error) {
    return { name: error.constructor.name, status: error.status, message: error.message, type: error.type, param: error.param, code: error.code };
  }
};

const texts = ['The cat sat on the mat.', 'the dog runs', 'hello, world!'];
const three = await client.embeddings.create({ model, input: texts });
const asFloats = await client.embeddings.create({ model, input: texts, encoding_format: 'float' });
const hundred = await client.embeddings.create({ model, input: Array.from({ length: 100 }, (_, i) => `word ${i} the cat runs ${'on '.repeat(i % 30)}`) });
const one = await client.embeddings.create({ model, input: texts[1], user: 'somebody' });
const models = await client.models.list();

console.log(JSON.stringify({
  three: { model: three.model, usage: three.usage, indexes: three.data.map((d) => d.index), vectors: three.data.map((d) => d.embedding) },
  floats: asFloats.data.map((d) => d.embedding),
  hundred: { count: hundred.data.length, indexes: hundred.data.map((d) => d.index), norms: hundred.data.map((d) => Math.hypot(...d.embedding)) },
  one: one.data[0].embedding,
  models: models.data.map((m) => m.id),
  retrieved: (await client.models.retrieve(model)).id,
  unknownModel: await failure(() => client.embeddings.create({ model: 'text-embedding-9', input: 'x' })),
  emptyText: await failure(() => client.embeddings.create({ model, input: ['cat', ''] })),
  dimensions: await failure(() => client.embeddings.create({ model, input: 'x', dimensions: 7 })),
  foreignTokens: await failure(() => client.embeddings.create({ model, input: [[199999, 5]] })),
}));
