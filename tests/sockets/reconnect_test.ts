// Peers that are not there yet, go, come again, or are no peers: what a socket makes of them over every wire.

import { assert, assertEquals } from "@std/assert";
import { isPending, Log, next, rejectsCode, throwsCode, until } from "../api/support.ts";
import { RawServer } from "../api/raw.ts";
import { within } from "../support/deadline.ts";
import { inGuest } from "../support/platform.ts";
import { Client, Dealer, Pair, Peer, Publisher, Pull, Push, Router, Server, Subscriber } from "../support/sockets.ts";
import { TempDirectory } from "../support/temp.ts";
import { overWires } from "../support/transports.ts";
import { command, greeting, property } from "../zmtp/support.ts";
import { Relay } from "./relay.ts";
import { join, patient, words } from "./support.ts";
import { WirePeer } from "./wire_peer.ts";

/** Milliseconds that a peer has for its handshake: those that take longer are wanted here. */
const SHORT = inGuest ? 500 : 50;

Deno.test("a message that is lost with its connection leaves its place in the queue to the next", async () => {
  using directory = new TempDirectory();
  using server = new RawServer(`ipc://${directory.at("socket")}`);
  await using push = new Push({ linger: 0, reconnectInterval: 1, sendHighWaterMark: 1 });
  push.connect(server.endpoint);
  {
    using raw = await server.accept();
    await raw.shake("PULL");
    // More than the system takes: the rest waits here, and its beginning has gone.
    await push.send([new Uint8Array(1_000_000), new Uint8Array(1_000_000)]);
    await raw.read(10);
    assert(!push.writable);
  }
  await until(() => push.peerCount === 0, "the peer is missed");
  await push.send("next", { timeout: 5000 });
  using raw = await server.accept();
  await raw.shake("PULL");
  assertEquals(new TextDecoder().decode((await raw.frame()).body), "next");
});

overWires("connect before bind: the messages wait for the peer", async (fresh) => {
  const endpoint = fresh();
  await using push = new Push({ linger: 0, reconnectInterval: 5 });
  push.connect(endpoint);
  for (let i = 0; i < 10; i++) await push.send(`${i}`);
  await using pull = new Pull();
  await pull.bind(endpoint);
  for (let i = 0; i < 10; i++) assertEquals(await next(pull), [`${i}`]);
});

overWires("a peer that goes and comes again is found", async (fresh) => {
  const endpoint = fresh();
  await using push = new Push({ linger: 0, reconnectInterval: 5 });
  push.connect(endpoint);
  for (let round = 0; round < 5; round++) {
    await using pull = new Pull();
    await pull.bind(endpoint);
    await within(push.waitForPeers(), "the peer");
    for (let i = 0; i < 3; i++) await push.send(`${round} ${i}`);
    for (let i = 0; i < 3; i++) assertEquals(await next(pull), [`${round} ${i}`]);
    pull.close();
    await until(() => push.peerCount === 0, "the peer has gone");
    await push.send(`for round ${round + 1}`);
    await using again = new Pull();
    await again.bind(endpoint);
    assertEquals(await next(again), [`for round ${round + 1}`]);
    again.close();
    await until(() => push.peerCount === 0, "that peer has gone, too");
  }
});

overWires("a process that is killed and started again is found", async (fresh) => {
  const endpoint = fresh();
  await using pair = new Pair({ linger: 0, reconnectInterval: 10 });
  pair.connect(endpoint);
  const script = new URL("../api/programs/echo.ts", import.meta.url);
  for (let round = 0; round < 2; round++) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "-A", script.href, endpoint],
      stdout: "null",
    }).spawn();
    try {
      await pair.send(`round ${round}`);
      assertEquals(await next(pair), [`round ${round}`]);
    } finally {
      child.kill("SIGKILL");
      await child.status;
    }
    await until(() => pair.peerCount === 0, "the child is missed");
  }
});

// libzmq: test_reconnect_ivl
overWires("without a longest interval each wait is the first plus up to as much at random", async (fresh) => {
  await using push = new Push({ linger: 0, reconnectInterval: 10 });
  const log = new Log(push);
  push.connect(fresh());
  await log.wait("connect:retry", 12);
  const intervals = log.events.filter((event) => event.type === "connect:retry").map((event) => event.interval!);
  assert(intervals.every((interval) => interval >= 10 && interval < 20), `${intervals}`);
  assert(new Set(intervals).size > 1, `${intervals}`);
});

