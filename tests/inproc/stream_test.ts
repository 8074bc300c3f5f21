// inproc between Workers: long streams, and sizes at every edge of what is between the sides.

import { assertEquals } from "@std/assert";
import { Dealer, Pair, Pull, Push } from "../../mod.ts";
import { SharedRing } from "../../transports/shared_ring.ts";
import { within } from "../support/deadline.ts";
import { expect, frame, patient } from "../sockets/support.ts";
import { fresh, place, Thread, withWorkers } from "./support.ts";
import { type Course, receive, send } from "./workers/stream.ts";

const MANY = 200_000;

for (const binds of [true, false]) {
  for (const act of ["send", "receive"] as const) {
    const name = `${MANY} messages come in their order, and a buffer is free again once it is sent`;
    Deno.test(`inproc: ${name} (the Worker ${act}s, and ${binds ? "is bound" : "connects"})`, async () => {
      const endpoint = fresh();
      await using push = new Push();
      await using pull = new Pull();
      using worker = new Thread("stream");
      const socket = act === "send" ? pull : push;
      if (!binds) await socket.bind(endpoint);
      worker.post({ endpoint, binds, act, count: MANY } satisfies Course);
      assertEquals(await worker.next(60_000), "there");
      if (binds) socket.connect(endpoint);
      await within(act === "send" ? receive(pull, MANY) : send(push, MANY), "this side", 60_000);
      assertEquals(await worker.next(60_000), "done");
      assertEquals(pull.tryReceive(), null);
    });
  }
}

Deno.test("inproc: a stream goes from Worker to Worker", async () => {
  const endpoint = fresh();
  using one = new Thread("stream");
  using other = new Thread("stream");
  one.post({ endpoint, binds: false, act: "send", count: MANY } satisfies Course);
  assertEquals(await one.next(60_000), "there");
  other.post({ endpoint, binds: true, act: "receive", count: MANY } satisfies Course);
  assertEquals([await other.next(), await other.next(60_000), await one.next()], ["there", "done", "done"]);
});

withWorkers("messages that fill the ring to its last byte, and one more or less, come through", 1, async (host) => {
  // The size of a ring, as its owner makes it.
  const ring = SharedRing.offer().writable;
  const endpoint = fresh();
  await using pair = new Pair({ sendHighWaterMark: 0 });
  await using echo = place(host, Pair);
  await echo.bind(endpoint);
  pair.connect(endpoint);
  await pair.waitForPeers(1, patient);
  // A long frame has a header of 9 bytes, a short one of 2.
  for (let around = -16; around <= 16; around++) {
    for (const size of [ring + around, ring / 2 + around]) {
      await pair.send(new Uint8Array(size).fill(around & 255));
      await pair.send([new Uint8Array(size - 9 - 2 - 1).fill(around & 255), "x"]);
    }
    for (const size of [ring + around, ring / 2 + around]) {
      for (const frames of [[size], [size - 12, 1]]) {
        const message = await echo.receive({ timeout: 20_000 });
        assertEquals(message.map(({ length }) => length), frames);
        const [body] = message;
        assertEquals([body![0], body!.at(-1), body!.indexOf(~around & 255)], [around & 255, around & 255, -1]);
      }
    }
  }
}, 60_000);

withWorkers("a sender can use its buffer again once a frame below 64 KiB is sent", 1, async (host) => {
  const endpoint = fresh();
  await using sender = place(null, Dealer);
  await using receiver = place(host, Dealer);
  sender.connect(endpoint);
  for (const early of [true, false]) {
    for (const size of [1, 48, 49, 255, 256, 4096, 64 * 1024 - 1]) {
      const buffer = new Uint8Array(size).fill(1);
      await sender.send([buffer, buffer.subarray(size >> 1)]);
      buffer.fill(2);
      sender.trySend(buffer);
      buffer.fill(3);
    }
    // The first round waits for the receiver, the second goes to it at once.
    if (early) await receiver.bind(endpoint);
    for (const size of [1, 48, 49, 255, 256, 4096, 64 * 1024 - 1]) {
      const ones = "\x01".repeat(size);
      await expect(receiver, ones, ones.slice(size >> 1));
      await expect(receiver, "\x02".repeat(size));
    }
  }
});

withWorkers("what was received belongs to the receiver, whatever follows", 1, async (host) => {
  const endpoint = fresh();
  await using push = place(host, Push, { sendHighWaterMark: 0 });
  await using pull = new Pull({ receiveHighWaterMark: 0 });
  await pull.bind(endpoint);
  push.connect(endpoint);
  const kept: Uint8Array[] = [];
  for (let i = 0; i < 300; i++) await push.send([frame(`${i} `.repeat(i)), "y".repeat(20_000)]);
  for (let i = 0; i < 300; i++) {
    const [first, second] = await pull.receive(patient);
    kept.push(first!);
    // To write into one frame changes no other.
    second!.fill(0);
  }
  for (const [i, each] of kept.entries()) assertEquals(new TextDecoder().decode(each), `${i} `.repeat(i));
});
