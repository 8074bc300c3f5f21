// The outbox: what goes in comes out whole, in order and once, whatever happens to connections.

import { assert, assertEquals } from "@std/assert";
import { Outbox } from "../../link/outbox.ts";
import type { Part } from "../../link/part.ts";
import { encodeCommand } from "../../zmtp/command.ts";
import { encodeFrame } from "../../zmtp/framing.ts";
import { randomness } from "../zmtp/support.ts";
import { drain, join, numbered, numberOf, parse } from "./outbox_support.ts";

const KIB = 1024;

/** Sizes around every limit: one-byte lengths, buffers of 4 to 256 KiB, bodies written from the sender's memory. */
const EDGES = [
  0,
  1,
  47,
  48,
  49,
  250,
  251,
  252,
  255,
  256,
  4 * KIB - 20,
  4 * KIB,
  16 * KIB,
  64 * KIB - 5,
  64 * KIB - 4,
  64 * KIB,
  65 * KIB,
  256 * KIB,
  300 * KIB,
];

/** The sizes of the frames of a random message: most are small. */
function randomSizes(random: (limit: number) => number): number[] {
  const frames = random(4) === 0 ? 1 + random(6) : 1;
  return Array.from({ length: frames }, () => {
    const kind = random(40);
    if (kind === 0) return EDGES[random(EDGES.length)]!;
    if (kind < 4) return random(5000);
    return random(300);
  });
}

Deno.test("outbox: an empty one has nothing to give", () => {
  const outbox = new Outbox();
  assert(outbox.empty && !outbox.ripe);
  assertEquals(outbox.take(), undefined);
  outbox.restore(undefined, 0);
  outbox.clear();
  outbox.supersede();
  assertEquals([outbox.messages, outbox.bytes], [0, 0]);
});

Deno.test("outbox: frames of every size are encoded as ZMTP has it", () => {
  for (const size of EDGES) {
    for (const flags of [[0], [1, 0], [1, 1, 0]]) {
      const outbox = new Outbox();
      const frames = flags.map((_, i) => new Uint8Array(size).fill(i + 1));
      outbox.push(frames);
      const expected = join(frames.map((frame, i) => encodeFrame(flags[i]!, frame)));
      assertEquals([outbox.messages, outbox.bytes, outbox.empty], [1, expected.length, false]);
      const actual = drain(outbox);
      assertEquals(actual.length, expected.length);
      assert(actual.every((byte, i) => byte === expected[i]), `${flags.length} frames of ${size} bytes`);
      assertEquals([outbox.messages, outbox.bytes, outbox.empty], [0, 0, true]);
    }
  }
});

Deno.test("outbox: what is small is copied at once", () => {
  const outbox = new Outbox();
  const body = new Uint8Array(64 * KIB - 1).fill(1);
  outbox.push([body]);
  body.fill(2);
  assert(parse(drain(outbox)).messages[0]![0]!.every((byte) => byte === 1));
});

Deno.test("outbox: a full buffer or a large body makes it ripe", () => {
  const outbox = new Outbox();
  outbox.push([new Uint8Array(100)]);
  assert(!outbox.ripe);
  outbox.push([new Uint8Array(64 * KIB)]);
  assert(outbox.ripe);
  outbox.clear();
  assert(!outbox.ripe);
  for (let i = 0; i < 50; i++) outbox.push([new Uint8Array(100)]);
  assert(outbox.ripe);
});

Deno.test("outbox: random messages of all sizes come out in order, with exact counts", () => {
  const random = randomness(2);
  for (let round = 0; round < 40; round++) {
    const outbox = new Outbox();
    const sizes: number[][] = [];
    const pieces: Uint8Array[] = [];
    let commands = 0;
    for (let step = 0; step < 100; step++) {
      if (random(10) === 0) {
        outbox.pushEncoded(encodeCommand("SUBSCRIBE", new Uint8Array(random(300))));
        commands++;
      } else {
        sizes.push(randomSizes(random));
        outbox.push(numbered(sizes.length - 1, sizes.at(-1)!));
      }
      if (random(8) !== 0) continue;
      const part = outbox.take()!;
      pieces.push(part.bytes.slice(part.start, part.end));
      outbox.written(part);
    }
    const before = { messages: outbox.messages, bytes: outbox.bytes };
    const rest = drain(outbox);
    assertEquals(rest.length, before.bytes);
    assertEquals([outbox.messages, outbox.bytes, outbox.empty], [0, 0, true]);
    const already = parse(join(pieces)).messages.length;
    assertEquals(before.messages, sizes.length - already);
    const { messages, torn, commands: seen } = parse(join([...pieces, rest]));
    assertEquals(torn, null);
    assertEquals(seen, commands);
    assertEquals(messages.map((frames) => numberOf(frames, (n) => sizes[n]!)), sizes.map((_, i) => i));
  }
});