overWires("with a longest interval each wait is twice the last", async (fresh) => {
  for (
    const [interval, longest, expected] of [
      [5, 30, [5, 10, 20, 30, 30]],
      [8, 8, [8, 8, 8]],
      [50, 10, [10, 10, 10]],
    ] as const
  ) {
    await using push = new Push({ linger: 0, reconnectInterval: interval, reconnectMaxInterval: longest });
    const log = new Log(push);
    push.connect(fresh());
    await log.wait("connect:retry", expected.length);
    const intervals = log.events.filter((event) => event.type === "connect:retry").map((event) => event.interval);
    assertEquals(intervals.slice(0, expected.length), [...expected]);
  }
});

overWires("a connection that was made starts the waits anew", async (fresh) => {
  const endpoint = fresh();
  await using push = new Push({ linger: 0, reconnectInterval: 4, reconnectMaxInterval: 1000 });
  const log = new Log(push);
  push.connect(endpoint);
  assertEquals((await log.wait("connect:retry", 4)).interval, 32);
  const pull = new Pull();
  await pull.bind(endpoint);
  await log.wait("handshake");
  const before = log.count("connect:retry");
  await pull[Symbol.asyncDispose]();
  assertEquals((await log.wait("connect:retry", before + 1)).interval, 4);
});

for (const reconnectInterval of [-1, 0]) {
  overWires(`with reconnectInterval ${reconnectInterval} there is one attempt`, async (fresh) => {
    const endpoint = fresh();
    await using push = new Push({ linger: 0, reconnectInterval });
    const log = new Log(push);
    push.connect(endpoint);
    await log.wait("close");
    await until(() => !push.writable, "the endpoint is given up");
    throwsCode(() => push.disconnect(endpoint), "ENOENT");

    const pull = new Pull();
    await pull.bind(fresh());
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    assertEquals(await next(pull), ["x"]);
    await pull[Symbol.asyncDispose]();
    await log.wait("disconnect");
    assert(await isPending(push.send("y").catch(() => {})));
    assertEquals(log.count("connect:retry"), 0);
  });
}

overWires("a peer that breaks the protocol is not tried again", async (fresh) => {
  const endpoint = fresh();
  await using server = await WirePeer.bind(endpoint);
  await using push = new Push({ linger: 0, reconnectInterval: 1 });
  const log = new Log(push);
  push.connect(endpoint);
  await server.send("HTTP/1.1 400 Bad Request\r\n\r\n");
  await log.wait("handshake:error:protocol");
  await server.closed();
  await until(() => !push.writable, "the endpoint is given up");
  assertEquals(log.count("connect:retry"), 0);
  assertEquals(log.count("connect"), 1);
});

overWires("a peer that goes during the handshake is tried again", async (fresh) => {
  const endpoint = fresh();
  await using server = await WirePeer.bind(endpoint);
  await using push = new Push({ linger: 0, reconnectInterval: 1 });
  const log = new Log(push);
  push.connect(endpoint);
  for (let i = 0; i < 3; i++) {
    await server.send(greeting());
    await server.hangUp();
  }
  await log.wait("handshake:error:other", 3);
  await log.wait("connect:retry", 3);
});

// libzmq: test_stream_timeout (connecting)
overWires("a server that never greets is given up in time and tried again", async (fresh) => {
  const endpoint = fresh();
  await using server = await WirePeer.bind(endpoint);
  await using push = new Push({ linger: 0, reconnectInterval: 1, handshakeInterval: SHORT });
  const log = new Log(push);
  push.connect(endpoint);
  await push.send("kept");
  await server.closed();
  await log.wait("handshake:error:other");
  await server.shake("PULL");
  assertEquals(new TextDecoder().decode((await server.frame())[1]), "kept");
});

