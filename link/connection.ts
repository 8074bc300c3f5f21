/**
 * The life of one connection, from the first byte of the greeting to the closed stream.
 *
 * ```
 * state       entered when                     leaves to
 * ---------   ------------------------------   ------------------------------------------------------------
 * opening     the stream is connected          traffic (handshake done) · closing (refused) · closed (EOF, error)
 * traffic     the handshake is done            closing (finish) · closed (EOF, error, protocol error)
 * closing     what is queued goes out first    closed (all written, linger over, EOF, error)
 * closed      the stream is closed             nothing
 * ```
 *
 * The connection is the only one that touches the stream and the ZMTP machine. One read and one write are under way at
 * most, each with the same two callbacks, so that traffic makes no promise of ours per message.
 *
 * @module
 */

import { Machine, type MachineOptions } from "../zmtp/machine.ts";
import { ProtocolError } from "../zmtp/error.ts";
import type { ByteStream } from "../transports/transport.ts";
import { Alarm, now } from "./clock.ts";
import { type Flushable, flushAtTurnEnd, flushSoon } from "./flusher.ts";
import type { Part } from "./outbox.ts";
import type { Pipe, PipeLink } from "./pipe.ts";

/** Where a connection stands. */
export type ConnectionState = "opening" | "traffic" | "closing" | "closed";

/** What a connection tells the one that made it. */
export interface ConnectionOwner {
  /** The handshake is done: the pipe for this peer, or `null` to refuse it. */
  accepted(connection: Connection): Pipe | null;
  /**
   * The connection has ended. `error` is what ended it, a `ProtocolError` where the peer broke the protocol; `undefined`
   * at the end of the stream or after {@linkcode Connection.finish}.
   */
  closed(connection: Connection, error: unknown): void;
}

/** How long (ms) a peer may take to read why it is refused. */
const LAST_WORD = 1000;

/** A connection to one peer. */
export class Connection implements Flushable, PipeLink {
  /** The stream beneath. */
  readonly stream: ByteStream;
  /** The protocol above. */
  readonly machine: Machine;
  #owner: ConnectionOwner;
  #state: ConnectionState = "opening";
  #pipe: Pipe | null = null;
  #alarm = new Alarm(() => this.#tick());
  #reading = false;
  #stalled = false;
  /** Nothing more can be written; what the peer sent before is still read. */
  #mute = false;
  #writing = false;
  #scheduled = false;
  #part: Part | undefined;
  #written = 0;
  #control: Uint8Array | null = null;
  #controlWritten = 0;
  #error: unknown;
  #deadline = Infinity;
  /** The last part that was written ends within a message: no command may follow it. */
  #midway = false;
  /** The owner knows that the connection is closed. */
  #departed = false;
  #whenSettled: (() => void) | undefined;
  readonly #whenRead = (count: number | null) => this.#onRead(count);
  readonly #whenWritten = (count: number) => this.#onWritten(count);
  readonly #whenReadFails = (error: unknown) => this.#onReadFailure(error);
  readonly #whenWriteFails = (error: unknown) => this.#onWriteFailure(error);

  constructor(stream: ByteStream, options: MachineOptions, owner: ConnectionOwner) {
    this.stream = stream;
    this.#owner = owner;
    this.machine = new Machine(options, this);
  }

  /** Where the connection stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** The pipe that the connection serves, once the handshake is done. */
  get pipe(): Pipe | null {
    return this.#pipe;
  }

  /** Whether the stream was still in use when {@linkcode ConnectionOwner.closed} was called. */
  get busy(): boolean {
    return this.#reading || this.#writing;
  }

  /** Sends the greeting and begins to read. */
  start(): void {
    this.machine.start(now());
    this.write();
    this.#read();
    this.#alarm.set(this.machine.deadline);
  }

