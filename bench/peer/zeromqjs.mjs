/**
 * The works of a comparison with zeromq.js under Node, as denomq.ts has them:
 *
 *     node zeromqjs.mjs <folder with node_modules> <work> near|far|alone <endpoint> <size> <count>
 */

import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isMainThread, Worker } from "node:worker_threads";

const SUBSCRIBERS = 8;
const IN_FLIGHT = 500;
const WARM_UP = 1000;

const [folder, work, role, endpoint, size, count] = [...process.argv.slice(2, 6), ...process.argv.slice(6).map(Number)];
const { Dealer, Pull, Push, Reply, Request, Router, Subscriber, XPublisher } = createRequire(`${folder}/`)("zeromq");
const payload = Buffer.alloc(size, 120);

function check(frame) {
  if (frame.length !== size) throw new Error(`A message has ${frame.length} bytes`);
}

async function receive(socket) {
  let received = 0;
  let begin = 0;
  for await (const [frame] of socket) {
    check(frame);
    if (received === 0) begin = performance.now();
    if (++received === count) break;
  }
  return { begin, end: performance.now() };
}

async function pull(socket) {
  await socket.bind(endpoint);
  say("ready");
  const { begin, end } = await receive(socket);
  report({ seconds: (end - begin) / 1000 });
}

async function push(socket) {
  socket.connect(endpoint);
  for (let sent = 0; sent < count; sent++) await socket.send(payload);
}

async function subscribe() {
  const sockets = Array.from({ length: SUBSCRIBERS }, () => new Subscriber());
  for (const socket of sockets) {
    socket.connect(endpoint);
    socket.subscribe();
  }
  say("ready");
  const spans = await Promise.all(sockets.map(receive));
  const begin = Math.min(...spans.map((span) => span.begin));
  report({ seconds: (Math.max(...spans.map((span) => span.end)) - begin) / 1000 });
}

/** An XPublisher, for only that one knows of its subscribers. */
async function publish(socket) {
  await socket.bind(endpoint);
  for (let i = 0; i < SUBSCRIBERS; i++) await socket.receive();
  for (let sent = 0; sent < count;) {
    try {
      await socket.send(payload);
      sent++;
    } catch (error) {
      // With noDrop it refuses instead of waiting.
      if (error.code !== "EAGAIN") throw error;
      await new Promise(setImmediate);
    }
  }
}

async function dealer(socket) {
  await socket.bind(endpoint);
  say("ready");
  for (let sent = 0; sent < Math.min(IN_FLIGHT, count); sent++) await socket.send(payload);
  let begin = 0;
  let received = 0;
  for await (const [frame] of socket) {
    check(frame);
    if (received === 0) begin = performance.now();
    if (++received === count) break;
    if (received + IN_FLIGHT <= count) await socket.send(payload);
  }
  report({ seconds: (performance.now() - begin) / 1000 });
}

async function answer(socket) {
  socket.connect(endpoint);
  for await (const message of socket) await socket.send(message);
}

async function request(socket) {
  await socket.bind(endpoint);
  say("ready");
  const times = new Float64Array(count);
  for (let i = -Math.min(WARM_UP, count); i < count; i++) {
    const begin = performance.now();
    await socket.send(payload);
    const [frame] = await socket.receive();
    if (i >= 0) times[i] = (performance.now() - begin) * 1000;
    check(frame);
  }
  times.sort();
  const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
  report({ seconds: times.reduce((sum, time) => sum + time) / 1e6, p50: at(0.5), p99: at(0.99) });
}

function say(line) {
  writeSync(1, `${line}\n`);
}

function report(result) {
  say(JSON.stringify(result));
  // The addon may crash in an end that is in order.
  process.kill(process.pid, "SIGKILL");
}

const parts = {
  near: {
    pipeline: () => pull(new Pull()),
    fanout: subscribe,
    echo: () => dealer(new Dealer()),
    trip: () => request(new Request()),
  },
  far: {
    pipeline: () => push(new Push()),
    fanout: () => publish(new XPublisher({ noDrop: true, verbosity: "allSubs" })),
    echo: () => answer(new Router()),
    trip: () => answer(new Reply()),
  },
  alone: {
    isolate: () => {
      push(new Push());
      return pull(new Pull());
    },
    workers: () => {
      new Worker(fileURLToPath(import.meta.url), { argv: process.argv.slice(2) });
      return pull(new Pull());
    },
  },
};

if (isMainThread) {
  parts[role][work]();
  if (role === "far") {
    process.stdin.resume();
    process.stdin.on("end", () => process.kill(process.pid, "SIGKILL"));
  }
} else {
  await push(new Push());
  // A Worker that ends takes with it what is still on its way.
  setInterval(() => {}, 1000);
}
