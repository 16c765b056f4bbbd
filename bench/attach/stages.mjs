/** How fast each stage behind the kernel is, on records that attach itself wrote: no kernel, one core. */
import { readFileSync } from 'node:fs';
import { createPipeline } from '../../dist/calls/pipeline.js';
import { callSink } from '../../dist/runs/attach/call-sink.js';
import { exchangeLines } from '../../dist/runs/attach/exchange-lines.js';
import { createLineWriter } from '../../dist/runs/attach/line-writer.js';
import { telemetrySettingsFromEnvironment } from '../../dist/telemetry/settings.js';
import { createConnections } from '../../dist/wire/transport/connections.js';
import { readRecord } from '../../dist/wire/transport/record.js';
import { RECORDING_MAGIC } from '../../dist/wire/transport/recording.js';
import { median } from '../paired.mjs';

const BLOCK_HEADER = 8;
const settings = telemetrySettingsFromEnvironment({});

/** Prints MB/s of plaintext and µs an exchange for each stage with those before it. */
export function printStages(name, file, rounds = 9) {
  const bytes = readFileSync(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = [];
  for (let at = RECORDING_MAGIC.length; at + BLOCK_HEADER <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    if (bytes[at] === 82) places.push([at + BLOCK_HEADER, length]); // R: a record
    at += BLOCK_HEADER + length;
  }
  let exchanges = 0;
  const read = each => {
    let plaintext = 0;
    for (const [at, length] of places) {
      const record = readRecord(view, at, length);
      if (record.kind === 'data') plaintext += record.payload.length;
      each(record);
    }
    return plaintext;
  };
  const connect = (open, known = () => {}) => {
    const factsOf = pid => {
      known({ pid, name: 'observed' });
      return { pid, process: 'observed' };
    };
    const connections = createConnections({ open, factsOf });
    const plaintext = read(record => connections.record(record, record.time));
    connections.close(0n, 'detached');
    return plaintext;
  };
  const stages = {
    'ring: records': () => read(() => {}),
    '+ connections, HTTP framing': () => connect(() => undefined),
    '+ whole exchanges, hashed, as lines': () => {
      exchanges = 0;
      const lines = createLineWriter(
        part => part.length,
        () => {},
      );
      const sink = exchangeLines({ bodies: false, bodyLimit: 0, lines });
      const plaintext = connect((...head) => {
        exchanges++;
        return sink.open(...head);
      });
      lines.flush();
      return plaintext;
    },
    'or + LLM calls decoded': () => {
      const pipeline = createPipeline({ consumers: [{ call() {} }], costOf: () => undefined, notice: () => {} });
      const sink = callSink(pipeline, facts => ({ resource: {}, settings, pid: facts.pid, process: facts.name }));
      return connect(sink.open, facts => sink.process(facts));
    },
  };
  stages['+ whole exchanges, hashed, as lines']();
  console.log(`\nstages, ${name} (${exchanges} exchanges, ${(bytes.length / 1e6).toFixed(0)} MB recorded)`);
  for (const [stage, run] of Object.entries(stages)) {
    for (let warm = 0; warm < 3; warm++) run();
    let plaintext = 0;
    const seconds = Array.from({ length: rounds }, () => {
      const { user, system } = process.cpuUsage();
      plaintext = run();
      const after = process.cpuUsage();
      return (after.user + after.system - user - system) / 1e6;
    });
    const middle = median(seconds);
    console.log(
      `  ${stage.padEnd(38)}${(plaintext / 1e6 / middle).toFixed(0).padStart(8)} MB/s${((middle / exchanges) * 1e6).toFixed(1).padStart(8)} µs an exchange`,
    );
  }
}
