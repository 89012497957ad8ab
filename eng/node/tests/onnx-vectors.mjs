// Runs an ONNX model with onnxruntime-node: node onnx-vectors.mjs MODEL INPUT.json
// INPUT.json: {"output": name, "runs": [{"dims": [b, s], "feeds": {input name: [ids…]}}]}
// Prints {"version", "runs": [{"dims", "base64"}]}; base64 is the little-endian float32 output.
import fs from 'node:fs';
import ort from 'onnxruntime-node';

const [model, inputPath] = process.argv.slice(2);
const input = JSON.parse(fs.readFileSync(inputPath, 'utf8'));
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' });
const runs = [];
for (const { dims, feeds } of input.runs) {
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, ids]) => [name, new ort.Tensor('int64', BigInt64Array.from(ids, BigInt), dims)]),
  );
  const { [input.output]: output } = await session.run(tensors, [input.output]);
  const bytes = Buffer.from(output.data.buffer, output.data.byteOffset, output.data.byteLength);
  runs.push({ dims: output.dims, base64: bytes.toString('base64') });
}
console.log(JSON.stringify({ version: ort.env.versions.node ?? ort.env.versions.common, runs }));
