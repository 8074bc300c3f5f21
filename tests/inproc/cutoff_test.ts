// inproc between Workers: one is terminated in the middle of a message that is larger than what is between them.

import { assert, assertEquals } from "@std/assert";
import { Pull, Push } from "../../mod.ts";
import { SharedRing } from "../../transports/shared_ring.ts";
import { within } from "../support/deadline.ts";
import { expect, patient, peersLeft, until } from "../sockets/support.ts";
import { fresh, place, Thread, withWorkers } from "./support.ts";
import type { Bulk } from "./workers/bulk.ts";

const MIB = 1024 * 1024;
const LARGE = 64 * MIB;
/** After so many bytes the Worker is terminated: more than a ring holds, so that both sides are at it. */
const CUT = 5 * MIB;
/** How long (ms) a peer may take to notice. */
const NOTICE = 1000;

/** Counts the bytes that this isolate reads from rings, or writes into them. */
class Meter implements Disposable {
  bytes = 0;
  #method: "read" | "write";
  #original: PropertyDescriptor;

  constructor(method: "read" | "write") {
    this.#method = method;
    this.#original = Object.getOwnPropertyDescriptor(SharedRing.prototype, method)!;
    const move: (...args: unknown[]) => number = this.#original.value;
    const count = (bytes: number) => {
      this.bytes += bytes;
      return bytes;
    };
    Object.defineProperty(SharedRing.prototype, method, {
      ...this.#original,
      value(...args: unknown[]): number {
        return count(Reflect.apply(move, this, args));
      },
    });
  }

  [Symbol.dispose](): void {
    Object.defineProperty(SharedRing.prototype, this.#method, this.#original);
  }
}

for (const binds of [false, true]) {
  const who = binds ? "is bound" : "connects";
  Deno.test(`inproc: of a message whose sender (it ${who}) is terminated nothing is seen`, async () => {
    for (const shape of [[LARGE], [10, LARGE, 10], [LARGE / 2, LARGE / 2]]) {
      const endpoint = fresh();
      await using pull = new Pull();
      using meter = new Meter("read");
      using sender = new Thread("bulk");
      if (!binds) await pull.bind(endpoint);
      sender.post({ endpoint, binds, act: "send", shape } satisfies Bulk);
      assertEquals(await sender.next(60_000), "there");
      if (binds) pull.connect(endpoint);
      await within(until(() => meter.bytes > CUT), "a part of the message");
      assert(meter.bytes < LARGE / 2, `${meter.bytes} bytes have come`);
      sender.terminate();
      await within(peersLeft(pull, 0), "the end of the sender", NOTICE);
      // What had come before is whole: the first message.
      await expect(pull, "first");
      assertEquals([pull.tryReceive(), pull.readable], [null, false]);
      // Who comes next begins anew.
      await using push = new Push();
      const next = fresh();
      await pull.bind(next);
      push.connect(next);
      await push.send("next");
      await expect(pull, "next");
    }
  });

  Deno.test(`inproc: a message whose receiver (it ${who}) is terminated is lost, and no other`, async () => {
    const endpoint = fresh();
    await using push = new Push();
    using meter = new Meter("write");
    using receiver = new Thread("bulk");
    if (!binds) await push.bind(endpoint);
    receiver.post({ endpoint, binds, act: "receive", shape: [] } satisfies Bulk);
    assertEquals(await receiver.next(60_000), "there");
    if (binds) push.connect(endpoint);
    await push.send("first", patient);
    assertEquals(await receiver.next(), "first");
    await push.send(new Uint8Array(LARGE), patient);
    await within(until(() => meter.bytes > CUT), "a part of the message");
    assert(meter.bytes < LARGE / 2, `${meter.bytes} bytes have gone`);
    receiver.terminate();
    await within(peersLeft(push, 0), "the end of the receiver", NOTICE);
    assertEquals(push.trySend("x"), false);
    await using pull = new Pull();
    const next = fresh();
    await pull.bind(next);
    push.connect(next);
    await push.send("next", patient);
    await expect(pull, "next");
  });
}

withWorkers("a large message of one does not hold up the small ones of another", 1, async (host) => {
  const endpoint = fresh();
  await using pull = new Pull();
  await pull.bind(endpoint);
  using sender = new Thread("bulk");
  await using push = place(host, Push);
  push.connect(endpoint);
  await push.waitForPeers(1, patient);
  sender.post({ endpoint, binds: false, act: "send", shape: [LARGE] } satisfies Bulk);
  using meter = new Meter("read");
  await within(until(() => meter.bytes > MIB), "a part of the message", 60_000);
  await expect(pull, "first");
  await push.send("between");
  await expect(pull, "between");
  assertEquals((await pull.receive({ timeout: 20_000 }))[0]!.length, LARGE);
}, 90_000);
