// XPUB that decides itself what its peers get: manual and manualLastValue.

import { assertEquals } from "@std/assert";
import { Publisher, Subscriber, XPublisher, XSubscriber } from "../support/sockets.ts";
import { overTransports } from "../support/transports.ts";
import { expect, expectNothing, frame, join, patient, takeMany } from "./support.ts";

const MODES = [{ manual: true }, { manualLastValue: true }];

// libzmq: test_xpub_manual, test_xpub_manual_last_value (basic)
overTransports("xpub manual: a subscription is replaced by another", async (fresh) => {
  for (const mode of MODES) {
    await using publisher = new XPublisher(mode);
    await using subscriber = new XSubscriber();
    await join(publisher, fresh(), subscriber);
    await subscriber.send(frame("\x01A"));
    await expect(publisher, "\x01A");
    publisher.subscribe("B");
    await publisher.send("A");
    await publisher.send("B");
    await expect(subscriber, "B");
    expectNothing(subscriber);
  }
});

// libzmq: test_xpub_manual, test_xpub_manual_last_value (unsubscribe manual)
overTransports("xpub manual: the end of a subscription is replaced too", async (fresh) => {
  for (const mode of MODES) {
    await using publisher = new XPublisher(mode);
    const subscriber = new XSubscriber();
    await join(publisher, fresh(), subscriber);
    for (const topic of ["A", "B"]) {
      await subscriber.send(frame(`\x01${topic}`));
      await expect(publisher, `\x01${topic}`);
      publisher.subscribe(`X${topic}`);
    }
    await subscriber.send(frame("\x00A"));
    await expect(publisher, "\x00A");
    publisher.unsubscribe("XA");
    await publisher.send("XA");
    await publisher.send("XB");
    await expect(subscriber, "XB");
    subscriber.close();
    await expect(publisher, "\x00B");
    // The peer has gone: nothing is left to do, and nothing fails.
    publisher.unsubscribe("XB");
    publisher.subscribe("XB");
    assertEquals([publisher.topicsCount, publisher.subscriberCount], [0, 0]);
  }
});

// libzmq: test_xpub_manual, test_xpub_manual_last_value (unsubscribe cleanup)
overTransports("xpub manual: what a peer that has gone got, the next one does not get", async (fresh) => {
  for (const mode of MODES) {
    await using publisher = new XPublisher(mode);
    await publisher.bind(fresh());
    for (const topic of ["A", "B"]) {
      await using subscriber = new XSubscriber();
      subscriber.connect(publisher.lastEndpoint!);
      await subscriber.send(frame(`\x01${topic}`));
      await expect(publisher, `\x01${topic}`);
      publisher.subscribe(`X${topic}`);
      await publisher.send(`X${topic} first`);
      await publisher.send("XA");
      await publisher.send("XB");
      await expect(subscriber, `X${topic} first`);
      await expect(subscriber, `X${topic}`);
      expectNothing(subscriber);
      subscriber.close();
      await expect(publisher, `\x00${topic}`);
      publisher.unsubscribe(`X${topic}`);
    }
  }
});

// libzmq: test_xpub_manual (proxy unsubscribe on disconnect)
overTransports("xpub manual: a device passes every subscription and every end on", async (fresh) => {
  await using back = new XPublisher({ manual: true });
  await using front = new XSubscriber();
  await using publisher = new Publisher();
  const [a, b] = [new Subscriber(), new Subscriber()];
  await join(front, fresh(), publisher);
  await join(back, fresh(), a, b);
  const pass = async (notice: string) => {
    await expect(back, notice);
    if (notice[0] === "\x01") back.subscribe(notice.slice(1));
    else back.unsubscribe(notice.slice(1));
    await front.send(frame(notice));
  };
  for (const subscriber of [a, b]) {
    subscriber.subscribe("1");
    await pass("\x011");
  }
  await publisher.waitForSubscribers(1, { topic: "1" });
  await publisher.send(["1", "X"]);
  await back.send(await front.receive(patient));
  for (const subscriber of [a, b]) await expect(subscriber, "1", "X");
  for (const subscriber of [a, b]) {
    subscriber.close();
    await pass("\x001");
  }
  await front.send(frame("\x01marker"));
  await publisher.waitForSubscribers(1, { topic: "marker" });
  assertEquals(publisher.topicsCount, 1);
  await publisher.send(["1", "nobody"]);
  await publisher.send("marker");
  await expect(front, "marker");
});

// libzmq: test_xpub_manual (missing subscriptions)
overTransports("xpub manual: subscriptions that come in quick succession are told apart", async (fresh) => {
  await using publisher = new XPublisher({ manual: true });
  await using a = new Subscriber();
  await using b = new Subscriber();
  a.subscribe("1", "2");
  b.subscribe("3", "4");
  await join(publisher, fresh(), a, b);
  for (let i = 0; i < 4; i++) publisher.subscribe((await publisher.receive(patient))[0]!.subarray(1));
  for (const text of ["1", "2", "3", "4"]) await publisher.send(text);
  assertEquals([await takeMany(a, 2), await takeMany(b, 2)], [["1", "2"], ["3", "4"]]);
});

overTransports("xpub manual: every wish is told, whoever else had it", async (fresh) => {
  await using publisher = new XPublisher({ manual: true });
  await using a = new Subscriber();
  await using b = new Subscriber();
  await join(publisher, fresh(), a, b);
  for (const subscriber of [a, b, a]) {
    subscriber.subscribe("A");
    await expect(publisher, "\x01A");
  }
  a.unsubscribe("A", "A");
  await expect(publisher, "\x00A");
  b.unsubscribe("A");
  await expect(publisher, "\x00A");
});

// libzmq: test_xpub_manual_last_value (last value)
overTransports("xpub manualLastValue: the next message after a subscription goes to its peer alone", async (fresh) => {
  await using publisher = new XPublisher({ manualLastValue: true });
  await using a = new Subscriber();
  await using b = new Subscriber();
  await join(publisher, fresh(), a, b);
  a.subscribe("A");
  await expect(publisher, "\x01A");
  publisher.subscribe("A");
  await publisher.send(["A", "last value"]);
  await expect(a, "A", "last value");
  b.subscribe("A");
  await expect(publisher, "\x01A");
  publisher.subscribe("A");
  await publisher.send(["A", "last value"]);
  await publisher.send(["A", "new value"]);
  await expect(b, "A", "last value");
  await expect(b, "A", "new value");
  await expect(a, "A", "new value");
});

overTransports(
  "xpub manualLastValue: a message that the last peer did not subscribe to goes to nobody",
  async (fresh) => {
    await using publisher = new XPublisher({ manualLastValue: true });
    await using a = new XSubscriber();
    await join(publisher, fresh(), a);
    await a.send(frame("\x01A"));
    await expect(publisher, "\x01A");
    publisher.subscribe("A");
    await publisher.send("B value");
    await publisher.send("A value");
    await expect(a, "A value");
  },
);

overTransports(
  "xpub manualLastValue: the end of a subscription turns no message away from the others",
  async (fresh) => {
    await using publisher = new XPublisher({ manualLastValue: true });
    await using a = new Subscriber();
    await using b = new Subscriber();
    await join(publisher, fresh(), a, b);
    for (const subscriber of [a, b]) {
      subscriber.subscribe("A");
      await expect(publisher, "\x01A");
      publisher.subscribe("A");
    }
    b.unsubscribe("A");
    await expect(publisher, "\x00A");
    publisher.unsubscribe("A");
    await publisher.send("A for those who stay");
    await expect(a, "A for those who stay");
  },
);
