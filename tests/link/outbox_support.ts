/**
 * What the tests of the outbox share: messages that know their own number, and a peer that reads frames naively.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Outbox } from "../../link/outbox.ts";
import type { Part } from "../../link/part.ts";

const HEAD = 4;

/** A message whose frames all carry its number: the first one in front, the others in every byte. */
export function numbered(number: number, sizes: readonly number[]): Uint8Array[] {
  return sizes.map((size, i) => {
    const frame = new Uint8Array(i === 0 ? HEAD + size : size).fill((number + i) & 255);
    if (i === 0) new DataView(frame.buffer).setUint32(0, number);
    return frame;
  });
}

/** Checks that a message is whole, and says which it is. */
export function numberOf(frames: readonly Uint8Array[], sizesOf: (number: number) => readonly number[]): number {
  const first = frames[0]!;
  const number = new DataView(first.buffer, first.byteOffset, HEAD).getUint32(0);
  const sizes = sizesOf(number);
  assertEquals(frames.map((frame) => frame.length), sizes.map((size, i) => i === 0 ? HEAD + size : size));
  for (const [i, frame] of frames.entries()) {
    const body = i === 0 ? frame.subarray(HEAD) : frame;
    assert(body.every((byte) => byte === ((number + i) & 255)), `frame ${i} of message ${number} is torn`);
  }
  return number;
}

/** What came over one connection. */
export interface Received {
  messages: Uint8Array[][];
  commands: number;
  /** The first bytes of a message of which the rest is missing. */
  torn: Uint8Array | null;
}

/** Takes a stream of frames apart, as simply as can be. */
export function parse(bytes: Uint8Array): Received {
  const received: Received = { messages: [], commands: 0, torn: null };
  let frames: Uint8Array[] = [];
  let begin = 0;
  for (let at = 0; at < bytes.length;) {
    if (frames.length === 0) begin = at;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    const flags = view.getUint8(0);
    assert((flags & ~7) === 0, `flags ${flags} at ${at}: the stream is out of step`);
    const header = (flags & 2) === 0 ? 2 : 9;
    if (view.byteLength < header) return { ...received, torn: bytes.subarray(begin) };
    const length = header === 2 ? view.getUint8(1) : Number(view.getBigUint64(1));
    if (view.byteLength < header + length) return { ...received, torn: bytes.subarray(begin) };
    const body = bytes.subarray(at + header, at + header + length);
    at += header + length;
    if ((flags & 4) !== 0) {
      assertEquals(frames.length, 0, "a command stands within a message");
      received.commands++;
      continue;
    }
    frames.push(body);
    if ((flags & 1) !== 0) continue;
    received.messages.push(frames);
    frames = [];
  }
  if (frames.length > 0) received.torn = bytes.subarray(begin);
  return received;
}

/** Takes and writes everything that waits, after what is half written. */
export function drain(outbox: Outbox, half?: Part, written = 0): Uint8Array {
  const pieces: Uint8Array[] = [];
  let from = written;
  for (let part = half ?? outbox.take(); part !== undefined; part = outbox.take()) {
    // A copy: once it is written, the outbox uses its memory again.
    pieces.push(part.bytes.slice(part.start + from, part.end));
    outbox.written(part);
    from = 0;
  }
  return join(pieces);
}

/** One array of several. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
