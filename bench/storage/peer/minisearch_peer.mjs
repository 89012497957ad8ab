// minisearch on the texts and questions of a JSON file: adds all, then the medians of some rounds of every kind of question, CPU time.
import { readFileSync } from 'node:fs';
import MiniSearch from 'minisearch';

const { texts, kinds, rounds, topK } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const cpu = (action) => {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
const number = (value) => Math.round(value).toLocaleString('en-US');

const index = new MiniSearch({ fields: ['text'] });
const before = process.memoryUsage.rss();
const seconds = cpu(() => texts.forEach((text, id) => index.add({ id, text })));
console.log(`minisearch add: ${number(texts.length / seconds)} texts/s, ${number((process.memoryUsage.rss() - before) / texts.length)} bytes a text in memory`);
for (const { name, queries } of kinds) {
  const run = () => queries.forEach((query) => index.search(query).slice(0, topK));
  run();
  const times = Array.from({ length: rounds }, () => cpu(run));
  console.log(`minisearch ${name}: ${number(queries.length / median(times))}/s`);
}
