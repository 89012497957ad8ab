// Calls our server with the real grpc-js; prints one line of JSON per check: {"name", "ok", "detail"}.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';

const [, , folder, proto, address] = process.argv;
const require = createRequire(path.join(folder, 'package.json'));
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const definition = loader.loadSync(proto, { keepCase: true, longs: Number, defaults: true });
const { Probe, Locked, Unmapped } = grpc.loadPackageDefinition(definition).sutra.tests.probe.v1;
const insecure = grpc.credentials.createInsecure();
const target = address.replace('http://', '');
const client = new Probe(target, insecure);
const after = (milliseconds) => ({ deadline: Date.now() + milliseconds });

/** A unary call's end: error or response, with headers, status and trailers. */
function unary(request, { metadata = new grpc.Metadata(), options = after(30000), to = client, method = 'unary', use = () => {} } = {}) {
  return new Promise((resolve) => {
    const result = {};
    const call = to[method](request, metadata, options, (error, response) => Object.assign(result, { error, response }));
    call.on('metadata', (headers) => (result.headers = headers));
    call.on('status', (status) => resolve(Object.assign(result, { status })));
    use(call);
  });
}

/** A response stream's messages and status. */
function drain(call) {
  return new Promise((resolve) => {
    const messages = [];
    call.on('data', (message) => messages.push(message));
    call.on('error', () => {});
    call.on('status', (status) => resolve({ messages, status }));
  });
}

function collect(use) {
  return new Promise((resolve) => {
    const result = {};
    const call = client.collect(new grpc.Metadata(), after(30000), (error, response) => Object.assign(result, { error, response }));
    call.on('status', (status) => resolve(Object.assign(result, { status })));
    call.on('error', () => {});
    use(call);
  });
}

/** The server's count of calls 'waiting' or 'cancelled' so far. */
async function count(act) {
  return (await unary({ act })).response.number;
}

