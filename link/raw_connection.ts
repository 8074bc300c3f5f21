/**
 * The life of a connection to a peer that is no ZeroMQ socket: all bytes are the program's.
 *
 * ```
 * state     entered when                    leaves to
 * -------   -----------------------------   --------------------------------------------------
 * open      the stream is connected         closing (finish) · closed (EOF, error, abort)
 * closing   what is queued goes out first   closed (all written, linger over, EOF, error)
 * closed    the stream is closed            nothing
 * ```
 *
 * One read and one write are under way at most. What was taken for a write goes with its connection: another one could not
 * tell which of the bytes the peer has seen.
 *
 * @module
 */

import type { ByteStream } from "../transports/transport.ts";
import { Alarm, now } from "./clock.ts";
import { type Flushable, flushSoon } from "./flusher.ts";
import { RawIntake } from "./raw_intake.ts";
import type { RawPipe, RawPipeLink } from "./raw_pipe.ts";
import { transferred } from "./transferred.ts";

/** What a raw connection tells the one that made it. */
export interface RawConnectionOwner {
  /** The connection has ended; `error` is what ended it, `undefined` at the end of the stream or after `finish()`. */
  closed(connection: RawConnection, error: unknown): void;
}

/** A connection that carries the messages of one pipe as they are. */
export class RawConnection implements RawPipeLink, Flushable {
  readonly #stream: ByteStream;
  readonly #pipe: RawPipe;
  readonly #owner: RawConnectionOwner;
  #state: "open" | "closing" | "closed" = "open";
  #intake = new RawIntake();
  #reading = false;
  /** The pipe has no room. */
  #stalled = false;
  /** What is being written, and how much of it is. */
  #bytes: Uint8Array | undefined;
  #written = 0;
  #writing = false;
  #scheduled = false;
  /** What made a write fail: nothing more can be written. */
  #broken: unknown;
  #patience = new Alarm(() => this.#close(undefined));
  #cleared: void | Promise<void> = undefined;
  #whenSettled: (() => void) | undefined;
  readonly #whenRead = (count: number | null): void => this.#onRead(count);
  readonly #whenReadFails = (error: unknown): void => this.#onReadFailure(error);
  readonly #whenWritten = (count: number): void => this.#onWritten(count);
  readonly #whenWriteFails = (error: unknown): void => this.#onWriteFailure(error);

  constructor(stream: ByteStream, pipe: RawPipe, owner: RawConnectionOwner) {
    this.#stream = stream;
    this.#pipe = pipe;
    this.#owner = owner;
  }

  /** Joins the pipe and begins to read. */
  start(): void {
    this.#pipe.attach(this, this.#stream.peerAddress);
    this.#advance();
  }

  /** Lets what is queued go out within `linger` ms (-1 without limit), then closes. */
  finish(linger: number): void {
    if (this.#state === "closed") return;
    if (linger === 0 || this.#idle) return this.#close(undefined);
    this.#state = "closing";
    if (linger > 0) this.#patience.set(now() + linger);
    this.write();
  }

  /** Resolves when the closed stream's last operations have ended. */
  async settled(): Promise<void> {
    if (this.#reading || this.#writing) await new Promise<void>((resolve) => this.#whenSettled = resolve);
    await this.#cleared;
  }

  // RawPipeLink

  flush(): void {
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    flushSoon(this);
  }

  resume(): void {
    if (!this.#stalled) return;
    this.#stalled = false;
    this.#read();
  }

  abort(): void {
    this.#close(undefined);
  }

  // Flushable

  write(): void {
    this.#scheduled = false;
    if (this.#writing || this.#state === "closed" || this.#broken !== undefined) return;
    if (this.#bytes === undefined) {
      this.#bytes = this.#pipe.next();
      this.#written = 0;
    }
    const bytes = this.#bytes;
    if (bytes === undefined) {
      if (this.#state === "closing") this.#close(undefined);
    } else if (bytes.length === 0) {
      this.#close(transferred("sent"));
    } else {
      this.#writing = true;
      this.#stream.write(bytes.subarray(this.#written)).then(this.#whenWritten, this.#whenWriteFails);
    }
  }

  /** Whether nothing waits to be written, or nothing can be. */
  get #idle(): boolean {
    return this.#broken !== undefined || (this.#bytes === undefined && this.#pipe.queued === 0);
  }

  #onWritten(count: number): void {
    this.#writing = false;
    if (this.#state === "closed") return this.#settle();
    this.#written += count;
    if (this.#written >= this.#bytes!.length) this.#bytes = undefined;
    if (this.#bytes !== undefined || this.#state === "closing") this.write();
    else if (this.#pipe.queued > 0) this.flush();
  }

  #onWriteFailure(error: unknown): void {
    this.#writing = false;
    if (this.#state === "closed") return this.#settle();
    this.#broken = error;
    // What the peer sent before it went has to be read yet, and then the end of the stream is found.
    if (this.#state === "closing") this.#close(error);
  }

  #read(): void {
    if (this.#reading || this.#state === "closed") return;
    this.#reading = true;
    this.#stream.read(this.#intake.space()).then(this.#whenRead, this.#whenReadFails);
  }

  #onRead(count: number | null): void {
    this.#reading = false;
    if (this.#state === "closed") return this.#settle();
    if (count === null) return this.#close(this.#broken);
    const bytes = this.#intake.take(count);
    if (bytes === undefined) return this.#close(transferred("received"));
    this.#pipe.deliver([bytes]);
    this.#advance();
  }

  /** Lets the socket know of what has come, and reads on if there is room for more. */
  #advance(): void {
    this.#stalled = this.#pipe.room() === 0;
    this.#pipe.delivered(this.#stalled);
    if (!this.#stalled) this.#read();
  }

  #onReadFailure(error: unknown): void {
    this.#reading = false;
    if (this.#state === "closed") return this.#settle();
    this.#close(this.#broken ?? error);
  }

  #close(error: unknown): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#patience.cancel();
    this.#bytes = undefined;
    this.#cleared = this.#stream.close();
    this.#pipe.detach();
    this.#owner.closed(this, error);
  }

  #settle(): void {
    if (!this.#reading && !this.#writing) this.#whenSettled?.();
  }
}
