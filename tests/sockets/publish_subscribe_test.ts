// PUB and SUB: messages to everybody who subscribed to their beginning (RFC 29).

import { assert, assertEquals } from "@std/assert";
import { within } from "../support/deadline.ts";
import { Publisher, Subscriber, XPublisher, XSubscriber } from "../support/sockets.ts";
import { overTransports, overWires } from "../support/transports.ts";
import { expect, expectNothing, frame, join, patient, peersLeft, takeMany } from "./support.ts";

overTransports("publish: the beginning of the first frame decides what arrives", async (fresh) => {
  await using publisher = new Publisher();
  await using subscriber = new Subscriber();
  subscriber.subscribe("a", "bc", frame("\x00\xff"));
  await join(publisher, fresh(), subscriber);
  await publisher.waitForSubscribers(1, { topic: frame("\x00\xff") });
  const sent = ["a", "ab", "b", "", "bc", "bcd", "c", "A", "\x00\xff", "\x00", "a end"];
  for (const text of sent) await publisher.send([frame(text), "a body"]);
  for (const text of ["a", "ab", "bc", "bcd", "\x00\xff", "a end"]) await expect(subscriber, text, "a body");
  expectNothing(subscriber);
});

overTransports("publish: without a subscription nothing arrives, with the empty one everything", async (fresh) => {
  await using publisher = new Publisher();
  await using none = new Subscriber();
  await using all = new Subscriber();
  all.subscribe();
  await join(publisher, fresh(), none, all);
  await publisher.waitForSubscribers(1, patient);
  assertEquals(publisher.subscriberCount, 1);
  await publisher.send("");
  await publisher.send("x");
  await expect(all, "");
  await expect(all, "x");
  none.subscribe("mark");
  await publisher.waitForSubscribers(2, { topic: "mark" });
  await publisher.send("mark");
  await expect(none, "mark");
  expectNothing(none);
});

overTransports("publish: a topic that was subscribed to twice has to be unsubscribed from twice", async (fresh) => {
  await using publisher = new XPublisher();
  await using subscriber = new Subscriber();
  subscriber.subscribe("a", "a", "end");
  await join(publisher, fresh(), subscriber);
  await publisher.waitForSubscribers(1, { topic: "end" });
  subscriber.unsubscribe("a");
  subscriber.unsubscribe("never");
  subscriber.subscribe("marker 1");
  await publisher.waitForSubscribers(1, { topic: "marker 1" });
  await publisher.send("a 1");
  await expect(subscriber, "a 1");
  subscriber.unsubscribe("a");
  subscriber.subscribe("marker 2");
  await publisher.waitForSubscribers(1, { topic: "marker 2" });
  await publisher.send("a 2");
  await publisher.send("end");
  await expect(subscriber, "end");
  const notices = await takeMany(publisher, 5);
  assertEquals(notices.slice(0, 2).toSorted(), ["\x01a", "\x01end"]);
  assertEquals(notices.slice(2), ["\x01marker 1", "\x00a", "\x01marker 2"]);
});

overTransports("publish: nobody there, nobody misses anything; sending never waits", async (fresh) => {
  await using publisher = new Publisher();
  assert(publisher.trySend("x") && publisher.writable);
  await publisher.send("x", { timeout: 0 });
  await publisher.bind(fresh());
  await publisher.send("lost");
  await using subscriber = new Subscriber();
  subscriber.subscribe();
  subscriber.connect(publisher.lastEndpoint!);
  await publisher.waitForSubscribers(1, patient);
  await publisher.send("seen");
  await expect(subscriber, "seen");
});

overTransports("publish: a subscriber may be bound and publishers connect", async (fresh) => {
  await using subscriber = new Subscriber();
  subscriber.subscribe("a");
  await using first = new Publisher();
  await using second = new Publisher();
  await join(subscriber, fresh(), first, second);
  for (const publisher of [first, second]) {
    await publisher.waitForSubscribers(1, patient);
    await publisher.send("a message");
    await publisher.send("b message");
    await expect(subscriber, "a message");
  }
  subscriber.subscribe("b");
  await first.waitForSubscribers(1, { topic: "b" });
  await first.send("b now");
  await expect(subscriber, "b now");
});