/** One run of messages over connections that are lost again and again. */
function loseConnections(seed: number): void {
  const random = randomness(seed);
  const outbox = new Outbox();
  const sizes: number[][] = [];
  const delivered: number[] = [];
  let torn = 0;
  let wire: Uint8Array[] = [];
  let part: Part | undefined;
  let written = 0;

  /** The peer reads what has come over the connection; says whether a message was cut off. */
  const arrive = (): boolean => {
    const received = parse(join(wire));
    delivered.push(...received.messages.map((frames) => numberOf(frames, (n) => sizes[n]!)));
    wire = [];
    return received.torn !== null;
  };
  /** The peer takes all that waits, which has to be what the counts say. */
  const takeAll = (): void => {
    const { messages, bytes } = outbox;
    const before = delivered.length;
    wire.push(drain(outbox));
    assertEquals(wire[0]!.length, bytes);
    assert(!arrive());
    assertEquals(delivered.length - before, messages);
  };

  for (let step = 0; step < 400; step++) {
    const kind = random(10);
    if (kind < 5) {
      sizes.push(randomSizes(random));
      outbox.push(numbered(sizes.length - 1, sizes.at(-1)!));
    } else if (kind < 9) {
      part ??= outbox.take();
      if (part === undefined) continue;
      const left = part.end - part.start - written;
      const count = random(3) === 0 ? left : 1 + random(left);
      wire.push(part.bytes.slice(part.start + written, part.start + written + count));
      written += count;
      if (count < left) continue;
      outbox.written(part);
      part = undefined;
      written = 0;
    } else if (random(3) === 0) {
      outbox.restore(part, written);
      part = undefined;
      written = 0;
      if (arrive()) torn++;
      // The next connection is lost as well, or takes all that waits.
      if (random(2) === 0) takeAll();
    }
  }
  outbox.restore(part, written);
  if (arrive()) torn++;
  takeAll();
  assert(delivered.every((number, i) => i === 0 || number > delivered[i - 1]!), "out of order, or one twice");
  const missing = sizes.length - delivered.length;
  assert(missing <= torn, `seed ${seed}: ${missing} messages are missing, ${torn} were cut off`);
}

Deno.test("outbox: a lost connection tears and doubles no message, and loses the torn one at most", () => {
  for (let seed = 1; seed <= 60; seed++) loseConnections(seed);
});

Deno.test("outbox: restore() puts back a message that was cut within its only part", () => {
  const outbox = new Outbox();
  for (const n of [0, 1, 2]) outbox.push(numbered(n, [10, 10]));
  const part = outbox.take()!;
  const length = (part.end - part.start) / 3;
  outbox.restore(part, length + 5);
  assertEquals([outbox.messages, outbox.bytes], [2, 2 * length]);
  const { messages } = parse(drain(outbox));
  assertEquals(messages.map((frames) => numberOf(frames, () => [10, 10])), [1, 2]);
});

Deno.test("outbox: restore() drops the rest of a message whose beginning has gone", () => {
  const outbox = new Outbox();
  const sizes = [[10, 70 * KIB, 20, 70 * KIB, 5], [3]];
  outbox.push(numbered(0, sizes[0]!));
  outbox.push(numbered(1, sizes[1]!));
  outbox.written(outbox.take()!);
  outbox.restore(undefined, 0);
  assertEquals(outbox.messages, 1);
  const { messages, torn } = parse(drain(outbox));
  assertEquals([messages.map((frames) => numberOf(frames, (n) => sizes[n]!)), torn], [[1], null]);
});

Deno.test("outbox: supersede() drops what waits, but not the rest of a message that is on its way", () => {
  const random = randomness(3);
  for (let round = 0; round < 300; round++) {
    const outbox = new Outbox();
    const sizes: number[][] = [];
    const push = () => {
      const large = random(3) === 0 ? [70 * KIB] : [];
      sizes.push([random(3000), ...large, random(3000), ...large]);
      outbox.push(numbered(sizes.length - 1, sizes.at(-1)!));
    };
    const pieces: Uint8Array[] = [];
    for (let step = 0; step < 8; step++) {
      for (let i = random(4); i >= 0; i--) push();
      for (let i = random(4); i > 0 && !outbox.empty; i--) {
        const part = outbox.take()!;
        pieces.push(part.bytes.slice(part.start, part.end));
        outbox.written(part);
      }
      outbox.supersede();
      assert(outbox.messages <= 1);
      push();
    }
    const { messages, bytes } = outbox;
    const seen = parse(join(pieces)).messages.length;
    const rest = drain(outbox);
    assertEquals(rest.length, bytes);
    const all = parse(join([...pieces, rest]));
    assertEquals(all.torn, null);
    assertEquals(all.messages.length - seen, messages);
    const numbers = all.messages.map((frames) => numberOf(frames, (n) => sizes[n]!));
    assert(numbers.every((number, i) => i === 0 || number > numbers[i - 1]!));
    assertEquals(numbers.at(-1), sizes.length - 1);
  }
});
