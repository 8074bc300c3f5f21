// XPUB and XSUB: publish and subscribe with the subscriptions in sight (RFC 29).

import { assertEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../mod.ts";
import { Publisher, Subscriber, XPublisher, XSubscriber } from "../support/sockets.ts";
import { overTransports } from "../support/transports.ts";
import { expect, expectNothing, frame, join, patient, take, takeMany } from "./support.ts";

const subscribe = (topic: string) => frame(`\x01${topic}`);
const cancel = (topic: string) => frame(`\x00${topic}`);

overTransports("xpub: tells of the first subscription to a topic and the end of the last", async (fresh) => {
  await using publisher = new XPublisher();
  await using a = new Subscriber();
  await using b = new Subscriber();
  await join(publisher, fresh(), a, b);
  a.subscribe("A", "A");
  await expect(publisher, "\x01A");
  b.subscribe("A", "B");
  await expect(publisher, "\x01B");
  a.unsubscribe("A", "A");
  a.subscribe("marker");
  await expect(publisher, "\x01marker");
  b.unsubscribe("A");
  await expect(publisher, "\x00A");
});

overTransports("xpub: a peer that goes ends its subscriptions", async (fresh) => {
  await using publisher = new XPublisher();
  await using stays = new Subscriber();
  const goes = new Subscriber();
  await join(publisher, fresh(), stays, goes);
  stays.subscribe("both");
  await expect(publisher, "\x01both");
  goes.subscribe("both", "own 1", "own 2");
  assertEquals(await takeMany(publisher, 2), ["\x01own 1", "\x01own 2"]);
  goes.close();
  assertEquals((await takeMany(publisher, 2)).toSorted(), ["\x00own 1", "\x00own 2"]);
  stays.unsubscribe("both");
  await expect(publisher, "\x00both");
});

// libzmq: test_xpub_verbose (one and two subscribers)
overTransports("xpub: verbosity tells of every subscription, and of every end", async (fresh) => {
  for (const verbosity of [null, "allSubs", "allSubsUnsubs"] as const) {
    await using publisher = new XPublisher({ verbosity });
    await using a = new Subscriber();
    const b = new Subscriber();
    await join(publisher, fresh(), a, b);
    a.subscribe("A");
    await expect(publisher, "\x01A");
    b.subscribe("A", "1");
    if (verbosity !== null) await expect(publisher, "\x01A");
    await expect(publisher, "\x011");
    a.subscribe("A", "2");
    if (verbosity !== null) await expect(publisher, "\x01A");
    await expect(publisher, "\x012");
    a.unsubscribe("A", "A");
    a.subscribe("3");
    if (verbosity === "allSubsUnsubs") await expect(publisher, "\x00A");
    await expect(publisher, "\x013");
    b.unsubscribe("A");
    await expect(publisher, "\x00A");
    expectNothing(publisher);
    b.close();
    await expect(publisher, "\x001");
  }
});

overTransports("xpub: with allSubsUnsubs a peer that goes ends each of its subscriptions", async (fresh) => {
  await using publisher = new XPublisher({ verbosity: "allSubsUnsubs" });
  await using stays = new Subscriber();
  const goes = new Subscriber();
  await join(publisher, fresh(), stays, goes);
  stays.subscribe("A");
  goes.subscribe("A");
  assertEquals(await takeMany(publisher, 2), ["\x01A", "\x01A"]);
  goes.close();
  await expect(publisher, "\x00A");
  await publisher.send("A");
  await expect(stays, "A");
});

// libzmq: test_xsub_verbose
overTransports("xsub: verboseUnsubscribe passes every end on, also of what was never subscribed to", async (fresh) => {
  await using publisher = new XPublisher({ verbosity: "allSubsUnsubs" });
  await using subscriber = new XSubscriber();
  await join(publisher, fresh(), subscriber);
  for (const message of [cancel("A"), subscribe("A"), subscribe("A"), cancel("A")]) await subscriber.send(message);
  await subscriber.send(subscribe("marker"));
  assertEquals(await takeMany(publisher, 3), ["\x01A", "\x01A", "\x01marker"]);
  await subscriber.send(cancel("A"));
  await expect(publisher, "\x00A");
  subscriber.verboseUnsubscribe = true;
  for (const message of [cancel("A"), subscribe("A"), subscribe("A"), cancel("A"), cancel("A")]) {
    await subscriber.send(message);
  }
  assertEquals(await takeMany(publisher, 5), ["\x00A", "\x01A", "\x01A", "\x00A", "\x00A"]);
});

// libzmq: test_xpub_welcome_msg
overTransports("xpub: the welcome goes to each new peer that subscribes to it", async (fresh) => {
  await using publisher = new XPublisher({ welcomeMessage: "W" });
  await publisher.bind(fresh());
  for (let i = 0; i < 2; i++) {
    await using subscriber = new Subscriber();
    subscriber.subscribe("W");
    subscriber.connect(publisher.lastEndpoint!);
    await expect(publisher, "\x01W");
    await publisher.send("W later");
    await expect(subscriber, "W");
    await expect(subscriber, "W later");
    subscriber.close();
    await expect(publisher, "\x00W");
  }
  await using stranger = new Subscriber();
  stranger.subscribe("other");
  stranger.connect(publisher.lastEndpoint!);
  await expect(publisher, "\x01other");
  await publisher.send("other");
  await expect(stranger, "other");
});

// libzmq: test_xpub_topic (245 and 246 bytes: a short and a long command)
overTransports("xpub: topics of every length", async (fresh) => {
  await using publisher = new XPublisher();
  await using subscriber = new Subscriber();
  await join(publisher, fresh(), subscriber);
  for (const length of [0, 1, 244, 245, 246, 247, 248, 255, 256, 5000, 70_000]) {
    const topic = "t".repeat(length);
    subscriber.subscribe(topic);
    assertEquals((await take(publisher))[0], `\x01${topic}`, `${length}`);
    await publisher.send([topic, "body"]);
    assertEquals((await take(subscriber))[1], "body");
    subscriber.unsubscribe(topic);
    assertEquals((await take(publisher))[0], `\x00${topic}`, `${length}`);
  }
});

// libzmq: test_xpub_manual (user message)
overTransports("xsub: messages that are no subscriptions go to the publishers", async (fresh) => {
  await using publisher = new XPublisher();
  await using ignoring = new Publisher();
  await using subscriber = new XSubscriber();
  await join(publisher, fresh(), subscriber);
  await join(ignoring, fresh(), subscriber);
  await subscriber.send("\x02A");
  await subscriber.send(["hello", "world", ""]);
  await subscriber.send("");
  await expect(publisher, "\x02A");
  await expect(publisher, "hello", "world", "");
  await expect(publisher, "");
  await subscriber.send(subscribe("A"));
  await expect(publisher, "\x01A");
  await ignoring.waitForSubscribers(1, patient);
  await ignoring.send("A from the other");
  await expect(subscriber, "A from the other");
});

// libzmq: test_xpub_manual (user message with several frames)
overTransports("xsub: with onlyFirstSubscribe further frames are the program's", async (fresh) => {
  await using publisher = new XPublisher({ onlyFirstSubscribe: true });
  await using subscriber = new XSubscriber({ onlyFirstSubscribe: true });
  await join(publisher, fresh(), subscriber);
  await subscriber.send(["A", "\x01B", "\x00C"]);
  await expect(publisher, "A", "\x01B", "\x00C");
  await subscriber.send(subscribe("marker"));
  await expect(publisher, "\x01marker");
  assertEquals(publisher.topicsCount, 1);
});

// libzmq: test_xsub (several subscriptions in one message)
overTransports("xsub: each frame of a message can be a subscription", async (fresh) => {
  await using publisher = new XPublisher();
  await using subscriber = new XSubscriber();
  await join(publisher, fresh(), subscriber);
  await subscriber.send([subscribe("A"), subscribe("B"), cancel("A")]);
  assertEquals(await takeMany(publisher, 3), ["\x01A", "\x01B", "\x00A"]);
  assertEquals(subscriber.topicsCount, 1);
});

overTransports(
  "xsub: receives what its publishers send it, and its subscriptions survive them",
  async (fresh, { lives }) => {
    const endpoint = fresh();
    await using subscriber = new XSubscriber({ reconnectInterval: 10 });
    await subscriber.send(subscribe("A"));
    await subscriber.send(subscribe("A"));
    subscriber.connect(endpoint);
    for (let i = 0; i < lives; i++) {
      await using publisher = new Publisher();
      await publisher.bind(endpoint);
      await publisher.waitForSubscribers(1, { topic: "A", ...patient });
      await publisher.send("B");
      await publisher.send(`A${i}`);
      await expect(subscriber, `A${i}`);
    }
  },
);

overTransports("xpub: subscribe() and unsubscribe() are for manual mode alone", async (fresh) => {
  await using publisher = new XPublisher();
  await using subscriber = new Subscriber();
  subscriber.subscribe("A");
  await join(publisher, fresh(), subscriber);
  await expect(publisher, "\x01A");
  for (const operation of [() => publisher.subscribe("B"), () => publisher.unsubscribe("A")]) {
    assertEquals(assertThrows(operation, ZmqError).code, "EINVAL");
  }
});
