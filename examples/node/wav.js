#!/usr/bin/env node
// Writes the audio of one call to a stereo WAV while it goes on: caller left, callee right, each sample at its position.
//
//   node wav.js CALL_ID OUT.wav [--broker amqp://user:password@host/]
//
// Start it before the call has audio, or it has the rest. It ends with the call, and keeps it in memory: 4 MB a minute.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { listen } from "./broker.js";
import { codecs, marks, read, routingKey } from "./media.js";

const headerBytes = 44;
const frameBytes = 4; // two channels of 16 bits

const { values, positionals } = parseArgs({ allowPositionals: true, options: { broker: { type: "string", default: "amqp://guest:guest@127.0.0.1/" } } });
const [callId, out] = positionals;
if (!out) {
  console.error("node wav.js CALL_ID OUT.wav [--broker URI]");
  process.exit(1);
}

let rate;
const runs = []; // of both roles
const ends = new Map(); // position by role; a stream that never began has an end too

await listen(values.broker, [["callmirror.pcm", routingKey(callId)]], () => console.log("waiting for", callId), (_exchange, body) => {
  const message = read(body);
  rate = message.rate;
  for (const section of message.sections) {
    for (const run of section.runs) if (run.codec === codecs.l16) runs.push({ role: section.role, ...run });
    for (const mark of section.marks) if (mark.kind === marks.end) ends.set(section.role, mark.position);
  }
  return ends.size === 2;
});

// From the first sample of either to the end of both; what no run covers is silence.
const first = runs.reduce((least, run) => Math.min(least, run.position), runs[0]?.position ?? 0);
const end = runs.reduce((most, run) => Math.max(most, run.position + run.payload.length / 2, ends.get(run.role)), first);
const wav = Buffer.alloc(headerBytes + (end - first) * frameBytes);
writeHeader(wav);
// The same position again is the same sample again.
for (const run of runs)
  for (let i = 0; i < run.payload.length; i += 2)
    wav.writeInt16LE(run.payload.readInt16LE(i), headerBytes + (run.position - first + i / 2) * frameBytes + run.role * 2);
writeFileSync(out, wav);
console.log(`${out}: ${((end - first) / rate).toFixed(3)} s`);

function writeHeader(file) {
  file.write("RIFF", 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20); // linear PCM
  file.writeUInt16LE(2, 22); // channels
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * frameBytes, 28);
  file.writeUInt16LE(frameBytes, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(file.length - headerBytes, 40);
}
