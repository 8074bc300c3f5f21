// Byte streams over descriptors: everything that vmci does with a connected socket, here with pairs of Unix sockets.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { CallError } from "../../ffi/call_error.ts";
import { releaseLibc, useLibc } from "../../ffi/libc.ts";
import { hold, READABLE, release, watch } from "../../ffi/poller.ts";
import { DescriptorStream } from "../../transports/descriptor_stream.ts";
import { isPending, until } from "../api/support.ts";
import { within } from "../support/deadline.ts";
import { onLinux, only } from "../support/platform.ts";
import {
  descriptors,
  fillUp,
  openDescriptors,
  openEpolls,
  pattern,
  readAll,
  same,
  StreamPair,
  threads,
  waitedFor,
  writeAll,
} from "./support.ts";

const here = only(onLinux, "the poller is made of epoll, which Linux has");

/** A test that leaves nothing behind that Deno knows of. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...here, sanitizeOps: true, sanitizeResources: true, fn: () => within(fn(), name) });
}

/** The same, with somebody who waits for what comes, and without. */
function testBoth(name: string, fn: () => Promise<void>): void {
  test(name, fn);
  test(`${name}, while somebody waits`, async () => {
    hold();
    try {
      await fn();
    } finally {
      release();
    }
  });
}

testBoth("stream: bytes go both ways at once, and none is lost or changed", async () => {
  await using pair = new StreamPair();
  const [there, back] = [pattern(5_000_003, 1), pattern(3_000_001, 2)];
  const [, , atFar, atNear] = await Promise.all([
    writeAll(pair.near, there),
    writeAll(pair.far, back),
    readAll(pair.far, there.length),
    readAll(pair.near, back.length),
  ]);
  assert(same(atFar, there) && same(atNear, back));
});

testBoth("stream: a read waits for bytes, and takes what there is", async () => {
  await using pair = new StreamPair();
  const into = new Uint8Array(100);
  const reading = pair.near.read(into);
  assert(await isPending(reading));
  assertEquals(await pair.far.write(Uint8Array.of(1, 2, 3)), 3);
  assertEquals(await reading, 3);
  assertEquals([...into.subarray(0, 4)], [1, 2, 3, 0]);
});

testBoth("stream: a read goes into the part that it is given", async () => {
  await using pair = new StreamPair();
  const memory = new Uint8Array(10);
  await pair.far.write(Uint8Array.of(1, 2, 3, 4));
  assertEquals(await pair.near.read(memory.subarray(4, 6)), 2);
  assertEquals(await pair.near.read(memory.subarray(8, 10)), 2);
  assertEquals([...memory], [0, 0, 0, 0, 1, 2, 0, 0, 3, 4]);
});

testBoth("stream: a write takes part of what there is no room for, and waits when there is none", async () => {
  await using pair = new StreamPair();
  const size = 10_000_000;
  const first = await pair.near.write(new Uint8Array(size));
  assert(first > 0 && first < size, `${first}`);
  const { written, last } = await fillUp(pair.near);
  assert(await isPending(last));
  await readAll(pair.far, first + written);
  assert(await last > 0);
});

testBoth("stream: two stretches go out at once, each from the place in memory that it has", async () => {
  await using pair = new StreamPair();
  const memory = pattern(1000, 5);
  assertEquals(await pair.near.writeBoth(memory.subarray(3, 12), memory.subarray(100, 700)), 609);
  const expected = Uint8Array.of(...memory.subarray(3, 12), ...memory.subarray(100, 700));
  assert(same(await readAll(pair.far, 609), expected));
});

testBoth("stream: of two stretches goes out what there is room for; with none they wait", async () => {
  await using pair = new StreamPair();
  const both = pattern(300_000, 6);
  const counts: number[] = [];
  let writing = pair.near.writeBoth(both.subarray(0, 1_000), both.subarray(1_000));
  while (!await isPending(writing)) {
    counts.push(await writing);
    writing = pair.near.writeBoth(both.subarray(0, 1_000), both.subarray(1_000));
  }
  assert(counts.some((count) => count < both.length), `${counts}`);
  for (const count of counts) assert(same(await readAll(pair.far, count), both.subarray(0, count)));
  const last = await writing;
  assert(last > 0 && same(await readAll(pair.far, last), both.subarray(0, last)), `${last}`);
});

