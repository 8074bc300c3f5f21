// inproc between Workers: what goes through the rings comes out as it went in, as many at a time as both sides allow.

import { assert, assertEquals } from "@std/assert";
import { Dealer, Publisher, Pull, Push, Subscriber } from "../../mod.ts";
import { expect, fill, patient, takeMany, until } from "../sockets/support.ts";
import { fresh, place, withWorkers } from "./support.ts";

const KIB = 1024;

/** Bytes that tell where they are. */
function pattern(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i * 31 + (i >> 8) + seed) & 255;
  return bytes;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

withWorkers("frames of every size come through whole, alone and together", 1, async (host) => {
  const endpoint = fresh();
  await using echo = place(host, Dealer);
  await using dealer = new Dealer();
  await echo.bind(endpoint);
  dealer.connect(endpoint);
  const sizes = [0, 1, 2, 7, 8, 9, 254, 255, 256, 257, 4095, 4096, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1];
  sizes.push(256 * KIB - 9, 256 * KIB, 256 * KIB + 9, 1024 * KIB - 1, 1024 * KIB, 1024 * KIB + 1, 3_000_001);
  for (const [i, size] of sizes.entries()) {
    const frames = [pattern(size, i), pattern(3, 1), pattern(sizes[sizes.length - 1 - i]!, 2)];
    await dealer.send(frames);
    const there = await echo.receive({ timeout: 20_000 });
    assert(there.length === 3 && there.every((frame, k) => same(frame, frames[k]!)), `${size} bytes to the Worker`);
    await echo.send(there);
    const back = await dealer.receive({ timeout: 20_000 });
    assert(back.length === 3 && back.every((frame, k) => same(frame, frames[k]!)), `${size} bytes from the Worker`);
    assert(back.every(({ buffer }) => buffer instanceof ArrayBuffer));
  }
}, 60_000);

withWorkers("64 MiB go through a ring of 256 KiB", 1, async (host) => {
  const endpoint = fresh();
  await using pull = place(host, Pull);
  await using push = new Push();
  await pull.bind(endpoint);
  push.connect(endpoint);
  const large = pattern(64 * KIB * KIB, 5);
  await push.send(["before", large, "after"]);
  const [before, received, after] = await pull.receive({ timeout: 30_000 });
  assertEquals([before!.length, after!.length], [6, 5]);
  // In bulk: a look at every byte of each would take seconds.
  for (let at = 0; at < large.length; at += 64 * KIB - 1) assertEquals(received![at], large[at]);
  assertEquals(received!.length, large.length);
}, 60_000);

withWorkers("many small messages come in their order", 1, async (host) => {
  const endpoint = fresh();
  await using push = place(host, Push);
  await using pull = new Pull();
  await pull.bind(endpoint);
  push.connect(endpoint);
  const sent = (async () => {
    for (let i = 0; i < 5000; i++) await push.send([`${i}`, "x".repeat(i % 300)]);
  })();
  for (let i = 0; i < 5000; i++) {
    const [number, body] = await pull.receive(patient);
    assertEquals([new TextDecoder().decode(number), body!.length], [`${i}`, i % 300]);
  }
  await sent;
}, 60_000);

withWorkers("both high water marks count together", 1, async (host) => {
  for (
    const [send, receive, expected] of [[1, 1, 2], [5, 3, 8], [1000, 1000, 2000], [0, 3, 5000], [3, 0, 5000]] as const
  ) {
    const endpoint = fresh();
    await using pull = place(host, Pull, { receiveHighWaterMark: receive });
    await using push = new Push({ sendHighWaterMark: send });
    await pull.bind(endpoint);
    push.connect(endpoint);
    await push.waitForPeers(1, patient);
    assertEquals(fill(push, ["x", "y"], 5000), expected);
    assertEquals((await takeMany(pull, expected)).length, expected);
    await until(() => push.writable);
  }
}, 60_000);

withWorkers("before the bind only the sender's own mark counts, and nothing is sent twice", 1, async (host) => {
  const endpoint = fresh();
  await using push = new Push({ sendHighWaterMark: 5 });
  push.connect(endpoint);
  assertEquals(fill(push, "x", 100), 5);
  await using pull = place(host, Pull, { receiveHighWaterMark: 5 });
  await pull.bind(endpoint);
  await push.waitForPeers(1, patient);
  const waiting = push.send("last", patient);
  assertEquals(await takeMany(pull, 6), ["x", "x", "x", "x", "x", "last"]);
  await waiting;
  assertEquals(pull.tryReceive(), null);
});

withWorkers("a full pipe opens again when half of it was read", 1, async (host) => {
  const endpoint = fresh();
  await using pull = place(host, Pull, { receiveHighWaterMark: 10 });
  await using push = new Push({ sendHighWaterMark: 10 });
  await pull.bind(endpoint);
  push.connect(endpoint);
  await push.waitForPeers(1, patient);
  assertEquals(fill(push), 20);
  await takeMany(pull, 9);
  assertEquals(push.writable, false);
  await takeMany(pull, 1);
  await until(() => push.writable);
  assertEquals(fill(push), 10);
});