async function until(act, expected) {
  const end = Date.now() + 20000;
  while ((await count(act)) < expected) {
    assert.ok(Date.now() < end, `the server never counted a call as ${act}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const checks = {
  async unary() {
    const { response, status } = await unary({ text: 'grüß dich', count: 7 });
    assert.equal(response.text, 'grüß dich');
    assert.equal(response.number, 7);
    assert.equal(status.code, grpc.status.OK);
  },

  async metadata() {
    const metadata = new grpc.Metadata();
    metadata.add('x-in', 'one');
    metadata.add('x-in', 'two');
    metadata.set('x-in-bin', Buffer.from([0, 200, 44, 255, 10]));
    const { headers, status } = await unary({ act: 'metadata' }, { metadata });
    assert.equal(headers.get('x-head')[0], 'early');
    assert.deepEqual([...headers.get('x-head-bin')[0]], [0, 1, 255]);
    assert.deepEqual(status.metadata.get('x-out').flatMap((value) => value.split(/, ?/)), ['one', 'two']);
    assert.deepEqual([...status.metadata.get('x-out-bin')[0]], [0, 200, 44, 255, 10]);
  },

  async 'error details'() {
    const { error, status } = await unary({ act: 'fail' });
    assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
    assert.equal(error.details, 'nicht gut: ä € 𝄞 100% \n');
    assert.equal(status.metadata.get('x-why')[0], 'because');
    assert.deepEqual([...status.metadata.get('grpc-status-details-bin')[0]], [8, 3, 18, 3, 98, 97, 100]);
  },

  async 'handler exception'() {
    const { error } = await unary({ act: 'crash' });
    assert.equal(error.code, grpc.status.UNKNOWN);
    assert.equal(error.details, 'Exception was thrown by handler.');
  },

  async 'unimplemented method and service'() {
    assert.equal((await unary({}, { method: 'nothing' })).error.code, grpc.status.UNIMPLEMENTED);
    const { error } = await unary({}, { to: new Unmapped(target, insecure), method: 'nothing' });
    assert.equal(error.code, grpc.status.UNIMPLEMENTED);
    assert.equal(error.details, 'Service is unimplemented.');
  },

  async 'expired deadline'() {
    // On a busy machine a deadline may pass before the server has the call; then a later one must do.
    for (let milliseconds = 200; ; milliseconds *= 4) {
      const [waiting, cancelled] = [await count('waiting'), await count('cancelled')];
      const { error } = await unary({ act: 'wait' }, { options: after(milliseconds) });
      assert.equal(error.code, grpc.status.DEADLINE_EXCEEDED);
      if ((await count('waiting')) > waiting || milliseconds > 10000) {
        await until('cancelled', cancelled + 1);
        return;
      }
    }
  },

  async 'cancelled call'() {
    const [waiting, cancelled] = [await count('waiting'), await count('cancelled')];
    const cancel = (call) => until('waiting', waiting + 1).then(() => call.cancel());
    const { error } = await unary({ act: 'wait' }, { options: after(30000), use: cancel });
    assert.equal(error.code, grpc.status.CANCELLED);
    await until('cancelled', cancelled + 1);
  },

  async 'client streaming'() {
    const { response } = await collect((call) => {
      for (let i = 1; i <= 1000; i++) {
        call.write({ count: i });
      }
      call.end();
    });
    assert.equal(response.number, 500500);
  },

  async 'client streaming refused'() {
    const { status } = await collect((call) => call.write({ act: 'fail' }));
    assert.equal(status.code, grpc.status.RESOURCE_EXHAUSTED);
    assert.equal(status.metadata.get('x-why')[0], 'full');
  },

  async 'server streaming'() {
    const { messages, status } = await drain(client.expand({ count: 1000, text: 'row' }, after(30000)));
    assert.deepEqual(messages.map((message) => message.number), [...Array(1000).keys()]);
    assert.equal(status.code, grpc.status.OK);
  },

  async 'server streaming with an error'() {
    const { messages, status } = await drain(client.expand({ count: 3, act: 'fail' }, after(30000)));
    assert.equal(messages.length, 3);
    assert.equal(status.code, grpc.status.FAILED_PRECONDITION);
    assert.equal(status.metadata.get('x-why')[0], 'dry');
  },

  async 'server streaming cancelled'() {
    const before = await count('cancelled');
    const call = client.expand({ count: 1, act: 'wait' }, after(30000));
    call.on('data', () => call.cancel());
    const { status } = await drain(call);
    assert.equal(status.code, grpc.status.CANCELLED);
    await until('cancelled', before + 1);
  },

  async 'duplex streaming'() {
    const call = client.chat(after(30000));
    const answers = [];
    const ended = drain(call);
    call.on('data', (message) => {
      answers.push(message.text);
      if (answers.length < 200) {
        call.write({ text: `m${answers.length}` });
      } else {
        call.end();
      }
    });
    call.write({ text: 'm0' });
    assert.equal((await ended).status.code, grpc.status.OK);
    assert.deepEqual(answers, Array.from({ length: 200 }, (_, i) => `m${i}`));
  },

  async 'message sizes'() {
    const payload = Buffer.alloc(4 * 1024 * 1024 - 64, 7);
    const { response } = await unary({ payload });
    assert.ok(payload.equals(response.payload));

    const received = await unary({ payload: Buffer.alloc(4 * 1024 * 1024 + 1) });
    assert.equal(received.error.code, grpc.status.RESOURCE_EXHAUSTED);
    assert.equal(received.error.details, 'Received message exceeds the maximum configured message size.');
    const sent = await unary({ size: 4 * 1024 * 1024 + 1 });
    assert.equal(sent.error.code, grpc.status.RESOURCE_EXHAUSTED);
  },

  async 'gzip both ways'() {
    const zipping = new Probe(target, insecure, { 'grpc.default_compression_algorithm': 2 });
    const text = 'the same again '.repeat(2000);
    assert.equal((await unary({ act: 'compress', text }, { to: zipping })).response.text, text);
  },

  async deflate() {
    const deflating = new Probe(target, insecure, { 'grpc.default_compression_algorithm': 1 });
    const { error } = await unary({ text: 'x'.repeat(100) }, { to: deflating });
    assert.equal(error.code, grpc.status.UNIMPLEMENTED);
    assert.match(error.details, /identity, gzip/);
  },

  async authorization() {
    const locked = new Locked(target, insecure);
    assert.equal((await unary({}, { to: locked, method: 'secret' })).error.code, grpc.status.UNAUTHENTICATED);
    const guest = new grpc.Metadata();
    guest.set('x-user', 'guest');
    assert.equal((await unary({}, { to: locked, method: 'adminOnly', metadata: guest })).error.code, grpc.status.PERMISSION_DENIED);
    assert.equal((await unary({}, { to: locked, method: 'secret', metadata: guest })).response.text, 'guest');
  },

  async 'a thousand calls at once'() {
    const results = await Promise.all(Array.from({ length: 1000 }, (_, count) => unary({ count }, { options: after(60000) })));
    assert.deepEqual(results.map((result) => result.response?.number), [...Array(1000).keys()]);
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(JSON.stringify({ name, ok: true, detail: '' }));
  } catch (error) {
    console.log(JSON.stringify({ name, ok: false, detail: `${error.stack}` }));
  }
}

process.exit(0);
