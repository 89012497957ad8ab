// The probe service on the real grpc-js. Prints its port; ends when its standard input does.
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.argv[2], 'package.json'));
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const definition = loader.loadSync(process.argv[3], { keepCase: true, longs: Number, defaults: true });
const { Probe, Locked } = grpc.loadPackageDefinition(definition).sutra.tests.probe.v1;

let waiting = 0;
let cancelled = 0;

function metadata(entries) {
  const result = new grpc.Metadata();
  for (const [key, value] of Object.entries(entries)) {
    result.add(key, value);
  }
  return result;
}

function failure(code, details, entries) {
  return { code, details, metadata: metadata(entries) };
}

function reply(request) {
  return { text: request.text, number: request.count, payload: request.size > 0 ? Buffer.alloc(request.size) : request.payload };
}

function onCancelled(call) {
  waiting++;
  call.on('cancelled', () => cancelled++);
}

const probe = {
  unary(call, callback) {
    const request = call.request;
    switch (request.act) {
      case 'metadata': {
        call.sendMetadata(metadata({ 'x-head': 'early', 'x-head-bin': Buffer.from([0, 1, 255]) }));
        const trailers = new grpc.Metadata();
        for (const key of Object.keys(call.metadata.getMap()).filter((name) => name.startsWith('x-in'))) {
          for (const value of call.metadata.get(key)) {
            trailers.add(key.replace('x-in', 'x-out'), value);
          }
        }
        return callback(null, reply(request), trailers);
      }
      case 'fail':
        return callback(failure(grpc.status.INVALID_ARGUMENT, 'nicht gut: ä € 𝄞 100% \n', {
          'x-why': 'because', 'grpc-status-details-bin': Buffer.from([8, 3, 18, 3, 98, 97, 100]) }));
      case 'wait':
        return onCancelled(call);
      case 'waiting':
        return callback(null, { number: waiting });
      case 'cancelled':
        return callback(null, { number: cancelled });
      case 'deadline': {
        const deadline = call.getDeadline();
        return callback(null, { number: deadline === Infinity ? -1 : Math.round(deadline - Date.now()) });
      }
      default:
        return callback(null, reply(request));
    }
  },

  collect(call, callback) {
    let number = 0;
    let text = '';
    let done = false;
    call.on('data', (request) => {
      if (request.act === 'fail' && !done) {
        done = true;
        callback(failure(grpc.status.RESOURCE_EXHAUSTED, 'enough', { 'x-why': 'full' }));
      }
      number += request.count;
      text += request.text;
    });
    call.on('end', () => done || callback(null, { number, text }));
  },

  expand(call) {
    const request = call.request;
    for (let i = 0; i < request.count; i++) {
      call.write({ ...reply(request), number: i });
    }
    switch (request.act) {
      case 'fail':
        return call.emit('error', failure(grpc.status.FAILED_PRECONDITION, 'no more', { 'x-why': 'dry' }));
      case 'wait':
        return onCancelled(call);
      default:
        return call.end();
    }
  },

  chat(call) {
    call.sendMetadata(metadata({ 'x-head': 'chat' }));
    call.on('data', (request) => {
      switch (request.act) {
        case 'fail':
          return call.emit('error', failure(grpc.status.ABORTED, 'hung up', { 'x-why': 'rude' }));
        case 'wait':
          call.write({ text: 'waiting' });
          return onCancelled(call);
        default:
          return call.write(reply(request));
      }
    });
    call.on('end', () => call.end());
  },
};

const server = new grpc.Server({ 'grpc.default_compression_algorithm': process.argv[4] === 'gzip' ? 2 : 0 });
server.addService(Probe.service, probe);
server.addService(Locked.service, {});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    throw error;
  }
  console.log(port);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