testBoth("stream: nothing goes out in place of a stretch whose memory is gone", async () => {
  await using pair = new StreamPair();
  const lost = new Uint8Array(10);
  structuredClone(lost, { transfer: [lost.buffer] });
  assertEquals(await pair.near.writeBoth(lost, Uint8Array.of(1, 2)), 0);
  await pair.near.write(Uint8Array.of(3));
  assertEquals([...await readAll(pair.far, 1)], [3]);
});

testBoth("stream: of a first stretch that is larger than a call can take, part goes out, as of any", async () => {
  await using pair = new StreamPair();
  // No page of it is touched but those that go out.
  const count = await pair.near.writeBoth(new Uint8Array(2 ** 30 + 1), Uint8Array.of(1));
  assert(count > 0 && count < 2 ** 30, `${count}`);
});

testBoth("stream: a stretch whose memory is gone is left out", async () => {
  await using pair = new StreamPair();
  const lost = new Uint8Array(10);
  structuredClone(lost, { transfer: [lost.buffer] });
  assertEquals(await pair.near.writeBoth(Uint8Array.of(1, 2), lost), 2);
  assertEquals([...await readAll(pair.far, 2)], [1, 2]);
});

testBoth("stream: room that comes bit by bit is used", async () => {
  await using pair = new StreamPair();
  const { written, last } = await fillUp(pair.near);
  const sum = { read: 0, wrote: written };
  const writing = (async () => {
    sum.wrote += await last;
    for (let i = 0; i < 100; i++) sum.wrote += await pair.near.write(new Uint8Array(50_000));
    await pair.near.close();
  })();
  const into = new Uint8Array(7_001);
  for (let count = await pair.far.read(into); count !== null; count = await pair.far.read(into)) sum.read += count;
  await writing;
  assertEquals(sum.read, sum.wrote);
});

testBoth("stream: what a peer wrote before it closed is read, then the end", async () => {
  await using pair = new StreamPair();
  const bytes = pattern(150_000, 3);
  await writeAll(pair.far, bytes);
  await pair.far.close();
  assert(same(await readAll(pair.near, bytes.length), bytes));
  assertEquals(await pair.near.read(new Uint8Array(10)), null);
  assertEquals(await pair.near.read(new Uint8Array(10)), null);
});

testBoth("stream: the end comes to a read that waits", async () => {
  await using pair = new StreamPair();
  const reading = pair.near.read(new Uint8Array(10));
  assert(await isPending(reading));
  await pair.far.close();
  assertEquals(await reading, null);
});

testBoth("stream: to write to a peer that has closed is EPIPE, not the end of the program", async () => {
  await using pair = new StreamPair();
  await pair.far.close();
  const error = await assertRejects(() => pair.near.write(Uint8Array.of(1)), CallError, "send: Broken pipe");
  assertEquals([error.code, error.errno], ["EPIPE", 32]);
});

testBoth("stream: a peer that closes ends a write that waits", async () => {
  await using pair = new StreamPair();
  const { last } = await fillUp(pair.near);
  const failing = assertRejects(() => last, CallError);
  await pair.far.close();
  assert(["EPIPE", "ECONNRESET"].includes((await failing).code!));
});

testBoth("stream: to close rejects what waits, and what comes after", async () => {
  await using pair = new StreamPair();
  const { last } = await fillUp(pair.near);
  const calls = [last, pair.near.read(new Uint8Array(10))].map((call) => assertRejects(() => call, CallError));
  await pair.near.close();
  for (const error of await Promise.all(calls)) assertEquals(error.code, "EBADF");
  assertEquals((await assertRejects(() => pair.near.read(new Uint8Array(10)), CallError)).code, "EBADF");
  assertEquals((await assertRejects(() => pair.near.write(new Uint8Array(10)), CallError)).code, "EBADF");
});

testBoth(
  "stream: a buffer that is transferred away while a read waits gets nothing, which is not the end",
  async () => {
    await using pair = new StreamPair();
    const into = new Uint8Array(10);
    const reading = pair.near.read(into);
    structuredClone(into, { transfer: [into.buffer] });
    await pair.far.write(Uint8Array.of(7));
    assertEquals(await reading, 0);
    assertEquals([...await readAll(pair.near, 1)], [7]);
  },
);

