/**
 * PUSH/PULL throughput over inproc with this library; what inproc.c and inproc.mjs are with theirs:
 *
 *     inproc.ts isolate|workers awaited|drained <size> <count>   prints {"seconds":...}: first to last message
 *
 * The receiver is the main thread; the sender is beside it, or a Worker: this script once more, with a name.
 */

import { Pull, Push } from "../../mod.ts";

const ENDPOINT = "inproc://throughput";
const SENDER = "sender";

const [where, way, size = NaN, count = NaN] = [Deno.args[0], Deno.args[1], Number(Deno.args[2]), Number(Deno.args[3])];

/** Sends each message when the one before is sent. */
async function push(socket: Push): Promise<void> {
  const payload = new Uint8Array(size).fill(120);
  for (let sent = 0; sent < count; sent++) await socket.send(payload);
}

/** Sends without promises as far as the queue allows. */
async function fill(socket: Push): Promise<void> {
  const payload = new Uint8Array(size).fill(120);
  for (let sent = 0; sent < count; sent++) {
    if (!socket.trySend(payload)) await socket.send(payload);
  }
}

/** Receives one message after the other; the seconds from the first to the last. */
async function pull(socket: Pull): Promise<number> {
  let received = 0;
  let begin = 0;
  for await (const [frame] of socket) {
    if (frame?.length !== size) throw new Error(`message ${received} has ${frame?.length} bytes`);
    if (received === 0) begin = performance.now();
    if (++received === count) break;
  }
  return (performance.now() - begin) / 1000;
}

/** Receives without promises as long as there is something. */
async function drain(socket: Pull): Promise<number> {
  let begin = 0;
  for (let received = 0; received < count; received++) {
    const [frame] = socket.tryReceive() ?? await socket.receive();
    if (frame?.length !== size) throw new Error(`message ${received} has ${frame?.length} bytes`);
    if (received === 0) begin = performance.now();
  }
  return (performance.now() - begin) / 1000;
}

async function send(): Promise<void> {
  const socket = new Push();
  socket.connect(ENDPOINT);
  await (way === "drained" ? fill : push)(socket);
}

async function main(): Promise<void> {
  const socket = new Pull();
  await socket.bind(ENDPOINT);
  if (where === "workers") new Worker(import.meta.url, { type: "module", name: SENDER });
  else void send();
  console.log(JSON.stringify({ seconds: await (way === "drained" ? drain : pull)(socket) }));
  // The Worker, which stays while its messages are needed, ends with the process.
  Deno.exit();
}

if (self.name !== SENDER) await main();
else {
  await send();
  // Only what is pending keeps a Worker, and what it has sent may still be on its way.
  setInterval(() => {}, 1000);
}
