/**
 * What a message costs by pattern and transport, and what a connection costs. Both ends are in this process, so that these
 * figures are for comparing one version of the library with another; `deno task bench:compare` has two processes.
 *
 * Run it with `deno bench -A bench/sockets_bench.ts`.
 *
 * @module
 */

import { Dealer, Pair, Publisher, Pull, Push, Reply, Request, Router, type Socket, Subscriber } from "../mod.ts";

/** So many messages are sent and received by one call that is measured. */
const BATCH = 1000;

const directory = Deno.makeTempDirSync({ prefix: "denomq-bench-" });
globalThis.addEventListener("unload", () => Deno.removeSync(directory, { recursive: true }));

let serial = 0;
const transports: Readonly<Record<string, () => string>> = {
  ipc: () => `ipc://${directory}/${++serial}`,
  tcp: () => "tcp://127.0.0.1:*",
  inproc: () => `inproc://bench-${++serial}`,
};

/** Binds one socket and connects the other. */
async function join<A extends Socket, B extends Socket>(endpoint: string, server: A, client: B): Promise<[A, B]> {
  await server.bind(endpoint);
  client.connect(server.lastEndpoint!);
  await client.waitForPeers();
  return [server, client];
}

const payload = new Uint8Array(64).fill(120);

interface Sender {
  send(message: Uint8Array): Promise<void>;
}
interface Receiver {
  receive(): Promise<Uint8Array[]>;
}

/** A batch one way. */
async function stream(from: Sender, to: Receiver): Promise<void> {
  const sending = (async () => {
    for (let i = 0; i < BATCH; i++) await from.send(payload);
  })();
  for (let i = 0; i < BATCH; i++) await to.receive();
  await sending;
}

/** Sets up two sockets once, at the first call. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => made ??= make();
}

for (const [name, fresh] of Object.entries(transports)) {
  const pushPull = once(() => join(fresh(), new Pull(), new Push()));
  Deno.bench(`PUSH/PULL over ${name}, ${BATCH} messages of 64 B`, { group: "one way" }, async () => {
    const [pull, push] = await pushPull();
    await stream(push, pull);
  });
  const pair = once(() => join(fresh(), new Pair(), new Pair()));
  Deno.bench(`PAIR over ${name}, ${BATCH} messages of 64 B`, { group: "one way" }, async () => {
    const [one, other] = await pair();
    await stream(one, other);
  });
  const pubSub = once(async () => {
    const [publisher, subscriber] = await join(fresh(), new Publisher({ noDrop: true }), new Subscriber());
    subscriber.subscribe();
    await publisher.waitForSubscribers();
    return [publisher, subscriber] as const;
  });
  Deno.bench(`PUB/SUB over ${name}, ${BATCH} messages of 64 B`, { group: "one way" }, async () => {
    const [publisher, subscriber] = await pubSub();
    await stream(publisher, subscriber);
  });
  const dealerRouter = once(() => join(fresh(), new Router(), new Dealer()));
  Deno.bench(
    `DEALER/ROUTER over ${name}, ${BATCH} messages of 64 B there and back`,
    { group: "both ways" },
    async () => {
      const [router, dealer] = await dealerRouter();
      const answering = (async () => {
        for (let i = 0; i < BATCH; i++) await router.send(await router.receive());
      })();
      await stream(dealer, dealer);
      await answering;
    },
  );
  const requestReply = once(() => join(fresh(), new Reply(), new Request()));
  Deno.bench(`REQ/REP over ${name}, a round trip`, { group: "round trip" }, async () => {
    const [reply, request] = await requestReply();
    await request.send(payload);
    await reply.send(await reply.receive());
    await request.receive();
  });
  const server = once(async () => {
    const pull = new Pull();
    await pull.bind(fresh());
    return pull;
  });
  Deno.bench(`a connection over ${name}, made and closed`, { group: "connection" }, async () => {
    const pull = await server();
    const push = new Push({ linger: 0 });
    push.connect(pull.lastEndpoint!);
    await push.waitForPeers();
    await push[Symbol.asyncDispose]();
  });
}
