/**
 * PUSH/PULL throughput over inproc with zeromq.js under Node:
 *
 *     node inproc.mjs <folder with node_modules> isolate|workers <size> <count>   prints {"seconds":...}
 *
 * Between threads the sender is a Worker and the receiver the main thread, as with inproc.ts.
 */

import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker } from "node:worker_threads";

const [folder, where, size, count] = [...process.argv.slice(2, 4), ...process.argv.slice(4).map(Number)];
const { Pull, Push } = createRequire(`${folder}/`)("zeromq");
const endpoint = "inproc://throughput";

async function push() {
  const socket = new Push();
  socket.connect(endpoint);
  const payload = Buffer.alloc(size, 120);
  for (let sent = 0; sent < count; sent++) await socket.send(payload);
}

async function pull() {
  const socket = new Pull();
  await socket.bind(endpoint);
  if (where === "workers") new Worker(fileURLToPath(import.meta.url), { argv: process.argv.slice(2) });
  else push();
  let received = 0;
  let begin = 0;
  for await (const [frame] of socket) {
    if (frame.length !== size) throw new Error(`message ${received} has ${frame.length} bytes`);
    if (received === 0) begin = performance.now();
    if (++received === count) break;
  }
  writeSync(1, JSON.stringify({ seconds: (performance.now() - begin) / 1000 }));
  // The addon may crash in an end that is in order while its Worker lives, and also while it does not.
  process.kill(process.pid, "SIGKILL");
}

if (isMainThread) await pull();
else {
  await push();
  // A Worker that ends takes with it what is still on its way.
  setInterval(() => {}, 1000);
}
