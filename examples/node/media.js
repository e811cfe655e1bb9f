// Reads a media message of CallMirror by the byte tables of the contract (x-layout in contracts/asyncapi.yaml).

import { createHash } from "node:crypto";

export const kinds = { rtpBatch: 1, l16Chunk: 2 };
export const codecs = { l16: 11 };
export const marks = { dtmf: 1, hold: 2, resume: 3, gap: 4, end: 5 };

const size = { header: 40, section: 16, run: 24, mark: 16 };

/** The call-id, or its SHA-256 in hex where it is over 200 bytes or has a * or # for a word. */
export function routingKey(callId) {
  const plain = Buffer.byteLength(callId) <= 200 && !callId.split(".").some((word) => word === "*" || word === "#");
  return plain ? callId : createHash("sha256").update(callId).digest("hex");
}

/**
 * The message in a body: { kind, rate, epoch, callId, sections: [{ role, runs: [{ position, codec, payload }], marks: [{ position, kind, code, value }] }] }.
 * Positions count samples at the rate, from the epoch (nanoseconds since 1970) on; role 0 is the caller, 1 the callee.
 * Throws where there is none that this version can read.
 */
export function read(body) {
  if (body.readUInt8(0) !== 1) throw new Error(`version ${body.readUInt8(0)} of the layout is not known`);
  const message = {
    kind: body.readUInt8(1),
    rate: body.readUInt32LE(12),
    epoch: body.readBigInt64LE(16),
    callId: body.toString("utf8", size.header, size.header + body.readUInt16LE(32)),
    sections: [],
  };
  // What a later version puts between the call-id and the first section is skipped.
  const cursor = { body, at: body.readUInt16LE(2) };
  for (let left = body.readUInt8(34); left > 0; left--) message.sections.push(readSection(cursor));
  return message;
}

function readSection(cursor) {
  const { body, at } = cursor;
  const section = { role: body.readUInt8(at), runs: [], marks: [] };
  const [runCount, markCount] = [body.readUInt16LE(at + 2), body.readUInt16LE(at + 4)];
  cursor.at += size.section;
  for (let i = 0; i < runCount; i++) section.runs.push(readRun(cursor));
  for (let i = 0; i < markCount; i++) section.marks.push(readMark(cursor));
  return section;
}

function readRun(cursor) {
  const { body, at } = cursor;
  const begin = at + size.run;
  cursor.at = begin + body.readUInt32LE(at + 20);
  if (cursor.at > body.length) throw new Error("the message is cut short");
  return { position: Number(body.readBigInt64LE(at)), codec: body.readUInt8(at + 16), payload: body.subarray(begin, cursor.at) };
}

function readMark(cursor) {
  const { body, at } = cursor;
  cursor.at += size.mark;
  return { position: Number(body.readBigInt64LE(at)), kind: body.readUInt8(at + 8), code: body.readUInt8(at + 9), value: body.readUInt32LE(at + 12) };
}
