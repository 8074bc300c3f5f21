/**
 * The writing half of a connection: what goes out next, and when.
 *
 * One write is under way at most. What the protocol has to say itself (the greeting, a PONG) goes first, though never
 * within a message; then the outbox, a part at a time.
 *
 * @module
 */

import type { ByteStream } from "../transports/transport.ts";
import { ProtocolError } from "../zmtp/error.ts";
import type { Machine } from "../zmtp/machine.ts";
import { type Flushable, flushAtTurnEnd, flushSoon } from "./flusher.ts";
import type { Part } from "./part.ts";
import { Sealer } from "./sealer.ts";
import { transferred } from "./transferred.ts";
import type { WirePipe } from "./wire_pipe.ts";

/** What a writer tells its connection. */
export interface WriterOwner {
  /** Everything is written. */
  idle(): void;
  /** What is next cannot be written, now or later: the stream cannot be gone on with. */
  broken(error: Error): void;
  /** A write has failed: nothing more can be written. */
  failed(error: unknown): void;
  /** The write that was under way when the writer was stopped has ended. */
  stopped(): void;
}

/** In place of bytes whose memory was transferred away by the sender. */
const LOST = new Uint8Array(0);

function piece(part: Part, start: number): Uint8Array {
  return part.bytes.length < part.end ? LOST : part.bytes.subarray(start, part.end);
}

/** Writes to one stream. */
export class Writer implements Flushable {
  /** Whether a write is under way. */
  busy = false;
  #stream: ByteStream;
  #machine: Machine;
  #owner: WriterOwner;
  #pipe: WirePipe | null = null;
  /** What the outbox goes through; `null` where it is written as it is. */
  #sealer: Sealer | null = null;
  /** Whether {@linkcode write} will be called without our doing. */
  #scheduled = false;
  #stopped = false;
  #mute = false;
  /** What is being written of the outbox, and how much of it is. */
  #part: Part | undefined;
  #written = 0;
  /** What is being written of the protocol's own, and how much of it is. */
  #control: Uint8Array | null = null;
  #controlWritten = 0;
  /** The last part ended within a message: nothing of the protocol's own may follow it. */
  #midway = false;
  readonly #whenWritten = (count: number): void => this.#onWritten(count);
  readonly #whenFailed = (error: unknown): void => this.#onFailure(error);

  constructor(stream: ByteStream, machine: Machine, owner: WriterOwner) {
    this.#stream = stream;
    this.#machine = machine;
    this.#owner = owner;
  }

  /** From now on the outbox of a pipe is written, too. */
  attach(pipe: WirePipe): void {
    this.#pipe = pipe;
    const { cipher } = this.#machine;
    if (cipher !== null) this.#sealer = new Sealer(cipher);
  }

  /** Whether nothing waits to be written, or nothing can be. */
  get empty(): boolean {
    if (this.#mute) return true;
    return !this.busy && this.#control === null && (this.#pipe === null || this.#pipe.outbox.empty);
  }

  /** Messages were queued: writes them soon. */
  flush(): void {
    if (this.#scheduled || this.busy || this.#mute) return;
    if (this.#pipe!.outbox.ripe) return this.write();
    this.#scheduled = true;
    flushSoon(this);
  }

  /** Writes what waits, unless a write is under way: then it is followed by the rest. */
  write(): void {
    this.#scheduled = false;
    if (this.busy || this.#mute || this.#stopped) return;
    this.busy = true;
    const bytes = this.#attempt();
    if (bytes instanceof Error) {
      this.busy = false;
      this.#mute = true;
      this.#owner.broken(bytes);
    } else if (bytes !== null) {
      const body = this.#stream.writeBoth && this.#body();
      const written = body ? this.#stream.writeBoth!(bytes, body) : this.#stream.write(bytes);
      written.then(this.#whenWritten, this.#whenFailed);
    } else {
      this.busy = false;
      this.#owner.idle();
    }
  }

  /** Begins no further write. */
  stop(): void {
    this.#stopped = true;
  }

  /** Gives the outbox back, ready for another connection. No write may be under way that took from it. */
  release(): void {
    this.#pipe?.takeBack(this.#part, this.#written);
    this.#part = undefined;
    this.#pipe = null;
  }

  /** What goes out next, or why nothing more can: the memory of a message is gone, or its numbers are used up. */
  #attempt(): Uint8Array | Error | null {
    try {
      const bytes = this.#next();
      return bytes === LOST ? transferred("sent") : bytes;
    } catch (error) {
      if (error instanceof ProtocolError) return error;
      throw error;
    }
  }

  #next(): Uint8Array | null {
    const part = this.#part;
    if (part !== undefined) return this.#bytes(part);
    if (this.#control === null && !this.#midway) {
      this.#control = this.#machine.takeOutput();
      this.#controlWritten = 0;
    }
    if (this.#control !== null) return this.#control.subarray(this.#controlWritten);
    const pipe = this.#pipe;
    if (pipe === null) return null;
    const next = this.#take(pipe);
    return next === undefined ? null : this.#bytes(next);
  }

  /** What goes out next of the part that is being written. */
  #bytes(part: Part): Uint8Array {
    const at = part.start + this.#written;
    if (this.#sealer === null) return piece(part, at);
    const bytes = this.#sealer.bytes(part, at, this.#pipe!.outbox.peek());
    if (bytes !== null) return bytes;
    // The header goes, so that what is left when the connection ends is the rest of a message, which is dropped.
    this.#sent(part.end - at);
    this.#take(this.#pipe!);
    return LOST;
  }

  #take(pipe: WirePipe): Part | undefined {
    this.#written = 0;
    this.#part = pipe.outbox.take();
    if (this.#part !== undefined) pipe.drained();
    return this.#part;
  }

  /** The body that goes out with its header, which stays in the outbox meanwhile. */
  #body(): Uint8Array | undefined {
    if (this.#part === undefined || !this.#part.midway || this.#sealer !== null) return undefined;
    const next = this.#pipe!.following();
    const body = next && piece(next, next.start);
    // The loss of its memory is told when its turn comes.
    return body === LOST ? undefined : body;
  }

  /** Takes note of bytes of the outbox that have been written. */
  #sent(count: number): void {
    const part = this.#part!;
    const rest = part.end - part.start - this.#written;
    if (count < rest) {
      this.#written += count;
      return;
    }
    this.#part = undefined;
    this.#midway = part.midway;
    this.#pipe!.outbox.written(part);
    if (count > rest && this.#take(this.#pipe!) !== undefined) this.#sent(count - rest);
  }

  #onWritten(count: number): void {
    if (this.#part !== undefined) {
      this.#sent(this.#sealer === null ? count : this.#sealer.sent(count));
    } else if (this.#control !== null) {
      this.#controlWritten += count;
      if (this.#controlWritten === this.#control.length) this.#control = null;
    }
    // Not before: taking from the outbox wakes senders, who come back here.
    this.busy = false;
    if (this.#stopped) return this.#owner.stopped();
    const outbox = this.#pipe?.outbox;
    const more = this.#part !== undefined || this.#control !== null || this.#machine.hasOutput;
    if (more || outbox === undefined || outbox.empty || outbox.ripe) return this.write();
    // A write may end before whoever fills the outbox has had its turn: writing at once would make every batch tiny.
    if (this.#scheduled) return;
    this.#scheduled = true;
    flushAtTurnEnd(this);
  }

  #onFailure(error: unknown): void {
    this.busy = false;
    if (this.#stopped) return this.#owner.stopped();
    this.#mute = true;
    this.#owner.failed(error);
  }
}