// libzmq: test_spec_pushpull's fair queue, for SUB
overTransports("publish: a subscriber receives from its publishers in turn", async (fresh) => {
  await using subscriber = new Subscriber();
  subscriber.subscribe();
  await using a = new Publisher();
  await using b = new Publisher();
  await join(subscriber, fresh(), a, b);
  await Promise.all([a.waitForSubscribers(1, patient), b.waitForSubscribers(1, patient)]);
  for (let i = 0; i < 50; i++) await a.send("a");
  await expect(subscriber, "a");
  await b.send("b");
  const received = await takeMany(subscriber, 50);
  assertEquals(received.filter((text) => text === "b").length, 1);
});

overTransports("publish: a publisher that comes again is told all subscriptions again", async (fresh, { lives }) => {
  const endpoint = fresh();
  await using subscriber = new Subscriber({ reconnectInterval: 10 });
  // More than any high water mark: subscriptions are exempt.
  const topics = Array.from({ length: 3000 }, (_, i) => `topic ${i}.`);
  subscriber.subscribe(...topics);
  subscriber.unsubscribe(topics[0]!);
  subscriber.connect(endpoint);
  for (let i = 0; i < lives; i++) {
    await using publisher = new Publisher({ sendHighWaterMark: 0 });
    await publisher.bind(endpoint);
    for (const topic of [topics[1]!, topics[1500]!, topics[2999]!]) {
      await publisher.waitForSubscribers(1, { topic, ...patient });
    }
    assertEquals([publisher.topicsCount, subscriber.topicsCount], [2999, 2999]);
    for (const topic of topics) await publisher.send(`${topic} ${i}`);
    assertEquals(await takeMany(subscriber, 2999), topics.slice(1).map((topic) => `${topic} ${i}`));
    publisher.close();
    await peersLeft(subscriber, 0);
  }
});

overTransports(
  "publish: subscriptions that change before there is a connection count when it is made",
  async (fresh) => {
    const endpoint = fresh();
    await using subscriber = new Subscriber({ reconnectInterval: 10 });
    subscriber.subscribe("a", "b");
    subscriber.connect(endpoint);
    subscriber.unsubscribe("a");
    subscriber.subscribe("c");
    await using publisher = new XPublisher();
    await publisher.bind(endpoint);
    assertEquals((await takeMany(publisher, 2)).toSorted(), ["\x01b", "\x01c"]);
  },
);

overWires("publish: subscriptions that change while there is no connection count at the next", async (fresh) => {
  const endpoint = fresh();
  await using subscriber = new Subscriber({ reconnectInterval: 10 });
  subscriber.subscribe("a", "b");
  {
    await using publisher = new Publisher();
    await join(publisher, endpoint, subscriber);
    await publisher.waitForSubscribers(1, { topic: "b" });
  }
  await peersLeft(subscriber, 0);
  subscriber.unsubscribe("a");
  subscriber.subscribe("c");
  await using publisher = new XPublisher();
  await publisher.bind(endpoint);
  assertEquals((await takeMany(publisher, 2)).toSorted(), ["\x01b", "\x01c"]);
});

// libzmq: test_pub_invert_matching
overTransports("publish: invertMatching sends to those who did not subscribe", async (fresh) => {
  await using publisher = new Publisher({ invertMatching: true });
  await using a = new Subscriber({ invertMatching: true });
  await using b = new Subscriber({ invertMatching: true });
  a.subscribe("PREFIX_A");
  b.subscribe("PREFIX_B");
  await join(publisher, fresh(), a, b);
  await publisher.waitForSubscribers(2, patient);
  for (const text of ["PREFIX_A 1", "PREFIX_B 1", "neither", "PREFIX_A 2", "PREFIX_B 2"]) await publisher.send(text);
  await publisher.send("end");
  assertEquals(await takeMany(a, 4), ["PREFIX_B 1", "neither", "PREFIX_B 2", "end"]);
  assertEquals(await takeMany(b, 4), ["PREFIX_A 1", "neither", "PREFIX_A 2", "end"]);
});

