// How many may connect, and how much one of them may subscribe to.

import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { Dish, Publisher, Pull, Push, Radio, Stream, Subscriber, XPublisher } from "../../mod.ts";
import { ProtocolError } from "../../zmtp/error.ts";
import { Log } from "../api/support.ts";
import { overTransports, overWires } from "../support/transports.ts";
import { expect, join, patient, until } from "./support.ts";
import { WirePeer } from "./wire_peer.ts";

const once = { linger: 0, reconnectInterval: -1 };

/** Expects that a peer was disconnected for an option. */
async function dropped(log: Log, option: string): Promise<void> {
  const { error } = await log.wait("disconnect");
  assertInstanceOf(error, ProtocolError);
  assertEquals(error.kind, "too-many-subscriptions");
  assertStringIncludes(error.message, `(${option})`);
}

overWires("limits: whoever comes beyond maxConnections waits until another goes", async (fresh) => {
  await using pull = new Pull({ maxConnections: 2 });
  const log = new Log(pull);
  await using first = new Push(once);
  await using second = new Push(once);
  await using third = new Push({ linger: 0 });
  await join(pull, fresh(), first, second);
  const { error } = await log.wait("accept:error");
  assertEquals((error as Error & { code?: string }).code, "EMFILE");
  assertStringIncludes(error!.message, "maxConnections allows (2)");
  third.connect(pull.lastEndpoint!);
  await third.send("third");
  // Those who are there lose nothing.
  await first.send("first");
  await expect(pull, "first");
  await second.send("second");
  await expect(pull, "second");
  assertEquals([pull.peerCount, log.count("accept"), pull.tryReceive()], [2, 2, null]);
  first.close();
  await expect(pull, "third");
  assertEquals([log.count("accept"), log.count("accept:error")], [3, 2]);
});

overWires("limits: connections in their handshake count, for as long as it may take", async (fresh) => {
  await using pull = new Pull({ maxConnections: 2, handshakeInterval: 500 });
  const log = new Log(pull);
  await pull.bind(fresh());
  const endpoint = pull.lastEndpoint!;
  await using silent = WirePeer.connect(endpoint);
  await using mute = WirePeer.connect(endpoint);
  await log.wait("accept:error");
  await using push = new Push({ linger: 0 });
  push.connect(endpoint);
  await push.send("at last");
  await expect(pull, "at last");
  await silent.closed();
  await mute.closed();
});

overWires("limits: a Stream accepts so many at a time, too, and 0 is no limit", async (fresh) => {
  for (const [maxConnections, accepted] of [[1, 1], [0, 2]] as const) {
    await using stream = new Stream({ maxConnections });
    const log = new Log(stream);
    await stream.bind(fresh());
    await using first = new Stream(once);
    await using second = new Stream(once);
    first.connect(stream.lastEndpoint!);
    await log.wait("accept");
    second.connect(stream.lastEndpoint!);
    if (accepted === 1) await log.wait("accept:error");
    else await log.wait("accept", 2);
    assertEquals(log.count("accept"), accepted);
    first.close();
    await log.wait("accept", 2);
  }
});

for (const Type of [Publisher, XPublisher]) {
  overWires(`limits: a peer of ${Type.name} that subscribes to too many topics is dropped`, async (fresh) => {
    await using publisher = new Type({ maxSubscriptions: 3 });
    const log = new Log(publisher);
    await using honest = new Subscriber({ linger: 0 });
    await using greedy = new Subscriber(once);
    honest.subscribe("a", "b", "c");
    // Once more is no other topic, and what has ended no longer counts.
    honest.subscribe("a");
    honest.unsubscribe("b");
    honest.subscribe("d");
    greedy.subscribe("1", "2", "3");
    await join(publisher, fresh(), honest, greedy);
    await publisher.waitForSubscribers(2, patient);
    greedy.subscribe("4");
    await dropped(log, "maxSubscriptions");
    await until(() => publisher.peerCount === 1);
    await publisher.waitForSubscribers(1, { topic: "d", ...patient });
    assertEquals(log.count("disconnect"), 1);
    await publisher.send("d");
    await expect(honest, "d");
  });

  overWires(`limits: a peer of ${Type.name} whose topics are too long together is dropped`, async (fresh) => {
    await using publisher = new Type({ maxSubscriptionBytes: 100 });
    const log = new Log(publisher);
    await using subscriber = new Subscriber(once);
    for (let i = 0; i < 10; i++) {
      subscriber.subscribe("x".repeat(99));
      subscriber.subscribe("y".repeat(60));
      subscriber.unsubscribe("y".repeat(60));
      subscriber.unsubscribe("x".repeat(99));
    }
    subscriber.subscribe("a".repeat(50), "b".repeat(50));
    await join(publisher, fresh(), subscriber);
    await publisher.waitForSubscribers(1, { topic: "b".repeat(50), ...patient });
    assertEquals(log.count("disconnect"), 0);
    subscriber.subscribe("c");
    await dropped(log, "maxSubscriptionBytes");
  });

  overWires(`limits: to ${Type.name} subscriptions that come as messages count alike`, async (fresh) => {
    await using publisher = new Type({ maxSubscriptions: 2 });
    const log = new Log(publisher);
    await publisher.bind(fresh());
    await using peer = WirePeer.connect(publisher.lastEndpoint!);
    await peer.shake("SUB");
    for (const topic of ["a", "b", "c"]) await peer.send(0, 2, 1, topic);
    await peer.closed();
    await dropped(log, "maxSubscriptions");
    assertEquals(publisher instanceof Publisher ? publisher.topicsCount : 0, 0);
  });
}

overWires("limits: what a manual XPublisher only hears of counts, too", async (fresh) => {
  await using publisher = new XPublisher({ manual: true, maxSubscriptions: 2 });
  const log = new Log(publisher);
  await using subscriber = new Subscriber(once);
  subscriber.subscribe("a", "b", "c");
  await publisher.bind(fresh());
  subscriber.connect(publisher.lastEndpoint!);
  await dropped(log, "maxSubscriptions");
});

overWires("limits: a peer of Radio that joins too many groups is dropped", async (fresh) => {
  await using radio = new Radio({ maxSubscriptions: 2 });
  const log = new Log(radio);
  await using dish = new Dish(once);
  dish.join("a");
  dish.join("b");
  dish.leave("a");
  dish.join("c");
  await join(radio, fresh(), dish);
  await radio.waitForMembers(1, { group: "c", ...patient });
  assertEquals(log.count("disconnect"), 0);
  dish.join("d");
  await dropped(log, "maxSubscriptions");
});

overTransports("limits: sockets of the same process are not counted", async (fresh) => {
  await using publisher = new Publisher({ maxSubscriptions: 1, maxConnections: 1 });
  await using first = new Subscriber();
  await using second = new Subscriber();
  first.subscribe("a", "b");
  second.subscribe("c", "d");
  await join(publisher, fresh(), first, second);
  await publisher.waitForSubscribers(1, { topic: "b", ...patient });
  await publisher.waitForSubscribers(1, { topic: "d", ...patient });
}, ({ name }) => name === "inproc");
