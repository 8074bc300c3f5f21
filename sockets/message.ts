/**
 * What can be sent, and what is received.
 *
 * @module
 */

import { BY_REFERENCE } from "../link/outbox.ts";

/** One frame to send: `null` is an empty one, a number is sent as its decimal digits, a string as UTF-8. */
export type MessageLike = ArrayBufferView | ArrayBufferLike | string | number | null;

/** A message to send: a frame, or several that arrive together or not at all. */
export type Sendable = MessageLike | readonly MessageLike[];

/** A received message: its frames. */
export type Message = Uint8Array<ArrayBuffer>[];

/** Who sent a message, or whom it is for. */
export interface PeerId {
  /** The number that the socket has given to the peer. */
  routingId: number;
}

/** The group that a message was sent to. */
export interface GroupName {
  /** Its name. */
  group: Uint8Array;
}

/** What a pattern hands out: frames, or a single one with what its type tells of it. */
export type Received = Uint8Array[] | [frame: Uint8Array, details: PeerId | GroupName];

/** An empty frame. */
export const EMPTY: Uint8Array = new Uint8Array(0);

const encoder = new TextEncoder();

/** The frames of a message to send. */
export function toFrames(message: Sendable): Uint8Array[] {
  if (message instanceof Uint8Array) return [plain(message)];
  if (typeof message === "string") return [encoder.encode(message)];
  if (Array.isArray(message)) {
    if (message.length === 0) throw new TypeError("Cannot send a message: it has no frame");
    const frames: Uint8Array[] = new Array(message.length);
    for (let i = 0; i < message.length; i++) frames[i] = toFrame(message[i]);
    return frames;
  }
  return [toFrame(message as MessageLike)];
}

/** The bytes of one frame. */
export function toFrame(part: MessageLike): Uint8Array {
  if (part instanceof Uint8Array) return plain(part);
  if (typeof part === "string") return encoder.encode(part);
  if (part === null) return EMPTY;
  if (typeof part === "number") return encoder.encode(String(part));
  if (ArrayBuffer.isView(part)) return plain(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  if (part instanceof ArrayBuffer || part instanceof SharedArrayBuffer) return plain(new Uint8Array(part));
  throw new TypeError(
    `Cannot send a frame of this type: expected a string, ArrayBuffer, view, number or null, got ${nameOf(part)}`,
  );
}

/** The system writes from memory that neither moves nor shrinks: other kinds are copied. */
function plain(view: Uint8Array): Uint8Array {
  // Receivers are promised this very class: a Buffer, say, slices in another way.
  if (view.constructor !== Uint8Array) view = new Uint8Array(view.buffer, view.byteOffset, view.length);
  if (view.length < 4096) {
    if (view.length === 0) refuseDetached(view);
    return view;
  }
  const { buffer } = view;
  return buffer instanceof ArrayBuffer && !buffer.resizable ? view : new Uint8Array(view);
}

function refuseDetached(view: Uint8Array): void {
  if (isDetached(view)) throw new TypeError("Cannot send a frame: its buffer was transferred");
}

/** Whether the memory of a view was transferred to somebody else. */
export function isDetached(view: Uint8Array): boolean {
  const { buffer } = view;
  return buffer instanceof ArrayBuffer && buffer.detached;
}

/** The frames of a message that has to wait: small ones copied, so that their senders may go on to use theirs. */
export function own(frames: Uint8Array[]): Uint8Array[] {
  return frames.map((frame) => frame.length < BY_REFERENCE ? frame.slice() : frame);
}

function nameOf(value: unknown): string {
  if (typeof value === "object" && value !== null) return value.constructor?.name ?? "object";
  return typeof value;
}
