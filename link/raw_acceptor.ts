/**
 * A bound endpoint for peers that are no ZeroMQ sockets.
 *
 * @module
 */

import type { ByteStream } from "../transports/transport.ts";
import { endEvent } from "./link.ts";
import { Listening } from "./listening.ts";
import { RawConnection, type RawConnectionOwner } from "./raw_connection.ts";
import { RawPipe } from "./raw_pipe.ts";

/** A link that raw peers connect to: each has a pipe, which ends with its connection. */
export class RawAcceptor extends Listening implements RawConnectionOwner {
  readonly #pipes = new Map<RawConnection, RawPipe>();

  override get unsent(): boolean {
    for (const pipe of this.#pipes.values()) if (pipe.queued > 0) return true;
    return false;
  }

  protected override serve(stream: ByteStream): void {
    const { limits, conflate } = this.settings;
    const pipe = new RawPipe(this.host, { limits, conflate, endpoint: this.key }, (linger) => {
      pipe.end();
      connection.finish(linger);
    });
    const connection = new RawConnection(stream, pipe, this);
    if (!this.host.adopt(pipe)) {
      stream.close();
      return;
    }
    this.#pipes.set(connection, pipe);
    this.hold();
    connection.start();
  }

  closed(connection: RawConnection, error: unknown): void {
    const pipe = this.#pipes.get(connection)!;
    this.#pipes.delete(connection);
    this.host.emit(endEvent(this.key, error));
    pipe.end();
    pipe.discard();
    this.letGo(connection);
  }

  protected override finish(linger: number): void {
    for (const [connection, pipe] of [...this.#pipes]) {
      pipe.end();
      connection.finish(linger);
    }
  }
}
