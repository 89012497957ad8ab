// Encodes and decodes with Hugging Face's own tokenizers: node tokenizers.mjs TOKENIZER.json LINES.json
// LINES.json: {"lines": [text…], "maxLength": n}
// Prints {"encodings": [{"ids", "offsets" (Unicode characters), "right", "left", "bare", "text", "special"}…]}; right and left
// are cut to n tokens there, bare is without special tokens, text is decoded without them, special with them.
import fs from 'node:fs';
import hf from '@anush008/tokenizers';

const [path, linesPath] = process.argv.slice(2);
const { lines, maxLength } = JSON.parse(fs.readFileSync(linesPath, 'utf8'));
const tokenizer = hf.Tokenizer.fromFile(path);
tokenizer.disablePadding();
tokenizer.disableTruncation();

const encode = async (addSpecialTokens = true) => Promise.all(lines.map((line) => tokenizer.encode(line, null, { addSpecialTokens })));
const whole = await encode();
const bare = await encode(false);
tokenizer.setTruncation(maxLength, { direction: 'right' });
const right = await encode();
tokenizer.setTruncation(maxLength, { direction: 'left' });
const left = await encode();
tokenizer.disableTruncation();

const encodings = [];
for (let i = 0; i < lines.length; i++) {
  const ids = whole[i].getIds();
  encodings.push({
    ids,
    offsets: whole[i].getOffsets().flat(),
    right: right[i].getIds(),
    left: left[i].getIds(),
    bare: bare[i].getIds(),
    text: ids.length ? await tokenizer.decode(ids, true) : '',
    special: ids.length ? await tokenizer.decode(ids, false) : '',
  });
}
process.stdout.write(JSON.stringify({ encodings }));
