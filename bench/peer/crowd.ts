// What one socket does with very many of something: peers, subscriptions, endpoints or messages that wait. Two processes:
//
//     crowd.ts <what> near <endpoint> <many> <count>   says "ready", prints {"perSecond":...,"bytes":...}
//     crowd.ts <what> far <endpoint> <many> <count>    is the other side, and stays until its stdin ends
//
// `perSecond` is the rate of messages, `bytes` what each of the many takes in the memory of the near process.

import {
  Context,
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
} from "../../mod.ts";

const [what = "", role = "", endpoint = ""] = Deno.args;
const [many = NaN, count = NaN] = Deno.args.slice(3).map(Number);
const control = `${endpoint}-control`;
const payload = new Uint8Array(64).fill(120);
/** No peer is refused for a moment in which there are many. */
const common = { linger: 0, backlog: 4096 };

const encoder = new TextEncoder();
const topic = (index: number) => encoder.encode(`topic-${index}.`);

/** Has the library do once what it will do often, so that what it needs once is not counted with the many. */
async function warmUp(): Promise<void> {
  await using pull = new Pull(common);
  await using push = new Push(common);
  await pull.bind(`${endpoint}-warm`);
  push.connect(`${endpoint}-warm`);
  await push.send(payload);
  await pull.receive();
  // The memory for young objects is there once it was used.
  let garbage: unknown[] = [];
  for (let i = 0; i < 3_000_000; i++) {
    garbage.push({ i });
    if (garbage.length === 2000) garbage = [];
  }
}

/** The memory of the process (bytes). */
async function memory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    (globalThis as { gc?: () => void }).gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return Deno.memoryUsage().rss;
}

/** Lets the far side come, and tells what each of the many takes. */
async function gather(ready: () => Promise<void>): Promise<{ bytes: number; far: Pair }> {
  const far = new Pair({ linger: 0 });
  await far.bind(control);
  const before = await memory();
  console.log("ready");
  await ready();
  // The far side says that it has done its part.
  await far.receive();
  return { bytes: (await memory() - before) / many, far };
}

function report(begin: number, bytes: number): void {
  console.log(JSON.stringify({ perSecond: count / ((performance.now() - begin) / 1000), bytes }));
}

/** Sends everything to whoever is there, until they say that they have it. */
async function pour(socket: Push | Dealer): Promise<void> {
  await socket.bind(endpoint);
  const { bytes, far } = await gather(() => socket.waitForPeers(many));
  const begin = performance.now();
  for (let sent = 0; sent < count; sent++) await socket.send(payload);
  await far.receive();
  report(begin, bytes);
}

/** Answers one of all peers. */
async function answer(socket: Router | Reply): Promise<void> {
  await socket.bind(endpoint);
  const { bytes, far } = await gather(() => socket.waitForPeers(many));
  const begin = performance.now();
  await far.send("go");
  for (let answered = 0; answered < count; answered++) await socket.send(await socket.receive());
  await far.receive();
  report(begin, bytes);
}

/** Publishes what one peer wants, or what is one of very many topics. */
async function publish(socket: Publisher, peers: number, topics: number): Promise<void> {
  await socket.bind(endpoint);
  const { bytes, far } = await gather(async () => {
    await socket.waitForPeers(peers);
    await socket.waitForSubscribers(1, { topic: topic(topics - 1) });
  });
  const all = Array.from({ length: topics }, (_, index) => topic(index));
  const begin = performance.now();
  for (let sent = 0; sent < count; sent++) await socket.send(all[sent * 7919 % topics]!);
  await far.receive();
  report(begin, bytes);
}

async function pullFromOne(socket: Pull): Promise<void> {
  const before = await memory();
  for (let i = 0; i < many; i++) await socket.bind(`${endpoint}-${i}`);
  const bytes = (await memory() - before) / many;
  console.log("ready");
  let begin = 0;
  let received = 0;
  for await (const _ of socket) {
    if (received === 0) begin = performance.now();
    if (++received === count) break;
  }
  report(begin, bytes);
}