// libzmq: test_pubsub_topics_count
overTransports("publish: topicsCount counts different topics, not subscriptions", async (fresh) => {
  await using publisher = new Publisher();
  await using a = new Subscriber();
  await using b = new Subscriber();
  await join(publisher, fresh(), a, b);
  a.subscribe("topic1", "topic2", "topic3");
  b.subscribe("topic1");
  await publisher.waitForSubscribers(2, { topic: "topic1" });
  await publisher.waitForSubscribers(1, { topic: "topic3" });
  assertEquals([publisher.topicsCount, a.topicsCount, b.topicsCount], [3, 3, 1]);
  a.unsubscribe("topic3");
  a.subscribe("marker");
  await publisher.waitForSubscribers(1, { topic: "marker" });
  assertEquals(publisher.topicsCount, 3);
  a.unsubscribe("marker");
  a.subscribe("another");
  await publisher.waitForSubscribers(1, { topic: "another" });
  assertEquals(publisher.topicsCount, 3);
  a.unsubscribe("topic1", "topic2", "another");
  b.unsubscribe("topic1");
  assertEquals([a.topicsCount, b.topicsCount], [0, 0]);
  // Nested topics are topics of their own.
  for (const nested of ["n", "n1", "n1x"]) a.subscribe(nested);
  assertEquals(a.topicsCount, 3);
  await publisher.waitForSubscribers(1, { topic: "n1x" });
});

// libzmq: test_sub_forward
overTransports("publish: subscriptions and messages pass a device made by hand", async (fresh) => {
  await using xpub = new XPublisher();
  await using xsub = new XSubscriber();
  await using publisher = new Publisher();
  await using subscriber = new Subscriber();
  await join(xpub, fresh(), subscriber);
  await join(xsub, fresh(), publisher);
  subscriber.subscribe();
  await xsub.send(await xpub.receive(patient));
  await publisher.waitForSubscribers(1, patient);
  await publisher.send(["topic", "body"]);
  await xpub.send(await xsub.receive(patient));
  await expect(subscriber, "topic", "body");
  subscriber.unsubscribe();
  await expect(xpub, "\x00");
});

// libzmq: test_disconnect_inproc
overTransports("publish: disconnect() ends the subscriptions", async (fresh) => {
  await using publisher = new XPublisher();
  await using subscriber = new Subscriber();
  subscriber.subscribe("foo");
  await join(publisher, fresh(), subscriber);
  await expect(publisher, "\x01foo");
  for (let i = 0; i < 3; i++) await publisher.send([`foo ${i}`, "body"]);
  for (let i = 0; i < 3; i++) await expect(subscriber, `foo ${i}`, "body");
  subscriber.disconnect(publisher.lastEndpoint!);
  await expect(publisher, "\x00foo");
  await publisher.send("foo to nobody");
  subscriber.connect(publisher.lastEndpoint!);
  await expect(publisher, "\x01foo");
  await publisher.send("foo again");
  await expect(subscriber, "foo again");
});

Deno.test("PUB: a subscriber that is lost does not count until it is back", async () => {
  const endpoint = `ipc://@denomq-${crypto.randomUUID()}`;
  await using publisher = new Publisher({ linger: 0, reconnectInterval: 10 });
  {
    await using subscriber = new Subscriber();
    subscriber.subscribe("a");
    await subscriber.bind(endpoint);
    publisher.connect(endpoint);
    await publisher.waitForSubscribers(1, { timeout: 5000 });
    const lost = new Promise((resolve) => publisher.events.on("disconnect", resolve));
    await subscriber.unbind(endpoint);
    // A socket that is merely open keeps nothing running.
    await within(lost, "the subscriber's end");
    assertEquals(publisher.subscriberCount, 0);
    await subscriber.bind(endpoint);
    await publisher.waitForSubscribers(1, { topic: "ab", timeout: 5000 });
  }
});