// libzmq: test_stream_timeout (accepting)
overWires("a client that never greets, or stops in the middle, is dropped in time", async (fresh) => {
  await using pull = new Pull({ handshakeInterval: SHORT });
  await pull.bind(fresh());
  const log = new Log(pull);
  await using silent = WirePeer.connect(pull.lastEndpoint!);
  await using slow = WirePeer.connect(pull.lastEndpoint!);
  await slow.send(greeting(), command("READY", property("Socket-Type", "PUSH")).subarray(0, 10));
  await Promise.all([silent.closed(), slow.closed()]);
  await log.wait("handshake:error:other", 2);
  assertEquals(pull.peerCount, 0);
  // Whoever is there in time stays.
  await using fine = WirePeer.connect(pull.lastEndpoint!);
  await fine.shake("PUSH");
  await new Promise((resolve) => setTimeout(resolve, 1.2 * SHORT));
  await fine.send(0, 5, "hello");
  assertEquals(await next(pull), ["hello"]);
});

overWires("subscriptions are made again with a new connection", async (fresh) => {
  const endpoint = fresh();
  await using subscriber = new Subscriber({ reconnectInterval: 5 });
  subscriber.subscribe("a", "b", "b");
  subscriber.connect(endpoint);
  for (let round = 0; round < 3; round++) {
    await using publisher = new Publisher();
    await publisher.bind(endpoint);
    for (const topic of ["a", "b"]) await within(publisher.waitForSubscribers(1, { topic }), topic);
    await publisher.send(`c ${round}`);
    await publisher.send(`b ${round}`);
    assertEquals(await next(subscriber), [`b ${round}`]);
    publisher.close();
    await until(() => subscriber.peerCount === 0, "the publisher has gone");
  }
  subscriber.unsubscribe("a");
  await using publisher = new Publisher();
  await publisher.bind(endpoint);
  await within(publisher.waitForSubscribers(1, { topic: "b" }), "b");
  await rejectsCode(() => publisher.waitForSubscribers(1, { topic: "a", timeout: 20 }), "EAGAIN");
});

overWires("an accepted peer's queue goes with it", async (fresh) => {
  await using push = new Push({ linger: 0 });
  await push.bind(fresh());
  {
    await using peer = WirePeer.connect(push.lastEndpoint!);
    await peer.shake("PULL");
    await within(push.waitForPeers(), "the peer");
    for (let i = 0; i < 100; i++) await push.send(["before", new Uint8Array(60_000)]);
  }
  await until(() => push.peerCount === 0, "it has gone");
  assertEquals(push.writable, false);
  await using pull = new Pull();
  pull.connect(push.lastEndpoint!);
  await push.send("after");
  assertEquals(await next(pull), ["after"]);
});

// libzmq: test_reconnect_options (stop on refused)
overWires("with reconnectStop 1 a refusal is the end", async (fresh, { name }) => {
  const endpoint = fresh();
  await using push = new Push({ linger: 0, reconnectInterval: 1, reconnectStop: 1 });
  const log = new Log(push);
  push.connect(endpoint);
  if (name === "ipc") {
    // A file that does not exist refuses nobody.
    await log.wait("connect:retry", 3);
    return;
  }
  await log.wait("close");
  // The endpoint is forgotten.
  throwsCode(() => push.disconnect(endpoint), "ENOENT");
  push.close();
  assertEquals((await log.end()).filter((type) => type !== "connect:delay"), ["close", "end"]);
});

// libzmq: test_reconnect_options (stop on handshake failed)
overWires(
  "with reconnectStop 2 a handshake that fails is the end, and a connection that is lost later is not",
  async (fresh) => {
    for (const fails of ["hangs up", "is silent"]) {
      const endpoint = fresh();
      await using server = await WirePeer.bind(endpoint);
      const handshakeInterval = fails === "is silent" ? SHORT : 20_000;
      await using dealer = new Dealer({ linger: 0, reconnectInterval: 1, reconnectStop: 2, handshakeInterval });
      const log = new Log(dealer);
      dealer.connect(endpoint);
      if (fails === "hangs up") await server.hangUp();
      await log.wait("disconnect");
      // It would come at once.
      assertEquals([log.count("handshake:error:other"), log.count("connect:retry")], [1, 0]);
    }
    await using pair = new Pair({ linger: 0, reconnectInterval: 1, reconnectStop: 2 });
    await using peer = new Pair({ linger: 0 });
    const log = new Log(pair);
    await join(peer, fresh(), pair);
    await peer.unbind(peer.lastEndpoint!);
    await log.wait("connect:retry");
  },
);

