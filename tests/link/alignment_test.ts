// Bytes that go through shared memory keep their places modulo 8: in the outbox, in the ring, where they are decoded.

import { assert, assertEquals } from "@std/assert";
import { Outbox } from "../../link/outbox.ts";
import { Decoder } from "../../zmtp/decoder.ts";
import { randomness } from "../zmtp/support.ts";
import { numbered, numberOf } from "./outbox_support.ts";

const KIB = 1024;
const SIZES = [0, 1, 7, 8, 60, 255, 256, 1000, 5000, 64 * KIB - 1, 64 * KIB, 64 * KIB + 3, 300 * KIB];

/** A view whose bytes lie at places of memory that are multiples of 8, as the engine's own allocations do. */
function isAligned(view: Uint8Array, place: number): boolean {
  return ((view.byteOffset - place) & 7) === 0;
}

Deno.test("alignment: every byte is taken from a place that is like its number in the stream", () => {
  const random = randomness(5);
  for (let round = 0; round < 20; round++) {
    const outbox = new Outbox(true);
    let total = 0;
    const take = (): void => {
      for (let part = outbox.take(); part !== undefined; part = outbox.take()) {
        const view = part.bytes.subarray(part.start, part.end);
        assert(isAligned(view, total), `${view.length} bytes at ${view.byteOffset} go to ${total}`);
        total += view.length;
        outbox.written(part);
      }
    };
    for (let step = 0; step < 60; step++) {
      const frames = Array.from({ length: 1 + random(3) }, () => SIZES[random(SIZES.length)]!);
      outbox.push(numbered(step, frames));
      if (random(5) === 0) outbox.pushEncoded(Uint8Array.of(4, 1, 0));
      if (random(4) === 0) take();
    }
    take();
    assert(outbox.empty);
  }
});

Deno.test("alignment: it is read to a place that is like it, whatever the pieces, and nothing else changes", () => {
  const random = randomness(6);
  for (let round = 0; round < 20; round++) {
    const outbox = new Outbox(true);
    const sizes: number[][] = [];
    const stream: number[][] = [];
    for (let i = 0; i < 60; i++) {
      sizes.push(Array.from({ length: 1 + random(3) }, () => SIZES[random(SIZES.length)]!));
      outbox.push(numbered(i, sizes[i]!));
    }
    const pieces: Uint8Array[] = [];
    for (let part = outbox.take(); part !== undefined; part = outbox.take()) {
      pieces.push(part.bytes.slice(part.start, part.end));
      outbox.written(part);
    }
    const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    pieces.reduce((at, piece) => (bytes.set(piece, at), at + piece.length), 0);

    const decoder = new Decoder(-1);
    const seen: number[] = [];
    const sink = { message: (frames: Uint8Array[]) => void seen.push(numberOf(frames, (n) => sizes[n]!)) };
    let unlike = 0;
    for (let at = 0; at < bytes.length;) {
      const space = decoder.space(at);
      if (!isAligned(space, at)) unlike++;
      const count = Math.min(space.length, bytes.length - at, 1 + random(random(2) === 0 ? 40 : 200 * KIB));
      space.set(bytes.subarray(at, at + count));
      decoder.filled(count);
      decoder.traffic(Infinity, sink, (body) => void stream.push([...body]));
      at += count;
    }
    assertEquals(seen, sizes.map((_, i) => i));
    assertEquals(unlike, 0);
    assert(stream.every((body) => body.every((byte) => byte === 0)), "what fills gaps says nothing");
  }
});
