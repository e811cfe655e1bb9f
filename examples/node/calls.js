#!/usr/bin/env node
// Follows the calls: a line for each change, with how many are up.
//
//   node calls.js [--broker amqp://user:password@host/]
//
// Calls that began before it did show from their next change on. It ends with Ctrl-C.

import { parseArgs } from "node:util";
import { listen } from "./broker.js";

const prefix = "callmirror.calls.";
const roles = ["caller", "callee"];
const up = new Set();

const told = {
  CallStarted: (event) => `started ${event.from} -> ${event.to}`,
  CallAnswered: () => "answered",
  MediaNegotiated: (event) => "media " + event.streams.map((stream) => `${roles[stream.role]} ${stream.formats[0]?.encoding ?? "?"}`).join(", "),
  CallHeld: (event) => `held by ${roles[event.by]}`,
  CallResumed: (event) => `resumed by ${roles[event.by]}`,
  CallEnded: (event) => `ended ${event.reason}` + (event.statusCode ? ` ${event.statusCode}` : ""),
  StreamQuality: (event) => `quality ${roles[event.role]} ${event.packets} packets, ${event.lost} lost, jitter ${event.jitterMilliseconds} ms`,
};

const { values } = parseArgs({ options: { broker: { type: "string", default: "amqp://guest:guest@127.0.0.1/" } } });
const bindings = Object.keys(told).map((name) => [prefix + name, "#"]);
await listen(values.broker, bindings, () => console.log("following calls"), (exchange, body) => {
  const event = JSON.parse(body);
  const name = exchange.slice(prefix.length);
  if (name === "CallStarted") up.add(event.callId);
  if (name === "CallEnded") up.delete(event.callId);
  console.log(event.at, event.callId, told[name](event), `(${up.size} up)`);
});
