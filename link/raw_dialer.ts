/**
 * A connected endpoint whose peer is no ZeroMQ socket: without a handshake, a connection carries messages at once.
 *
 * @module
 */

import type { ByteStream } from "../transports/transport.ts";
import { retryInterval } from "./backoff.ts";
import { now } from "./clock.ts";
import { Dialing } from "./dialing.ts";
import { endEvent, STOP } from "./link.ts";
import type { PipeOptions, Terminate } from "./pipe.ts";
import { RawConnection, type RawConnectionOwner } from "./raw_connection.ts";
import { RawPipe } from "./raw_pipe.ts";

/** A link that connects to a raw peer. */
export class RawDialer extends Dialing<RawPipe> implements RawConnectionOwner {
  #connection: RawConnection | null = null;

  override close(linger: number): undefined {
    if (this.ended) return;
    if (linger === 0) {
      this.end();
      return;
    }
    // A socket that is closed after disconnect() may have less patience, never more.
    if (linger > 0) this.lastCall.set(now() + linger);
    if (this.lingering) return;
    this.lingering = true;
    this.pipe?.end();
    if (this.#connection !== null) this.#connection.finish(-1);
    else if (!this.unsent || this.stops(STOP.AFTER_DISCONNECT)) this.end();
  }

  closed(connection: RawConnection, error: unknown): void {
    this.#connection = null;
    this.letGo(connection);
    this.host.emit(endEvent(this.key, error));
    if (this.ended) return;
    if (this.lingering && (!this.unsent || this.stops(STOP.AFTER_DISCONNECT))) return this.end();
    if (this.settings.immediate) {
      this.pipe?.end();
      this.pipe?.discard();
      this.pipe = null;
    }
    this.again();
  }

  protected override makePipe(options: PipeOptions, terminate: Terminate): RawPipe {
    return new RawPipe(this.host, options, terminate);
  }

  /** Dials again, unless nobody reads what former connections have brought: that would be without end. */
  protected override redial(): void {
    const interval = this.pipe?.room() === 0 ? retryInterval(this.settings, this.attempts) : null;
    if (interval === null) this.dial();
    else this.wait(interval);
  }

  protected override serve(stream: ByteStream): void {
    this.attempts = 0;
    const pipe = this.open();
    if (pipe === null) {
      stream.close();
      this.release();
      return this.again();
    }
    const connection = new RawConnection(stream, pipe, this);
    this.#connection = connection;
    connection.start();
    if (this.lingering) connection.finish(-1);
  }

  protected override drop(): void {
    // First, for whoever ends a connection is not told that the peer has gone.
    this.pipe?.end();
    this.#connection?.abort();
    this.pipe?.discard();
  }
}
