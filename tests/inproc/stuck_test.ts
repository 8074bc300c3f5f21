// inproc between Workers: one that does not read holds up its own sender, at the high water marks of both, and nobody else.

import { assertEquals } from "@std/assert";
import { Publisher, Pull, Push, Subscriber } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { expect, fill, patient, peersLeft, takeMany, until } from "../sockets/support.ts";
import { fresh, place, Thread, withWorkers } from "./support.ts";
import type { Orders } from "./workers/stuck.ts";

/** A Worker that is stuck until `free()`, and has this socket as its peer. */
class Stuck implements Disposable {
  #gate = new Int32Array(new SharedArrayBuffer(4));
  #worker = new Thread("stuck");

  static async meet(push: Push, binds: boolean, receiveHighWaterMark: number): Promise<Stuck> {
    const stuck = new Stuck();
    const endpoint = fresh();
    if (!binds) await push.bind(endpoint);
    const count = push.peerCount;
    await stuck.#begin({ endpoint, binds, receiveHighWaterMark });
    if (binds) push.connect(endpoint);
    await push.waitForPeers(count + 1, patient);
    assertEquals(await stuck.#worker.next(), "stuck");
    return stuck;
  }

  /** One whose peer is somebody else. */
  static async connect(endpoint: string): Promise<Stuck> {
    const stuck = new Stuck();
    await stuck.#begin({ endpoint, binds: false, receiveHighWaterMark: 1 });
    assertEquals(await stuck.#worker.next(), "stuck");
    return stuck;
  }

  async #begin(orders: Omit<Orders, "gate">): Promise<void> {
    this.#worker.post({ ...orders, gate: this.#gate } satisfies Orders);
    assertEquals(await this.#worker.next(60_000), "there");
  }

  /** Lets the Worker read up to a message that says "end", and tells what it has read. */
  free(): Promise<string[]> {
    this.loosen();
    return this.#worker.next<string[]>();
  }

  /** As {@linkcode free}, of one that is asked nothing any more. */
  loosen(): void {
    Atomics.store(this.#gate, 0, 1);
    Atomics.notify(this.#gate, 0);
  }

  terminate(): void {
    this.#worker.terminate();
  }

  [Symbol.dispose](): void {
    this.loosen();
    this.terminate();
  }
}

for (const binds of [true, false]) {
  for (const size of [1, 5000, 70_000]) {
    const who = binds ? "is bound" : "connects";
    Deno.test(`inproc: a stuck Worker that ${who} gets as much as both marks allow (${size} bytes each)`, async () => {
      for (const [send, receive] of [[1, 1], [10, 5], [50, 1], [1, 50]] as const) {
        await using push = new Push({ sendHighWaterMark: send });
        using stuck = await Stuck.meet(push, binds, receive);
        assertEquals(fill(push, new Uint8Array(size).fill(65)), send + receive);
        // It stays so, however often it is tried in turns to come.
        for (let i = 0; i < 20; i++) {
          await new Promise((resolve) => setTimeout(resolve));
          assertEquals(push.trySend("more"), false);
        }
        const taken = stuck.free();
        await push.send("end", patient);
        assertEquals((await taken).map((text) => text.length), [...Array(send + receive).fill(size), 3]);
      }
    });
  }
}

// Deno (2.9) ends a Worker that is terminated where its event loop goes on, not before.
Deno.test("inproc: the end of a Worker that was terminated while it was stuck is seen when it comes", async () => {
  await using push = new Push({ sendHighWaterMark: 1 });
  using stuck = await Stuck.meet(push, true, 1);
  assertEquals(fill(push), 2);
  // It goes to the Worker, which may read a last time, or to who comes next.
  const waiting = push.send("either's", patient);
  stuck.terminate();
  stuck.loosen();
  await within(peersLeft(push, 0), "the Worker's end", 1000);
  await using pull = new Pull();
  const endpoint = fresh();
  await pull.bind(endpoint);
  push.connect(endpoint);
  await waiting;
  await push.send("the next one's", patient);
  const [first] = await takeMany(pull, 1);
  if (first === "either's") await expect(pull, "the next one's");
  else assertEquals(first, "the next one's");
});

Deno.test("inproc: the end of a Worker is seen at once, though another of its peers is stuck", async () => {
  const endpoint = fresh();
  using binder = new Thread("holder");
  assertEquals(await binder.ask({ act: "bind", endpoint, word: "" }, 60_000), "bound");
  using _stuck = await Stuck.connect(endpoint);
  await using pull = new Pull();
  pull.connect(endpoint);
  await pull.waitForPeers(1, patient);
  binder.terminate();
  await within(peersLeft(pull, 0), "the Worker's end", 1000);
});

withWorkers("others get all that a stuck Worker does not", 2, async (one, other) => {
  await using push = new Push({ sendHighWaterMark: 10 });
  using stuck = await Stuck.meet(push, false, 5);
  const endpoint = fresh();
  await push.bind(endpoint);
  const readers = [place(one, Pull), place(other, Pull)];
  for (const reader of readers) reader.connect(endpoint);
  await push.waitForPeers(3, patient);
  const reading = Promise.all(readers.map(async (reader) => {
    const taken: string[] = [];
    while (taken.at(-1) !== "end") taken.push(...await takeMany(reader, 1));
    return taken;
  }));
  for (let i = 0; i < 2000; i++) await push.send(`${i}`, patient);
  // The stuck one is full, so that the readers take turns: each gets an end.
  for (let i = 0; i < 2; i++) await push.send("end", patient);
  const read = (await within(reading, "what the readers read")).flat().filter((text) => text !== "end");
  assertEquals(read.length, 2000 - 15);
  for (const reader of readers) await reader[Symbol.asyncDispose]();
  await until(() => push.peerCount === 1);
  const taken = stuck.free();
  await push.send("end", patient);
  const late = (await taken).slice(0, -1);
  assertEquals(late.length, 15);
  assertEquals([...read, ...late].map(Number).sort((a, b) => a - b), Array.from({ length: 2000 }, (_, i) => i));
}, 60_000);

withWorkers(
  "a publisher drops what a stuck subscriber does not take, and others miss nothing",
  2,
  async (one, other) => {
    const endpoint = fresh();
    await using publisher = new Publisher({ sendHighWaterMark: 10 });
    await publisher.bind(endpoint);
    // Who never reads is as stuck as one whose event loop stands still.
    await using slow = place(one, Subscriber, { receiveHighWaterMark: 5 });
    await using quick = place(other, Subscriber);
    for (const subscriber of [slow, quick]) {
      subscriber.subscribe("");
      subscriber.connect(endpoint);
    }
    await publisher.waitForSubscribers(2, patient);
    for (let i = 0; i < 200; i++) {
      await publisher.send(`${i}`);
      if (i % 5 === 4) assertEquals((await takeMany(quick, 5)).at(-1), `${i}`);
    }
    assertEquals(await takeMany(slow, 15), Array.from({ length: 15 }, (_, i) => `${i}`));
    assertEquals(slow.tryReceive(), null);
  },
  60_000,
);
