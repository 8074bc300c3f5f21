// Messages of several frames: all of them together, or none.

import { assertEquals, assertRejects } from "@std/assert";
import { Dealer, Publisher, Pull, Push, Router, Subscriber } from "../support/sockets.ts";
import { overTransports } from "../support/transports.ts";
import { randomness } from "../zmtp/support.ts";
import { expect, frame, join, patient, takeMany } from "./support.ts";

overTransports("multipart: frames of every number and size arrive as they were sent", async (fresh) => {
  await using push = new Push();
  await using pull = new Pull();
  await join(pull, fresh(), push);
  const shapes = [[0], [0, 0], [1, 0, 1], [255, 256], [65_535, 65_536, 0, 65_537], [300_000, 1, 300_000], [5_000_000]];
  shapes.push(Array<number>(2000).fill(3));
  for (const [i, sizes] of shapes.entries()) {
    const sent = push.send(sizes.map((size, k) => new Uint8Array(size).fill(i + k)), patient);
    const received = await pull.receive(patient);
    await sent;
    assertEquals(received.map((part) => part.length), sizes);
    assertEquals(received.findIndex((part, k) => part.some((byte) => byte !== ((i + k) & 255))), -1);
  }
});

overTransports("multipart: what can be sent", async (fresh) => {
  await using push = new Push();
  await using pull = new Pull();
  await join(pull, fresh(), push);
  await push.send(["text", "", null, 12.5, frame("bytes"), frame("buffer").buffer, new DataView(frame("view").buffer)]);
  await expect(pull, "text", "", "", "12.5", "bytes", "buffer", "view");
  await push.send("ü");
  await expect(pull, "\xc3\xbc");
  for (const bad of [[], undefined, {}, [["nested"]], [true]]) {
    await assertRejects(() => push.send(bad as unknown as string), TypeError);
  }
  await push.send("unharmed");
  await expect(pull, "unharmed");
});

overTransports("multipart: a small buffer can be used again at once", async (fresh) => {
  await using push = new Push();
  await using pull = new Pull();
  await join(pull, fresh(), push);
  const buffer = frame("0");
  for (let i = 0; i < 10; i++) {
    buffer[0] = 48 + i;
    await push.send(buffer);
  }
  assertEquals((await takeMany(pull, 10)).join(""), "0123456789");
}, ({ copies }) => copies);

overTransports("multipart: what a receiver does to its frames changes nobody else's", async (fresh) => {
  await using publisher = new Publisher();
  await using a = new Subscriber();
  await using b = new Subscriber();
  a.subscribe();
  b.subscribe();
  await join(publisher, fresh(), a, b);
  await publisher.waitForSubscribers(2, patient);
  await publisher.send(["x", "body"]);
  await publisher.send(["y", "body"]);
  for (const part of await a.receive(patient)) part.fill(0);
  await expect(a, "y", "body");
  await expect(b, "x", "body");
  await expect(b, "y", "body");
}, ({ copies }) => copies);

overTransports("multipart: many senders at once keep their messages apart and in order", async (fresh) => {
  const random = randomness(6);
  await using router = new Router();
  await using disposables = new AsyncDisposableStack();
  const dealers = ["a", "b", "c", "d"].map((routingId) => disposables.use(new Dealer({ routingId })));
  await join(router, fresh(), ...dealers);
  const count = 200;
  const sending = Promise.all(dealers.map(async (dealer) => {
    for (let i = 0; i < count; i++) {
      const frames = Array.from(
        { length: 1 + random(4) },
        () => `${i}`.padEnd(random(50) === 0 ? 70_000 : random(400)),
      );
      await dealer.send(frames, patient);
      if (random(10) === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }));
  const next = new Map<string, number>();
  for (let i = 0; i < count * dealers.length; i++) {
    const [id, ...frames] = (await router.receive(patient)).map((part) => new TextDecoder().decode(part).trim());
    const expected = next.get(id!) ?? 0;
    assertEquals([...new Set(frames)], [`${expected}`]);
    next.set(id!, expected + 1);
  }
  await sending;
  assertEquals([...next.values()], dealers.map(() => count));
});
