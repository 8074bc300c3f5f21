/**
 * A connected endpoint: dials, shakes hands, and dials again when the connection is lost.
 *
 * @module
 */

import type { ByteStream } from "../transports/transport.ts";
import { ProtocolError } from "../zmtp/error.ts";
import { now } from "./clock.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { Dialing } from "./dialing.ts";
import { endEvent, failureEvent, STOP } from "./link.ts";
import type { PipeOptions, Terminate } from "./pipe.ts";
import { WirePipe } from "./wire_pipe.ts";

/** A link that connects to a peer. */
export class Dialer extends Dialing<WirePipe> implements ConnectionOwner {
  #connection: Connection | null = null;
  /** When a closed link gives up what is still queued. */
  #deadline = Infinity;

  override close(linger: number): undefined {
    if (this.ended) return;
    if (linger === 0) {
      this.end();
      return;
    }
    this.pipe?.end();
    // A socket that is closed after disconnect() may have less patience, never more.
    if (linger > 0 && now() + linger < this.#deadline) {
      this.#deadline = now() + linger;
      this.lastCall.set(this.#deadline);
    }
    if (this.lingering) return;
    this.lingering = true;
    const connection = this.#connection;
    if (connection !== null && connection.state !== "opening") connection.finish(this.#left());
    else if (!this.unsent || this.stops(STOP.AFTER_DISCONNECT)) this.end();
  }

  accepted(connection: Connection): WirePipe | null {
    this.host.emit({ type: "handshake", address: this.key });
    this.attempts = 0;
    const pipe = this.open();
    // Queued behind this handshake goes all that is left; then the link can end.
    if (pipe !== null && this.lingering) queueMicrotask(() => connection.finish(this.#left()));
    return pipe;
  }

  deferred(_connection: Connection, error: ProtocolError): void {
    this.host.emit(failureEvent(this.key, error));
  }

  closed(connection: Connection, error: unknown): void {
    this.#connection = null;
    this.letGo(connection);
    const established = connection.machine.peer !== null;
    // Whoever disconnects during a handshake is not told that it fails.
    const failed = !established && !connection.deferred && !this.ended;
    if (failed) this.host.emit(failureEvent(this.key, error));
    this.host.emit(endEvent(this.key, error));
    if (this.ended) return;
    // A peer that breaks the protocol will do so again; a silent one may come back, and so may an authenticator.
    if (error instanceof ProtocolError && !error.passing) return this.end();
    if (this.lingering && !this.unsent) return this.end();
    if (established ? this.lingering && this.stops(STOP.AFTER_DISCONNECT) : this.stops(STOP.HANDSHAKE_FAILED)) {
      return this.end();
    }
    const pipe = this.pipe;
    if (established && pipe !== null) {
      if (this.settings.immediate) {
        this.pipe = null;
        pipe.end();
      } else if (this.settings.hiccupMessage !== null) {
        pipe.inform("hiccup", this.settings.hiccupMessage.map((frame) => frame.slice()));
        this.host.readable(pipe);
      }
      // What was lost with the connection has left its place to others.
      if (pipe.open) pipe.drained();
    }
    this.again();
  }

  protected override makePipe(options: PipeOptions, terminate: Terminate): WirePipe {
    return new WirePipe(this.host, options, terminate);
  }

  protected override reach(): void {
    const loading = this.settings.prepare?.() ?? null;
    if (loading === null) this.connect();
    else loading.then(() => this.connect(), (error: Error) => this.#unable(error));
  }

  /** What the protocol needs cannot be loaded. */
  #unable(error: Error): void {
    this.release();
    if (this.ended) return;
    this.host.emit({ type: "close", address: this.key, error });
    this.hopeless(error);
  }

  protected override serve(stream: ByteStream): void {
    this.#connection = new Connection(stream, this.settings.machine, this, this.settings.authenticator);
    this.#connection.start();
  }

  protected override drop(): void {
    this.#connection?.abort();
    this.pipe?.end();
    this.pipe?.outbox.clear();
  }

  /** What is left of the linger period, ms; -1 without limit. */
  #left(): number {
    return this.#deadline === Infinity ? -1 : Math.max(0, this.#deadline - now());
  }
}
