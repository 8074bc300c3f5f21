// The works of a comparison with this library; libzmq.c and zeromqjs.mjs do the same with theirs:
//
//     denomq.ts <work> near <endpoint> <size> <count>    says "ready", does its part, and prints what it has measured
//     denomq.ts <work> far <endpoint> <size> <count>     does its part, and stays until its stdin ends
//     denomq.ts <work> alone <endpoint> <size> <count>   does both
//
// `-drained` at the end of a work's name is the same without promises, as far as that goes.

import { Dealer, Publisher, Pull, Push, Reply, Request, Router, Subscriber } from "../../mod.ts";

/** So many subscribers there are, and so many requests in flight. */
const SUBSCRIBERS = 8;
const IN_FLIGHT = 500;
/** Round trips that are made before any is measured, but no more than are. */
const WARM_UP = 1000;
/** The name of a Worker that sends. */
const SENDER = "sender";

const [work = "", role = "", endpoint = ""] = Deno.args;
const [size = NaN, count = NaN] = Deno.args.slice(3).map(Number);
const drained = work.endsWith("-drained");
const payload = new Uint8Array(size).fill(120);

function check(frame: Uint8Array | undefined): void {
  if (frame?.length !== size) throw new Error(`A message has ${frame?.length} bytes`);
}

/** The times of the first message and of the last. */
async function receive(socket: Pull | Subscriber): Promise<{ begin: number; end: number }> {
  let received = 0;
  let begin = 0;
  if (drained) {
    for (; received < count; received++) {
      const [frame] = socket.tryReceive() ?? await socket.receive();
      check(frame);
      if (received === 0) begin = performance.now();
    }
  } else {
    for await (const [frame] of socket) {
      check(frame);
      if (received === 0) begin = performance.now();
      if (++received === count) break;
    }
  }
  return { begin, end: performance.now() };
}

async function pull(socket: Pull): Promise<void> {
  await socket.bind(endpoint);
  console.log("ready");
  const { begin, end } = await receive(socket);
  report({ seconds: (end - begin) / 1000 });
}

async function push(socket: Push): Promise<void> {
  socket.connect(endpoint);
  for (let sent = 0; sent < count; sent++) {
    if (!drained || !socket.trySend(payload)) await socket.send(payload);
  }
}

/** All subscribers of one publisher: what counts is when the first has begun and the last has all. */
async function subscribe(): Promise<void> {
  const sockets = Array.from({ length: SUBSCRIBERS }, () => new Subscriber());
  for (const socket of sockets) {
    socket.connect(endpoint);
    socket.subscribe();
  }
  console.log("ready");
  const spans = await Promise.all(sockets.map(receive));
  const begin = Math.min(...spans.map(({ begin }) => begin));
  const end = Math.max(...spans.map(({ end }) => end));
  report({ seconds: (end - begin) / 1000 });
}

async function publish(socket: Publisher): Promise<void> {
  await socket.bind(endpoint);
  await socket.waitForSubscribers(SUBSCRIBERS);
  for (let sent = 0; sent < count; sent++) await socket.send(payload);
}

/** Keeps so many requests in flight, and counts the replies. */
async function dealer(socket: Dealer): Promise<void> {
  await socket.bind(endpoint);
  console.log("ready");
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

async function router(socket: Router): Promise<void> {
  socket.connect(endpoint);
  for await (const message of socket) await socket.send(message);
}

/** Asks and waits for the answer, again and again: microseconds. */
async function request(socket: Request): Promise<void> {
  await socket.bind(endpoint);
  console.log("ready");
  const times = new Float64Array(count);
  for (let i = -Math.min(WARM_UP, count); i < count; i++) {
    const begin = performance.now();
    await socket.send(payload);
    const [frame] = await socket.receive();
    if (i >= 0) times[i] = (performance.now() - begin) * 1000;
    check(frame);
  }
  report({ seconds: times.reduce((sum, time) => sum + time) / 1e6, ...percentiles(times) });
}

async function reply(socket: Reply): Promise<void> {
  socket.connect(endpoint);
  for await (const message of socket) await socket.send(message);
}

function percentiles(times: Float64Array): Record<string, number> {
  times.sort();
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(times.length * part))]!;
  return { p50: at(0.5), p99: at(0.99) };
}

function report(result: Record<string, number>): void {
  console.log(JSON.stringify(result));
}

const near: Record<string, () => Promise<void>> = {
  pipeline: () => pull(new Pull()),
  fanout: subscribe,
  echo: () => dealer(new Dealer({ linger: 0 })),
  trip: () => request(new Request({ linger: 0 })),
};
const far: Record<string, () => Promise<void>> = {
  pipeline: () => push(new Push({ linger: 0 })),
  fanout: () => publish(new Publisher({ linger: 0, noDrop: true })),
  echo: () => router(new Router({ linger: 0 })),
  trip: () => reply(new Reply({ linger: 0 })),
};
const alone: Record<string, () => Promise<void>> = {
  isolate: async () => {
    void push(new Push());
    await pull(new Pull());
  },
  workers: async () => {
    new Worker(import.meta.url, { type: "module", name: SENDER });
    await pull(new Pull());
  },
};

const part = { near, far, alone }[role]?.[work.replace("-drained", "")];
if (part === undefined) throw new TypeError(`There is no ${work} ${role}`);
if (self.name === SENDER) {
  await push(new Push());
  // Only what is pending keeps a Worker, and what it has sent may still be on its way.
  setInterval(() => {}, 1000);
} else if (role === "far") {
  void part();
  for await (const _ of Deno.stdin.readable);
  Deno.exit();
} else {
  await part();
  // Neither the peers nor a Worker are waited for.
  Deno.exit();
}