// libzmq: test_reconnect_options (after disconnect)
overWires("with reconnectStop 4 disconnect() ends the attempts, though messages wait", async (fresh) => {
  const endpoint = fresh();
  for (const reconnectStop of [0, 4]) {
    await using push = new Push({ linger: -1, reconnectInterval: 1, reconnectStop });
    const log = new Log(push);
    push.connect(endpoint);
    await push.send("waits");
    await log.wait("connect:retry");
    push.disconnect(endpoint);
    const before = log.count("connect:retry");
    if (reconnectStop === 0) {
      await log.wait("connect:retry", before + 2);
      push.linger = 0;
      continue;
    }
    push.close();
    // A socket with an attempt to make would live, and linger.
    await log.end();
    assertEquals(log.count("connect:retry"), before);
  }
});

// libzmq: test_hello_msg, test_hiccup_msg, test_disconnect_msg (of every type that has them, by heartbeats)
overWires(
  "hello, hiccup and disconnect messages come with each connection, and when its wire falls silent",
  async (fresh) => {
    for (const [Connecting, Bound] of [[Dealer, Router], [Client, Server], [Peer, Peer]] as const) {
      const heartbeats = { linger: 0, heartbeatInterval: 20, heartbeatTimeout: inGuest ? 1500 : 400 };
      const notices = { helloMessage: "hello", hiccupMessage: "hiccup", reconnectInterval: 5 };
      await using bound = new Bound({ ...heartbeats, helloMessage: "welcome", disconnectMessage: "gone" });
      await using connecting = new Connecting({ ...heartbeats, ...notices });
      await bound.bind(fresh());
      const endpoint = fresh();
      await using relay = await Relay.join(endpoint, bound.lastEndpoint!);
      connecting.connect(endpoint);
      // What is received, without who it is from.
      const here = async () => words([(await connecting.receive(patient) as Uint8Array[])[0]!])[0];
      const there = async () => {
        const message = await bound.receive(patient) as unknown[];
        return words([message[Bound === Router ? 1 : 0] as Uint8Array])[0];
      };
      assertEquals([await here(), await there()], ["welcome", "hello"], Bound.name);
      relay.mute = true;
      assertEquals([await here(), await there()], ["hiccup", "gone"], Bound.name);
    }
  },
);

/** A peer comes and goes so many times, which a socket that connects to it sees. */
async function comeAndGo(server: WirePeer, log: Log, rounds: number): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    await server.shake("DEALER");
    await log.wait("handshake", round);
    await server.hangUp();
    await log.wait("disconnect", round);
  }
}

overWires("a router that nobody reads keeps no more notices of its connections than messages", async (fresh) => {
  for (const notify of [1, 2, 3]) {
    await using server = await WirePeer.bind(fresh());
    await using router = new Router({ notify, receiveHighWaterMark: 10, linger: 0, reconnectInterval: 1 });
    const log = new Log(router);
    router.connect(server.endpoint);
    await comeAndGo(server, log, 30);
    await server.shake("DEALER");
    await log.wait("handshake", 31);
    let notices = 0;
    while (router.tryReceive() !== null) notices++;
    // One more than messages, so that the last one is true: the peer is there, which an odd number of notices means.
    if (notify === 3) assert(notices <= 11 && notices % 2 === 1, `${notices} notices`);
    else assertEquals(notices, 10);
    // What was read makes room for what comes.
    await server.hangUp();
    await log.wait("disconnect", 31);
    assertEquals(router.tryReceive() === null, notify === 1);
  }
});

overWires("a dealer that nobody reads keeps no more hiccups than messages", async (fresh) => {
  await using server = await WirePeer.bind(fresh());
  await using dealer = new Dealer({ hiccupMessage: "?", receiveHighWaterMark: 10, linger: 0, reconnectInterval: 1 });
  const log = new Log(dealer);
  dealer.connect(server.endpoint);
  await comeAndGo(server, log, 30);
  let hiccups = 0;
  while (dealer.tryReceive() !== null) hiccups++;
  assertEquals(hiccups, 10);
  await server.shake("DEALER");
  await log.wait("handshake", 31);
  await server.send(0, 1, "x");
  await server.hangUp();
  assertEquals([await next(dealer), await next(dealer)], [["x"], ["?"]]);
});
