/**
 * A connected endpoint, whatever its connections carry: dials, and dials again when the connection is lost.
 *
 * ```
 * state       entered when                        leaves to
 * ---------   ---------------------------------   ----------------------------------------------
 * dialing     start, or the wait is over          connected · waiting (failed) · ended
 * connected   the stream is there                 waiting (lost) · ended (protocol error, close)
 * waiting     a connection failed or was lost     dialing · ended
 * ended       no further attempt is made          nothing
 * ```
 *
 * The pipe outlives its connections: what is queued waits for the next one.
 *
 * @module
 */

import { ZmqError } from "../transports/error.ts";
import { isMissingPermission } from "../transports/permission.ts";
import type { ByteStream, StreamTransport } from "../transports/transport.ts";
import { retryInterval } from "./backoff.ts";
import { Alarm, now } from "./clock.ts";
import { type Link, type LinkHost, type LinkSettings, STOP } from "./link.ts";
import type { LinkBeneath, LinkedPipe } from "./linked_pipe.ts";
import type { PipeOptions, Terminate } from "./pipe.ts";

/** Where to dial. */
export interface Target {
  readonly transport: StreamTransport;
  /** The part of the endpoint behind `://`. */
  readonly address: string;
  /** The endpoint as it was given. */
  readonly endpoint: string;
  /** The routing id that the peer gets, whatever it says itself. */
  readonly routingId?: Uint8Array | undefined;
}

/** A link that connects to a peer, with the pipe `P`. */
export abstract class Dialing<P extends LinkedPipe<LinkBeneath>> implements Link {
  readonly key: string;
  protected readonly settings: LinkSettings;
  protected readonly host: LinkHost;
  protected pipe: P | null = null;
  /** No further attempt is made. */
  protected ended = false;
  /** The link is closed, and goes on only for what is queued. */
  protected lingering = false;
  /** How many attempts have failed since the last success. */
  protected attempts = 0;
  /** When a closed link gives up what is still queued. */
  protected readonly lastCall: Alarm = new Alarm(() => this.end());
  readonly #target: Target;
  /** Gives up an attempt that is under way. */
  readonly #giveUp = new AbortController();
  readonly #retry = new Alarm(() => this.redial());
  readonly #whenDelayed = (): void => this.host.emit({ type: "connect:delay", address: this.key });
  /** What still uses the system: this link, an attempt under way, a connection until its last operation has ended. */
  #held = 1;

  constructor(target: Target, settings: LinkSettings, host: LinkHost) {
    this.key = target.endpoint;
    this.#target = target;
    this.settings = settings;
    this.host = host;
  }

  get unsent(): boolean {
    return this.pipe !== null && this.pipe.queued > 0;
  }

  /** Makes the pipe, unless it waits for a connection, and dials. */
  start(): void {
    if (!this.settings.immediate && this.open() === null) return this.end();
    this.dial();
  }

  abstract close(linger: number): undefined;

  /** Makes a pipe. */
  protected abstract makePipe(options: PipeOptions, terminate: Terminate): P;

  /** Has a connection carry the messages. */
  protected abstract serve(stream: ByteStream): void;

  /** Ends the pipe and the connection, and drops what is queued. */
  protected abstract drop(): void;

  /** The pipe, made now unless there is one; `null` where the socket does not want it. */
  protected open(): P | null {
    if (this.pipe !== null) return this.pipe;
    const { limits, conflate } = this.settings;
    const { endpoint, routingId } = this.#target;
    const options = { limits, conflate, endpoint, routingId };
    const pipe = this.makePipe(options, (linger) => void this.close(linger));
    if (!this.host.adopt(pipe)) return null;
    this.pipe = pipe;
    return pipe;
  }

  /** Dials when the wait is over. */
  protected redial(): void {
    this.dial();
  }

  /** Begins an attempt. */
  protected dial(): void {
    if (this.ended) return;
    this.#held++;
    this.reach();
  }

  /** Makes ready to connect, and connects. */
  protected reach(): void {
    this.connect();
  }

  protected connect(): void {
    if (this.ended) return this.release();
    const options = { ...this.settings.transport, signal: this.#giveUp.signal, delayed: this.#whenDelayed };
    this.#target.transport.connect(this.#target.address, options).then(
      (stream) => this.#connected(stream),
      (error: Error) => this.#refused(error),
    );
  }

  #connected(stream: ByteStream): void {
    if (this.ended) {
      stream.close();
      return this.release();
    }
    this.host.emit({ type: "connect", address: this.key });
    this.serve(stream);
  }

  #refused(error: Error): void {
    this.release();
    if (this.ended) return;
    this.host.emit({ type: "close", address: this.key, error });
    if (isMissingPermission(error)) return this.hopeless(error);
    // vsock has a reset where others have a refusal.
    const refused = error instanceof ZmqError && (error.code === "ECONNREFUSED" || error.code === "ECONNRESET");
    if (refused && this.stops(STOP.REFUSED)) return this.end();
    this.again();
  }

  /** Ends the link for what no further attempt mends. */
  protected hopeless(error: Error): void {
    this.end();
    // connect() has returned long ago: nobody else could tell the program that it can never work.
    reportError(error);
  }

  /** Whether the socket's options end the attempts here. */
  protected stops(reason: number): boolean {
    return (this.settings.reconnectStop & reason) !== 0;
  }

  /** Waits, then dials again. */
  protected again(): void {
    const interval = retryInterval(this.settings, this.attempts);
    if (interval === null) return this.end();
    this.attempts++;
    this.host.emit({ type: "connect:retry", address: this.key, interval });
    this.wait(interval);
  }

  /** Has {@linkcode redial} called in so many ms. */
  protected wait(interval: number): void {
    this.#retry.set(now() + interval);
  }

  /** Ends the link at once. */
  protected end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#retry.cancel();
    this.lastCall.cancel();
    this.#giveUp.abort();
    this.drop();
    this.release();
  }

  /** A connection has ended: it uses the system until its last operations have. */
  protected letGo(connection: { settled(): Promise<void> }): void {
    connection.settled().then(() => this.release());
  }

  /** An attempt, a connection or the link itself uses the system no longer. */
  protected release(): void {
    if (--this.#held === 0) this.host.released(this);
  }
}
