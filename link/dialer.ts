/**
 * A connected endpoint: dials, and dials again when the connection is lost.
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
import { ProtocolError } from "../zmtp/error.ts";
import { retryInterval } from "./backoff.ts";
import { Alarm, now } from "./clock.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { endEvent, failureEvent, type Link, type LinkHost, type LinkSettings, STOP } from "./link.ts";
import { WirePipe } from "./wire_pipe.ts";

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

/** A link that connects to a peer. */
export class Dialer implements Link, ConnectionOwner {
  readonly key: string;
  #target: Target;
  #settings: LinkSettings;
  #host: LinkHost;
  #state: "dialing" | "connected" | "waiting" | "ended" = "waiting";
  #pipe: WirePipe | null = null;
  #connection: Connection | null = null;
  #attempts = 0;
  /** Gives up an attempt that is under way. */
  #giveUp = new AbortController();
  #retry = new Alarm(() => this.#dial());
  /** When a closed link gives up what is still queued. */
  #deadline = Infinity;
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
    if (!this.#settings.immediate) {
      const pipe = this.#makePipe();
      if (!this.#host.adopt(pipe)) return this.#end();
      this.#pipe = pipe;
    }
    this.#dial();
  }

  get unsent(): boolean {
    return this.#pipe !== null && this.#pipe.queued > 0;
  }

  close(linger: number): undefined {
    if (this.#state === "ended") return;
    if (linger === 0) {
      this.#end();
      return;
    }
    const pipe = this.#pipe;
    pipe?.end();
    // A socket that is closed after disconnect() may have less patience, never more.
    if (linger > 0 && now() + linger < this.#deadline) {
      this.#deadline = now() + linger;
      this.#lastCall.set(this.#deadline);
    }
    if (this.#lingering) return;
    this.#lingering = true;
    const connection = this.#connection;
    if (connection !== null && connection.state !== "opening") connection.finish(this.#left());
    else if (pipe === null || pipe.queued === 0 || this.#stops(STOP.AFTER_DISCONNECT)) this.#end();
  }

  accepted(connection: Connection): WirePipe | null {
    this.#host.emit({ type: "handshake", address: this.key });
    this.#attempts = 0;
    if (this.#pipe === null) {
      const pipe = this.#makePipe();
      if (!this.#host.adopt(pipe)) return null;
      this.#pipe = pipe;
    }
    // Queued behind this handshake goes all that is left; then the link can end.
    if (this.#lingering) queueMicrotask(() => connection.finish(this.#left()));
    return this.#pipe;
  }

  deferred(_connection: Connection, error: ProtocolError): void {
    this.#host.emit(failureEvent(this.key, error));
  }

  closed(connection: Connection, error: unknown): void {
    this.#connection = null;
    connection.settled().then(() => this.#release());
    const established = connection.machine.peer !== null;
    // Whoever disconnects during a handshake is not told that it fails.
    const failed = !established && !connection.deferred && this.#state !== "ended";
    if (failed) this.#host.emit(failureEvent(this.key, error));
    this.#host.emit(endEvent(this.key, error));
    if (this.#state === "ended") return;
    const pipe = this.#pipe;
    // A peer that breaks the protocol will do so again; a silent one may come back, and so may an authenticator.
    if (error instanceof ProtocolError && !error.passing) return this.#end();
    if (this.#lingering && (pipe === null || pipe.queued === 0)) return this.#end();
    if (established ? this.#lingering && this.#stops(STOP.AFTER_DISCONNECT) : this.#stops(STOP.HANDSHAKE_FAILED)) {
      return this.#end();
    }
    if (established && pipe !== null) {
      if (this.#settings.immediate) {
        this.#pipe = null;
        pipe.end();
      } else if (this.#settings.hiccupMessage !== null) {
        pipe.receive(this.#settings.hiccupMessage.map((frame) => frame.slice()));
        this.#host.readable(pipe);
      }
    }
    this.#again();
  }

  #makePipe(): WirePipe {
    const { limits, conflate } = this.#settings;
    const { endpoint, routingId } = this.#target;
    return new WirePipe(this.#host, { limits, conflate, endpoint, routingId }, (linger) => void this.close(linger));
  }

  #dial(): void {
    if (this.#state === "ended") return;
    this.#state = "dialing";
    this.#held++;
    const loading = this.#settings.prepare?.() ?? null;
    if (loading === null) this.#connect();
    else loading.then(() => this.#connect(), (error: Error) => this.#unable(error));
  }

  #connect(): void {
    if (this.#state === "ended") return this.#release();
    const options = { ...this.#settings.transport, signal: this.#giveUp.signal, delayed: this.#whenDelayed };
    this.#target.transport.connect(this.#target.address, options).then(
      (stream) => this.#connected(stream),
      (error: Error) => this.#refused(error),
    );
  }

  #connected(stream: ByteStream): void {
    if (this.#state === "ended") {
      stream.close();
      return this.#release();
    }
    this.#state = "connected";
    this.#host.emit({ type: "connect", address: this.key });
    this.#connection = new Connection(stream, this.#settings.machine, this, this.#settings.authenticator);
    this.#connection.start();
  }

  #refused(error: Error): void {
    this.#release();
    if (this.#state === "ended") return;
    this.#host.emit({ type: "close", address: this.key, error });
    if (isMissingPermission(error)) return this.#hopeless(error);
    // vsock has a reset where others have a refusal.
    const refused = error instanceof ZmqError && (error.code === "ECONNREFUSED" || error.code === "ECONNRESET");
    if (refused && this.#stops(STOP.REFUSED)) return this.#end();
    this.#again();
  }

  /** Whether the socket's options end the attempts here. */
  #stops(reason: number): boolean {
    return (this.#settings.reconnectStop & reason) !== 0;
  }

  /** What the protocol needs cannot be loaded. */
  #unable(error: Error): void {
    this.#release();
    if (this.#state === "ended") return;
    this.#host.emit({ type: "close", address: this.key, error });
    this.#hopeless(error);
  }

  #hopeless(error: Error): void {
    this.#end();
    // connect() has returned long ago: nobody else could tell the program that it can never work.
    reportError(error);
  }

  /** Waits, then dials again. */
  #again(): void {
    const interval = retryInterval(this.#settings, this.#attempts);
    if (interval === null) return this.#end();
    this.#attempts++;
    this.#state = "waiting";
    this.#host.emit({ type: "connect:retry", address: this.key, interval });
    this.#retry.set(now() + interval);
  }

  /** What is left of the linger period, ms; -1 without limit. */
  #left(): number {
    return this.#deadline === Infinity ? -1 : Math.max(0, this.#deadline - now());
  }

  #end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#retry.cancel();
    this.#lastCall.cancel();
    this.#giveUp.abort();
    this.#connection?.abort();
    this.#pipe?.end();
    this.#pipe?.outbox.clear();
    this.#release();
  }

  #release(): void {
    if (--this.#held === 0) this.#host.released(this);
  }
}
