/**
 * A connected endpoint whose peer is no ZeroMQ socket: dials, and dials again when the connection is lost.
 *
 * The states are those of the {@linkcode Dialer}, but for the handshake: a connection carries messages at once.
 *
 * @module
 */

import { ZmqError } from "../transports/error.ts";
import { isMissingPermission } from "../transports/permission.ts";
import type { ByteStream } from "../transports/transport.ts";
import { retryInterval } from "./backoff.ts";
import { Alarm, now } from "./clock.ts";
import type { Target } from "./dialer.ts";
import { endEvent, type Link, type LinkHost, type LinkSettings, STOP } from "./link.ts";
import { RawConnection, type RawConnectionOwner } from "./raw_connection.ts";
import { RawPipe } from "./raw_pipe.ts";

/** A link that connects to a raw peer. What is queued waits for the next connection. */
export class RawDialer implements Link, RawConnectionOwner {
  readonly key: string;
  readonly #target: Target;
  readonly #settings: LinkSettings;
  readonly #host: LinkHost;
  #ended = false;
  #pipe: RawPipe | null = null;
  #connection: RawConnection | null = null;
  #attempts = 0;
  /** Gives up an attempt that is under way. */
  #giveUp = new AbortController();
  #retry = new Alarm(() => this.#redial());
  #lingering = false;
  #lastCall = new Alarm(() => this.#end());
  readonly #whenDelayed = (): void => this.#host.emit({ type: "connect:delay", address: this.key });
  /** What still uses the system: this link, an attempt under way, a connection until its last operation has ended. */
  #held = 1;

  constructor(target: Target, settings: LinkSettings, host: LinkHost) {
    this.key = target.endpoint;
    this.#target = target;
    this.#settings = settings;
    this.#host = host;
  }

  /** Makes the pipe, unless it waits for a connection, and dials. */
  start(): void {
    if (!this.#settings.immediate && this.#makePipe() === null) return this.#end();
    this.#dial();
  }

  get unsent(): boolean {
    return this.#pipe !== null && this.#pipe.queued > 0;
  }

  close(linger: number): undefined {
    if (this.#ended) return;
    if (linger === 0) {
      this.#end();
      return;
    }
    // A socket that is closed after disconnect() may have less patience, never more.
    if (linger > 0) this.#lastCall.set(now() + linger);
    if (this.#lingering) return;
    this.#lingering = true;
    this.#pipe?.end();
    if (this.#connection !== null) this.#connection.finish(-1);
    else if (!this.unsent || this.#stops(STOP.AFTER_DISCONNECT)) this.#end();
  }

  closed(connection: RawConnection, error: unknown): void {
    this.#connection = null;
    connection.settled().then(() => this.#release());
    this.#host.emit(endEvent(this.key, error));
    if (this.#ended) return;
    if (this.#lingering && (!this.unsent || this.#stops(STOP.AFTER_DISCONNECT))) return this.#end();
    if (this.#settings.immediate) {
      this.#pipe?.end();
      this.#pipe?.discard();
      this.#pipe = null;
    }
    this.#again();
  }

  #makePipe(): RawPipe | null {
    const { limits, conflate } = this.#settings;
    const { endpoint, routingId } = this.#target;
    const options = { limits, conflate, endpoint, routingId };
    const pipe = new RawPipe(this.#host, options, (linger) => void this.close(linger));
    if (!this.#host.adopt(pipe)) return null;
    this.#pipe = pipe;
    return pipe;
  }

  /** Dials again, unless nobody reads what former connections have brought: that would be without end. */
  #redial(): void {
    if (this.#pipe?.room() === 0) this.#wait(retryInterval(this.#settings, this.#attempts));
    else this.#dial();
  }

  #dial(): void {
    if (this.#ended) return;
    this.#held++;
    const options = { ...this.#settings.transport, signal: this.#giveUp.signal, delayed: this.#whenDelayed };
    this.#target.transport.connect(this.#target.address, options).then(
      (stream) => this.#connected(stream),
      (error: Error) => this.#refused(error),
    );
  }

  #connected(stream: ByteStream): void {
    if (this.#ended) {
      stream.close();
      return this.#release();
    }
    this.#host.emit({ type: "connect", address: this.key });
    this.#attempts = 0;
    const pipe = this.#pipe ?? this.#makePipe();
    if (pipe === null) {
      stream.close();
      this.#release();
      return this.#again();
    }
    const connection = new RawConnection(stream, pipe, this);
    this.#connection = connection;
    connection.start();
    if (this.#lingering) connection.finish(-1);
  }

  #refused(error: Error): void {
    this.#release();
    if (this.#ended) return;
    this.#host.emit({ type: "close", address: this.key, error });
    if (isMissingPermission(error)) {
      this.#end();
      // connect() has returned long ago: nobody else could tell the program that it can never work.
      reportError(error);
      return;
    }
    const refused = error instanceof ZmqError && (error.code === "ECONNREFUSED" || error.code === "ECONNRESET");
    if (refused && this.#stops(STOP.REFUSED)) return this.#end();
    this.#again();
  }

  /** Whether the socket's options end the attempts here. */
  #stops(reason: number): boolean {
    return (this.#settings.reconnectStop & reason) !== 0;
  }

  /** Waits, then dials again. */
  #again(): void {
    const interval = retryInterval(this.#settings, this.#attempts);
    if (interval === null) return this.#end();
    this.#attempts++;
    this.#host.emit({ type: "connect:retry", address: this.key, interval });
    this.#wait(interval);
  }

  #wait(interval: number | null): void {
    if (interval !== null) this.#retry.set(now() + interval);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#retry.cancel();
    this.#lastCall.cancel();
    this.#giveUp.abort();
    // First, for whoever ends a connection is not told that the peer has gone.
    this.#pipe?.end();
    this.#connection?.abort();
    this.#pipe?.discard();
    this.#release();
  }

  #release(): void {
    if (--this.#held === 0) this.#host.released(this);
  }
}
