// What one turn of the event loop does at most, however much there is to do.

import { assert, assertEquals } from "@std/assert";
import { flushSoon } from "../../link/flusher.ts";
import { Pull, Push, XPublisher } from "../../mod.ts";
import { command, message, Raw } from "../api/raw.ts";
import { within } from "../support/deadline.ts";
import { onLinux } from "../support/platform.ts";

/** Takes a count at each turn until it is complete: the largest step between two. */
async function largestStep(count: () => number, all: number): Promise<number> {
  let largest = 0;
  for (let last = 0; last < all;) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    const now = count();
    largest = Math.max(largest, now - last);
    last = now;
  }
  return largest;
}

Deno.test("turns: tens of thousands of small messages that came at once leave the loop its turns", async () => {
  await using pull = new Pull({ receiveHighWaterMark: 0 });
  await using push = new Push({ sendHighWaterMark: 0 });
  await pull.bind("ipc://*");
  push.connect(pull.lastEndpoint!);
  await within(push.waitForPeers(), "the peer");
  const all = 200_000;
  for (let i = 0; i < all; i++) assert(push.trySend("x"));
  let received = 0;
  const receiving = (async () => {
    for await (const _ of pull) if (++received === all) break;
  })();
  const largest = await within(largestStep(() => received, all), "all messages");
  await receiving;
  // Two portions of 4096 can come between two looks, but never the 70,000 that a read brings.
  assert(largest <= 2 * 4096, `${largest} messages came in one turn`);
});

Deno.test("turns: a thousand connections that have something to write leave the loop its turns", async () => {
  const all = 1000;
  const written: number[] = [];
  for (let i = 0; i < all; i++) flushSoon({ write: () => void written.push(i) });
  const largest = await within(largestStep(() => written.length, all), "all writes");
  assertEquals(written, Array.from({ length: all }, (_, index) => index));
  assert(largest <= 2 * 128, `${largest} writes were done in one turn`);
});

Deno.test({
  name: "turns: what is told while a turn brings it is brought once, and in its order",
  ignore: !onLinux,
  fn: async () => {
    await using publisher = new XPublisher();
    await publisher.bind(`ipc://@denomq-${crypto.randomUUID()}`);
    using peer = await Raw.connect(publisher.lastEndpoint!);
    await peer.shake("XSUB");
    // More than comes in a turn and that nobody is told of, and then what somebody is told of as it comes.
    const silence = Array.from({ length: 9000 }, () => message("\0z"));
    const expected: string[] = [];
    const parts: Uint8Array[] = [];
    for (let i = 0; i < 20; i++) {
      const topic = String.fromCharCode(97 + i);
      parts.push(
        ...silence,
        command("SUBSCRIBE", new TextEncoder().encode(topic)),
        message(`1${topic}`),
        message(`2${topic}`),
      );
      expected.push(`\x01${topic}`, `1${topic}`, `2${topic}`);
    }
    const receiving = (async () => {
      const got: string[] = [];
      for await (const [frame] of publisher) {
        if (got.push(new TextDecoder().decode(frame)) === expected.length) return got;
      }
      return got;
    })();
    const bytes = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
    await within(peer.write(bytes), "the peer's messages");
    assertEquals(await within(receiving, "all messages"), expected);
  },
});