/** Queues as many messages as the high water mark lets it, for somebody who comes then. */
async function fill(socket: Push): Promise<void> {
  socket.sendHighWaterMark = many;
  socket.connect(endpoint);
  const before = await memory();
  for (let sent = 0; sent < many; sent++) {
    if (!socket.trySend(payload)) throw new Error(`Only ${sent} messages could be queued`);
  }
  const bytes = (await memory() - before) / many;
  const far = new Pair({ linger: 0 });
  await far.bind(control);
  console.log("ready");
  const [seconds] = await far.receive();
  const perSecond = many / Number(new TextDecoder().decode(seconds));
  console.log(JSON.stringify({ perSecond, bytes }));
}

const near: Record<string, () => Promise<void>> = {
  push: () => pour(new Push(common)),
  dealer: () => pour(new Dealer(common)),
  router: () => answer(new Router(common)),
  reply: () => answer(new Reply(common)),
  publish: () => publish(new Publisher({ ...common, noDrop: true }), many, 1),
  topics: () => publish(new Publisher({ ...common, noDrop: true }), 1, many),
  endpoints: () => pullFromOne(new Pull(common)),
  depth: () => fill(new Push(common)),
};

/** Connects one socket very often. */
async function connect(socket: Pull | Router): Promise<void> {
  for (let i = 0; i < many; i++) {
    socket.connect(endpoint);
    // The one at the other end has to accept them.
    if (i % 100 === 99) await socket.waitForPeers(i + 1);
  }
  await socket.waitForPeers(many);
}

/** Connects as many sockets: those of some types connect only once to an endpoint. The first is the one to use. */
async function connectEach<S extends Socket>(make: (context: Context) => S, sockets: number): Promise<S> {
  const context = new Context({ maxSockets: sockets });
  const all: S[] = [];
  for (let i = 0; i < sockets; i++) {
    const socket = make(context);
    socket.connect(endpoint);
    all.push(socket);
    if (i % 100 === 99) await socket.waitForPeers();
  }
  for (const socket of all) await socket.waitForPeers();
  // One that came later has not a better place.
  return all[0]!;
}

async function controlled(): Promise<Pair> {
  const near = new Pair({ linger: -1 });
  near.connect(control);
  await near.waitForPeers();
  return near;
}

async function receiveAll(socket: Pull | Router | Subscriber, number = count): Promise<void> {
  let received = 0;
  for await (const _ of socket) if (++received === number) return;
}

async function takeAll(socket: Pull | Router): Promise<void> {
  await connect(socket);
  const near = await controlled();
  await near.send("there");
  await receiveAll(socket);
  await near.send("done");
}

async function ask(make: (context: Context) => Dealer | Request): Promise<void> {
  const socket = await connectEach(make, many);
  const near = await controlled();
  await near.send("there");
  await near.receive();
  for (let asked = 0; asked < count; asked++) {
    await socket.send(payload);
    await socket.receive();
  }
  await near.send("done");
}

async function subscribe(peers: number, topics: number): Promise<void> {
  const socket = await connectEach((context) => {
    const socket = new Subscriber({ ...common, context });
    socket.subscribe("nothing");
    return socket;
  }, peers);
  for (let i = 0; i < topics; i++) socket.subscribe(topic(i));
  const near = await controlled();
  await near.send("there");
  await receiveAll(socket);
  await near.send("done");
}

const far: Record<string, () => Promise<void>> = {
  push: () => takeAll(new Pull(common)),
  dealer: () => takeAll(new Router(common)),
  router: () => ask((context) => new Dealer({ ...common, context })),
  reply: () => ask((context) => new Request({ ...common, context })),
  publish: () => subscribe(many, 1),
  topics: () => subscribe(1, many),
  endpoints: async () => {
    const socket = new Push(common);
    socket.connect(`${endpoint}-${many - 1}`);
    for (let sent = 0; sent < count; sent++) await socket.send(payload);
  },
  depth: async () => {
    const near = await controlled();
    const socket = new Pull({ ...common, receiveHighWaterMark: many });
    await socket.bind(endpoint);
    await socket.waitForPeers();
    const begin = performance.now();
    await receiveAll(socket, many);
    await near.send(String((performance.now() - begin) / 1000));
  },
};

const part = { near, far }[role]?.[what];
if (part === undefined) throw new TypeError(`There is no ${what} ${role}`);
if (role === "near") {
  await warmUp();
  await part();
} else {
  void part();
  for await (const _ of Deno.stdin.readable);
}
Deno.exit();