withWorkers("marks act at once at both ends", 1, async (host) => {
  const endpoint = fresh();
  await using pull = place(host, Pull, { receiveHighWaterMark: 1 });
  await using push = new Push({ sendHighWaterMark: 1 });
  await pull.bind(endpoint);
  push.connect(endpoint);
  await push.waitForPeers(1, patient);
  assertEquals(fill(push), 2);
  push.sendHighWaterMark = 5;
  assertEquals(fill(push), 4);
  const waiting = push.send("x", patient);
  pull.receiveHighWaterMark = 0;
  await waiting;
  await until(() => push.writable);
  assertEquals(fill(push, "x", 100), 100);
});

withWorkers("a receiver that does not read stops its own sender alone", 1, async (host) => {
  const endpoint = fresh();
  await using stuck = place(host, Pull, { receiveHighWaterMark: 5 });
  await stuck.bind(endpoint);
  await using push = new Push({ sendHighWaterMark: 5 });
  push.connect(endpoint);
  await push.waitForPeers(1, patient);
  const body = new Uint8Array(200 * KIB);
  assertEquals(fill(push, body), 10);
  const other = fresh();
  await using reader = place(host, Pull);
  await reader.bind(other);
  push.connect(other);
  await push.waitForPeers(2, patient);
  for (let i = 0; i < 50; i++) await push.send(`${i}`, patient);
  assertEquals(await takeMany(reader, 50), Array.from({ length: 50 }, (_, i) => `${i}`));
});

withWorkers("the connector decides on conflate", 1, async (host) => {
  const endpoint = fresh();
  await using pull = place(host, Pull);
  await pull.bind(endpoint);
  await using push = new Push({ conflate: true });
  push.connect(endpoint);
  await push.waitForPeers(1, patient);
  for (let i = 0; i < 1000; i++) assert(push.trySend(`${i}`));
  await until(() => pull.readable);
  let last = "";
  let count = 0;
  while (last !== "999") {
    last = (await takeMany(pull, 1))[0]!;
    count++;
  }
  assert(count < 20, `${count} of 1000 messages came`);
});

withWorkers("subscriptions and what they let through", 1, async (host) => {
  const endpoint = fresh();
  await using publisher = place(host, Publisher);
  await publisher.bind(endpoint);
  await using subscriber = new Subscriber();
  subscriber.subscribe("a");
  subscriber.connect(endpoint);
  await publisher.waitForSubscribers(1, patient);
  for (const topic of ["a1", "b1", "a2"]) await publisher.send([topic, "news"]);
  await expect(subscriber, "a1", "news");
  await expect(subscriber, "a2", "news");
  subscriber.unsubscribe("a");
  subscriber.subscribe("b");
  await until(() => publisher.topicsCount === 1 && publisher.trySend("b2") && subscriber.readable);
  assertEquals((await takeMany(subscriber, 1))[0], "b2");
});

withWorkers("senders that wait before there is a peer go on as it reads", 1, async (host) => {
  const narrow = [[1, 1, 10], [5, 1, 10], [100, 1, 500], [1000, 1, 2001]] as const;
  // The pipe has been full, but is nowhere near it once there is a peer.
  const wide = [[1, 100, 30], [5, 1000, 30], [15, 1000, 60], [1, 0, 30], [5, 0, 2000]] as const;
  for (const [mark, receiveHighWaterMark, count] of [...narrow, ...wide]) {
    const endpoint = fresh();
    await using push = new Push({ sendHighWaterMark: mark });
    await push.bind(endpoint);
    const sent = Promise.all(Array.from({ length: count }, (_, i) => push.send(`${i}`, patient)));
    await using pull = place(host, Pull, { receiveHighWaterMark });
    pull.connect(endpoint);
    assertEquals(await takeMany(pull, count), Array.from({ length: count }, (_, i) => `${i}`));
    await sent;
  }
}, 60_000);

withWorkers("a mark that is lowered when all has been read keeps nobody waiting", 1, async (host) => {
  const endpoint = fresh();
  await using pull = place(host, Pull, { receiveHighWaterMark: 5 });
  await pull.bind(endpoint);
  await using push = new Push();
  push.connect(endpoint);
  for (let i = 0; i < 10; i++) await push.send("x", patient);
  await takeMany(pull, 10);
  push.sendHighWaterMark = 1;
  for (let i = 0; i < 20; i++) {
    await push.send(`${i}`, patient);
    await expect(pull, `${i}`);
  }
});

withWorkers("a conflating sender never waits for reads", 1, async (host) => {
  const endpoint = fresh();
  await using pull = place(host, Pull, { receiveHighWaterMark: 1 });
  await pull.bind(endpoint);
  await using push = new Push({ conflate: true, sendHighWaterMark: 1 });
  push.connect(endpoint);
  await push.waitForPeers(1, patient);
  for (let i = 0; i < 500; i++) assert(push.trySend(`${i}`));
});