testBoth("stream: the number of a closed descriptor that is used again does not confuse anybody", async () => {
  for (let round = 0; round < 50; round++) {
    const first = new StreamPair();
    await using witness = new StreamPair();
    const into = new Uint8Array(10);
    const stale = first.near.read(into).catch((error: CallError) => error.code);
    const reading = witness.near.read(new Uint8Array(10));
    // The event is due, and nobody has looked yet.
    await first.far.write(Uint8Array.of(round));
    const numbers = [first.near.fd, first.far.fd];
    void first[Symbol.asyncDispose]();
    await using second = new StreamPair();
    assertEquals([second.near.fd, second.far.fd].toSorted(), numbers.toSorted());
    const fresh = second.near.read(new Uint8Array(10));
    assertEquals(await stale, "EBADF");
    assert(await isPending(fresh));
    await second.far.write(Uint8Array.of(1, 2));
    await witness.far.write(Uint8Array.of(1, 2, 3));
    assertEquals([await fresh, await reading], [2, 3]);
  }
});

test("stream: the last one, closed for an event that came with the bell's, takes nothing of its successors", async () => {
  const libc = useLibc();
  // Which event is first is the system's to say.
  for (let round = 0; round < 20; round++) {
    const [fd, far] = descriptors();
    const successors: number[] = [];
    const closed = Promise.withResolvers<void>();
    const before = openEpolls();
    const watched = watch(fd, {
      readable() {
        // Three descriptors are free now: its own, the poller's, and that of the bell, whose event has not been seen to.
        closed.resolve(watched.end());
        for (let i = 0; i < 3; i++) successors.push(libc.eventfd(7, 0o2004000));
      },
      writable() {},
    });
    const epoll = openEpolls().find((each) => !before.includes(each));
    watched.want(READABLE);
    hold();
    await until(() => waitedFor(epoll), "the poller waits");
    libc.write(far, Uint8Array.of(1), 1n);
    release();
    await closed.promise;
    await new Promise((resolve) => setTimeout(resolve, 0));
    const values = successors.map((successor) => {
      const value = new Uint8Array(8);
      const count = libc.read(successor, value, 8n);
      libc.close(successor);
      return [count, value[0]];
    });
    libc.close(far);
    assert(successors.includes(fd) && successors.includes(epoll!), `${successors}, not ${fd} and ${epoll}`);
    assertEquals(values, [[8, 7], [8, 7], [8, 7]]);
  }
  releaseLibc();
});

testBoth("stream: hundreds of pairs carry their bytes side by side on no thread of their own", async () => {
  const pairs = Array.from({ length: 300 }, () => new StreamPair());
  const size = 100_000;
  const before = threads();
  await Promise.all(pairs.map(async ({ near, far }, index) => {
    const bytes = pattern(size, index);
    const [, got] = await Promise.all([writeAll(near, bytes), readAll(far, size)]);
    assert(same(got, bytes));
  }));
  // Deno's pool may have made one for the wait, and keeps those of earlier tests for a while.
  assert(threads() <= before + 1, `${before} threads became ${threads()}`);
  await Promise.all(pairs.map((pair) => pair[Symbol.asyncDispose]()));
});

testBoth("stream: a busy peer leaves room for others, and for the event loop", async () => {
  await using busy = new StreamPair();
  await using quiet = new StreamPair();
  let over = false;
  const block = new Uint8Array(65_536);
  const writing = (async () => {
    while (!over) await busy.near.write(block);
    await busy.near.close();
  })();
  let bytes = 0;
  const reading = (async () => {
    const into = new Uint8Array(262_144);
    for (let count = await busy.far.read(into); count !== null; count = await busy.far.read(into)) bytes += count;
  })();
  for (let i = 0; i < 20; i++) {
    const before = bytes;
    await quiet.near.write(Uint8Array.of(i));
    assertEquals([...await readAll(quiet.far, 1)], [i]);
    await new Promise((resolve) => setTimeout(resolve, 1));
    while (bytes === before) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  over = true;
  await Promise.all([writing, reading]);
});

test("stream: descriptors that were closed are closed", async () => {
  const before = openDescriptors();
  for (let i = 0; i < 20; i++) {
    const [near, far] = descriptors();
    const streams = [new DescriptorStream(near, ""), new DescriptorStream(far, "")];
    assert(openDescriptors() >= before + 2);
    const reading = streams[0]!.read(new Uint8Array(1)).catch(() => {});
    for (const stream of streams) await stream.close();
    await reading;
  }
  assertEquals(openDescriptors(), before);
});
