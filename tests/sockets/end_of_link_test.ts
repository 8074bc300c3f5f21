// What peers send to a link that has ended and still writes what is queued, and what comes in front of a broken frame.

import { assert, assertEquals } from "@std/assert";
import { Dealer, Pair, Publisher, Pull, Push, Reply, Request, Router, Subscriber, XPublisher } from "../../mod.ts";
import { isPending } from "../api/support.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { command } from "../zmtp/support.ts";
import { RawPeer } from "./raw_peer.ts";
import { expectNothing, patient, until, words } from "./support.ts";

/** More than the system takes for a peer that does not read. */
const MUCH = 3_000_000;
const LARGE = new Uint8Array(300_000);

/** A type of socket that has something to write to a slow peer when its link ends. */
interface Case {
  readonly name: string;
  readonly make: () => Pair | Dealer | Router | Pull | Reply | Subscriber | XPublisher;
  /** The type of the peer. */
  readonly peer: string;
  /** Gives the socket more to write than the peer's buffers take. */
  queue(socket: ReturnType<Case["make"]>, peer: RawPeer): Promise<void>;
  /** Makes the socket receive something. */
  speak(peer: RawPeer, what: string): Promise<void>;
  /** What the socket receives of it. */
  readonly hears: (what: string) => string[];
  /** What the socket receives when the link ends. */
  readonly notice?: string;
}

const plain = {
  speak: (peer: RawPeer, what: string) => peer.message(what),
  hears: (what: string) => [what],
};

/** Queues large messages. */
async function send(socket: Pair | Dealer | Router | Reply | XPublisher, ...head: string[]): Promise<void> {
  for (let bytes = 0; bytes < MUCH; bytes += LARGE.length) await socket.send([...head, LARGE], patient);
}

const cases: Case[] = [
  {
    name: "PAIR",
    make: () => new Pair(),
    peer: "PAIR",
    queue: (socket) => send(socket as Pair),
    ...plain,
  },
  {
    name: "DEALER",
    make: () => new Dealer(),
    peer: "DEALER",
    queue: (socket) => send(socket as Dealer),
    ...plain,
  },
  {
    name: "ROUTER",
    make: () => new Router(),
    peer: "DEALER",
    queue: (socket) => send(socket as Router, "A"),
    speak: (peer, what) => peer.message(what),
    hears: (what) => ["B", what],
  },
  {
    name: "PULL",
    make: () => new Pull(),
    peer: "PUSH",
    // All that it ever writes answers heartbeats.
    queue: async (_, peer) => {
      const ping = command("PING", 0, 0, "0123456789abcdef");
      const pings = new Uint8Array(ping.length * 1000);
      for (let at = 0; at < pings.length; at += ping.length) pings.set(ping, at);
      for (let i = 0; i < 50; i++) await peer.send(pings);
    },
    ...plain,
  },
  {
    name: "REP",
    make: () => new Reply(),
    peer: "REQ",
    queue: async (socket, peer) => {
      await peer.message("", "question");
      await (socket as Reply).receive(patient);
      await (socket as Reply).send(Array.from({ length: 10 }, () => LARGE));
    },
    speak: (peer, what) => peer.message("", what),
    hears: (what) => [what],
  },
  {
    name: "SUB",
    make: () => new Subscriber(),
    peer: "PUB",
    queue: async (socket) => {
      for (let i = 0; i < 8000; i++) (socket as Subscriber).subscribe(`${i}`.padEnd(200, "."));
      (socket as Subscriber).subscribe("");
      await Promise.resolve();
    },
    ...plain,
  },
  {
    name: "XPUB",
    make: () => new XPublisher({ noDrop: true }),
    peer: "SUB",
    queue: async (socket, peer) => {
      await peer.command("SUBSCRIBE", "a");
      assertEquals(words(await (socket as XPublisher).receive(patient)), ["\x01a"]);
      await send(socket as XPublisher, "a");
    },
    speak: (peer, what) => peer.command("SUBSCRIBE", what),
    hears: (what) => [`\x01${what}`],
    notice: "\x00a",
  },
];

/** Registers a test with endpoints in a directory. */
function withEndpoints(name: string, test: (fresh: (name: string) => string) => Promise<void>): void {
  Deno.test(name, async () => {
    using directory = new TempDirectory();
    await within(test((name) => `ipc://${directory.at(name)}`), name);
  });
}

/** Listens for raw peers. */
function listen(endpoint: string): Deno.Listener & Disposable {
  return Deno.listen({ transport: "unix", path: endpoint.slice("ipc://".length) });
}

