// How often a second Hugging Face's own tokenizers read all lines: node tokenizer-speed.mjs TOKENIZER.json LINES.json
import fs from 'node:fs';
import hf from '@anush008/tokenizers';

const [path, linesPath] = process.argv.slice(2);
const lines = JSON.parse(fs.readFileSync(linesPath, 'utf8'));
const tokenizer = hf.Tokenizer.fromFile(path);
tokenizer.disablePadding();
tokenizer.disableTruncation();
await tokenizer.encodeBatch(lines);
const started = performance.now();
let times = 0;
for (; performance.now() - started < 1000; times++) await tokenizer.encodeBatch(lines);
console.log((times * 1000) / (performance.now() - started));