  /** Lets what is queued go out within `linger` ms (-1 without limit), then closes. */
  finish(linger: number): void {
    if (this.#state === "closed") return;
    if (this.#state === "opening" || linger === 0 || this.#idle()) return this.#close(this.#error);
    this.#state = "closing";
    if (linger > 0) {
      this.#deadline = now() + linger;
      this.#alarm.set(this.#deadline);
    }
    this.write();
  }

  /** Closes at once. */
  abort(error?: unknown): void {
    this.#close(error);
  }

  // PipeLink

  flush(): void {
    if (this.#scheduled || this.#writing || this.#mute) return;
    if (this.#pipe!.outbox.ripe) return this.write();
    this.#scheduled = true;
    flushSoon(this);
  }

  resume(): void {
    if (this.#state === "closed" || !this.#stalled) return;
    this.#advance();
    if (!this.#stalled) this.#read();
  }

  subscription(topic: Uint8Array, subscribe: boolean): Uint8Array {
    return this.machine.subscription(topic, subscribe);
  }

  reset(): void {
    this.#close(undefined);
  }

  // MachineSink

  ready(): void {
    const pipe = this.#owner.accepted(this);
    if (pipe === null) {
      this.#close(undefined);
      return;
    }
    this.#state = "traffic";
    this.#pipe = pipe;
    // READY goes out before anything else.
    this.write();
    pipe.attach(this, this.machine.peer!, this.stream.peerAddress);
  }

  message(frames: Uint8Array[]): void {
    this.#pipe?.deliver(frames);
  }

  command(name: string, body: Uint8Array): void {
    if (name === "SUBSCRIBE") this.#pipe?.subscription(body, true);
    else if (name === "CANCEL") this.#pipe?.subscription(body, false);
  }

  // Flushable

  /** Writes what is queued, unless a write is under way already: then it goes on with it afterwards. */
  write(): void {
    this.#scheduled = false;
    if (this.#writing || this.#mute || this.#state === "closed") return;
    // Taking from the outbox wakes senders, who come back here.
    this.#writing = true;
    const bytes = this.#next();
    if (bytes !== null) {
      this.stream.write(bytes).then(this.#whenWritten, this.#whenWriteFails);
      return;
    }
    this.#writing = false;
    if (this.#state === "closing") this.#close(this.#error);
  }

  /** The bytes to write now. Commands go between two parts, and so between two messages or before a large body ends. */
  #next(): Uint8Array | null {
    const part = this.#part;
    if (part !== undefined) return part.bytes.subarray(part.start + this.#written, part.end);
    if (this.#control === null && !this.#midway) {
      this.#control = this.machine.takeOutput();
      this.#controlWritten = 0;
    }
    if (this.#control !== null) return this.#control.subarray(this.#controlWritten);
    const pipe = this.#pipe;
    if (pipe === null) return null;
    const next = pipe.outbox.take();
    if (next === undefined) return null;
    this.#part = next;
    this.#written = 0;
    pipe.drained();
    return next.start === 0 && next.end === next.bytes.length ? next.bytes : next.bytes.subarray(next.start, next.end);
  }

  #onWritten(count: number): void {
    this.#writing = false;
    const part = this.#part;
    if (part !== undefined) {
      this.#written += count;
      if (part.start + this.#written === part.end) {
        this.#part = undefined;
        this.#midway = part.midway;
        this.#pipe!.outbox.written(part);
      }
    } else if (this.#control !== null) {
      this.#controlWritten += count;
      if (this.#controlWritten === this.#control.length) this.#control = null;
    }
    if (this.#state === "closed") return this.#settled();
    const pipe = this.#pipe;
    if (
      this.#state !== "traffic" || this.#part !== undefined || this.#control !== null || pipe === null ||
      pipe.outbox.ripe || this.machine.hasOutput
    ) {
      return this.write();
    }
    // A write may end before whoever fills the outbox has had its turn: writing at once would make every batch tiny.
    if (!pipe.outbox.empty && !this.#scheduled) {
      this.#scheduled = true;
      flushAtTurnEnd(this);
    }
  }

  #onWriteFailure(error: unknown): void {
    this.#writing = false;
    if (this.#state === "closed") return this.#settled();
    // The peer may have sent messages before it went: the end of the stream is the reader's to find.
    this.#mute = true;
    this.#error ??= error;
    if (this.#state !== "traffic" || (!this.#reading && !this.#stalled)) this.#close(error);
  }

  #read(): void {
    if (this.#reading || this.#state === "closed") return;
    this.#reading = true;
    this.stream.read(this.machine.space()).then(this.#whenRead, this.#whenReadFails);
  }

  #onRead(count: number | null): void {
    this.#reading = false;
    if (this.#state === "closed") return this.#settled();
    if (count === null) return this.#close(this.#error);
    if (this.machine.phase === "failed") return;
    this.machine.filled(count, now());
    this.#advance();
    if (!this.#stalled) this.#read();
  }

  #onReadFailure(error: unknown): void {
    this.#reading = false;
    if (this.#state === "closed") return this.#settled();
    this.#close(this.#error ?? error);
  }

  /** Lets the machine work on what has come, as far as there is room for messages. */
  #advance(): void {
    const pipe = this.#pipe;
    try {
      this.#stalled = this.machine.advance(pipe === null ? 0 : pipe.room());
      if (pipe === null && this.#pipe !== null) {
        // The handshake ended within these bytes; messages may have come with it.
        this.#stalled = this.machine.advance(this.#pipe.room());
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#fail(error);
    }
    if (this.#state === "closed") return;
    this.#pipe?.delivered(this.#stalled);
    // A PONG, the next piece of the greeting.
    this.write();
    this.#alarm.set(Math.min(this.#deadline, this.machine.deadline));
  }

  /** Ends the connection for an error of the peer, with a last word to it where there is one. */
  #fail(error: ProtocolError): void {
    if (this.#state === "closed") return;
    this.#error = error;
    this.#pipe?.delivered(false);
    this.#state = "closing";
    this.#pipe = this.#release();
    this.#deadline = now() + LAST_WORD;
    this.#alarm.set(this.#deadline);
    this.write();
  }

  #tick(): void {
    if (this.#state === "closed") return;
    const time = now();
    if (time >= this.#deadline) return this.#close(this.#error);
    try {
      this.machine.tick(time);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#close(error);
    }
    this.write();
    this.#alarm.set(Math.min(this.#deadline, this.machine.deadline));
  }

  /** Whether nothing waits to be written. */
  #idle(): boolean {
    return this.#mute || (!this.#writing && this.#control === null && (this.#pipe === null || this.#pipe.outbox.empty));
  }

  /** Gives the pipe back, with what was not written. */
  #release(): null {
    const pipe = this.#pipe;
    if (pipe === null) return null;
    this.#pipe = null;
    pipe.outbox.restore(this.#part, this.#written);
    this.#part = undefined;
    pipe.detach();
    return null;
  }

  #close(error: unknown): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#error = error;
    this.#alarm.cancel();
    // A read or write under way ends now; how much was written decides what the next connection has to send.
    this.stream.close();
    if (!this.#writing) this.#depart();
  }

  /** An operation of the closed stream has ended. */
  #settled(): void {
    if (!this.#writing) this.#depart();
    if (!this.busy) this.#whenSettled?.();
  }

  #depart(): void {
    if (this.#departed) return;
    this.#departed = true;
    this.#release();
    this.#owner.closed(this, this.#error);
  }

  /** Resolves when the closed stream's last operations have ended. */
  async settled(): Promise<void> {
    if (!this.busy) return;
    await new Promise<void>((resolve) => this.#whenSettled = resolve);
  }
}