for (const { name, make, peer: type, queue, speak, hears, notice } of cases) {
  for (const verb of ["unbind", "disconnect"] as const) {
    withEndpoints(`${name}: after ${verb}() a peer that still reads is no longer heard`, async (fresh) => {
      await using socket = make();
      socket.linger = 15_000;
      await socket.bind(fresh("other"));
      const endpoint = fresh("slow");
      using listener = verb === "unbind" ? null : listen(endpoint);
      if (listener === null) await socket.bind(endpoint);
      else if (socket instanceof Router) socket.connect(endpoint, { routingId: "A" });
      else socket.connect(endpoint);
      using slow = listener === null
        ? await RawPeer.connect(endpoint, type, 1, "A")
        : await RawPeer.accept(listener, type);
      await socket.waitForPeers(1, patient);
      await queue(socket, slow);
      // A turn later the system's buffers are full.
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (verb === "unbind") await socket.unbind(endpoint);
      else await socket.disconnect(endpoint);
      if (notice !== undefined) assertEquals(words(await socket.receive(patient)), [notice]);

      const receiving = socket.receive(patient).then(words);
      receiving.catch(() => {});
      // A PULL has next to nothing to write: it may have closed already.
      await speak(slow, "too late").catch((error) => assert(socket instanceof Pull, error));
      assert(await isPending(receiving), `${name} hears a peer whose link has ended`);
      const bytes = await slow.end();
      assert(bytes > 250_000 || socket instanceof Pull, `${bytes} bytes went out`);
      assert(await isPending(receiving));

      using other = await RawPeer.connect(fresh("other"), type, 1, "B");
      await speak(other, "later");
      assertEquals(await receiving, hears("later"));
      if (socket instanceof Reply) await socket.send("answer");
      expectNothing(socket);
    });
  }
}

withEndpoints("ROUTER: what came before the end of the link is still received", async (fresh) => {
  await using router = new Router({ linger: 15_000 });
  await router.bind(fresh("s"));
  using peer = await RawPeer.connect(fresh("s"), "DEALER", 1, "A");
  await router.waitForPeers(1, patient);
  await send(router, "A");
  await peer.message("1");
  await peer.message("2");
  await until(() => router.readable);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await router.unbind(fresh("s"));
  await peer.message("3");
  await peer.end();
  assertEquals(words(await router.receive(patient)), ["A", "1"]);
  assertEquals(words(await router.receive(patient)), ["A", "2"]);
  expectNothing(router);
});

for (const Type of [Publisher, XPublisher]) {
  withEndpoints(`${Type.name}: a subscription after the end of the link counts for nothing`, async (fresh) => {
    await using publisher = new Type({ noDrop: true, linger: 15_000 });
    await publisher.bind(fresh("s"));
    using peer = await RawPeer.connect(fresh("s"), "SUB");
    await peer.command("SUBSCRIBE", "a");
    await publisher.waitForSubscribers(1, patient);
    for (let bytes = 0; bytes < MUCH; bytes += LARGE.length) await publisher.send(["a", LARGE], patient);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await publisher.unbind(fresh("s"));
    assertEquals([publisher.topicsCount, publisher.subscriberCount], [0, 0]);
    await peer.command("SUBSCRIBE", "b");
    // As a 3.0 peer says it.
    await peer.message("\x01c");
    await peer.end();
    assertEquals([publisher.topicsCount, publisher.subscriberCount], [0, 0]);
    await publisher.send("b");
  });
}

withEndpoints("REQ: a reply with a broken frame behind it is received, and the next request waits", async (fresh) => {
  using listener = listen(fresh("broken"));
  await using request = new Request({ linger: 0 });
  request.connect(fresh("broken"));
  using peer = await RawPeer.accept(listener, "REP");
  await request.send("q1", patient);
  const replying = request.receive(patient);
  const second = request.send("q2");
  assertEquals([await peer.receive(), await peer.receive()], [[1, ""], [0, "q1"]]);
  // In one piece: the reply, then a frame whose length nobody could mean.
  await peer.send(1, 0, 0, 2, "ok", 2, new Uint8Array(8).fill(255), 0);
  assertEquals(words(await replying), ["ok"]);
  await peer.end();
  // Either it went to the peer that broke the protocol, or it waits for the next one. It does not fail.
  const sent = !(await isPending(second));
  await using reply = new Reply();
  await reply.bind(fresh("whole"));
  request.connect(fresh("whole"));
  await within(second, "the second request");
  if (!sent) assertEquals(words(await reply.receive(patient)), ["q2"]);
});

/** How long (ms) a Push takes to close whose link has ended before. */
async function closing(endpoint: string, before: number, then: number): Promise<number> {
  const push = new Push({ linger: before, sendHighWaterMark: 0 });
  await push.bind(endpoint);
  using _peer = await RawPeer.connect(endpoint, "PULL");
  await push.waitForPeers(1, patient);
  for (let bytes = 0; bytes < MUCH; bytes += LARGE.length) await push.send(LARGE);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const start = performance.now();
  await push.unbind(endpoint);
  push.linger = then;
  push.close();
  await within(push[Symbol.asyncDispose](), "the end", 4000);
  return performance.now() - start;
}

for (const then of [12_000, -1]) {
  withEndpoints(`close() with linger ${then} does not lengthen the linger period of unbind()`, async (fresh) => {
    const took = await closing(fresh("s"), 300, then);
    assert(took > 250, `${took} ms`);
  });
}

withEndpoints("close() shortens the linger period of unbind()", async (fresh) => {
  assert(await closing(fresh("s"), 12_000, 200) > 150);
  await closing(fresh("t"), -1, 200);
  await closing(fresh("u"), 12_000, 0);
});
