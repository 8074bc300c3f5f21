/**
 * A bound endpoint for peers that are no ZeroMQ sockets.
 *
 * @module
 */

import { ZmqError } from "../transports/error.ts";
import type { ByteStream, StreamListener } from "../transports/transport.ts";
import { BACK_OFF } from "./acceptor.ts";
import { endEvent, type Link, type LinkHost, type LinkSettings } from "./link.ts";
import { RawConnection, type RawConnectionOwner } from "./raw_connection.ts";
import { RawPipe } from "./raw_pipe.ts";

/** A link that raw peers connect to: each has a pipe, which ends with its connection. */
export class RawAcceptor implements Link, RawConnectionOwner {
  readonly key: string;
  readonly #listener: StreamListener;
  readonly #settings: LinkSettings;
  readonly #host: LinkHost;
  readonly #pipes = new Map<RawConnection, RawPipe>();
  #closed = false;
  /** What still uses the system: the listener, and each connection until its last operation has ended. */
  #held = 1;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: StreamListener, settings: LinkSettings, host: LinkHost) {
    this.key = listener.endpoint;
    this.#listener = listener;
    this.#settings = settings;
    this.#host = host;
  }

  /** Begins to accept. */
  start(): void {
    this.#host.emit({ type: "bind", address: this.key });
    this.#accept();
  }

  get unsent(): boolean {
    for (const pipe of this.#pipes.values()) if (pipe.queued > 0) return true;
    return false;
  }

  close(linger: number): Promise<void> | undefined {
    if (this.#closed) {
      // A socket that is closed after unbind() may have less patience.
      if (linger >= 0) this.#finish(linger);
      return undefined;
    }
    this.#closed = true;
    clearTimeout(this.#pause);
    const closing = this.#listener.close().finally(() => this.#release());
    const error = this.#listener.failure;
    this.#host.emit(error ? { type: "close:error", address: this.key, error } : { type: "close", address: this.key });
    this.#finish(linger);
    return closing;
  }

  closed(connection: RawConnection, error: unknown): void {
    const pipe = this.#pipes.get(connection)!;
    this.#pipes.delete(connection);
    this.#host.emit(endEvent(this.key, error));
    pipe.end();
    pipe.discard();
    connection.settled().then(() => this.#release());
  }

  #finish(linger: number): void {
    for (const [connection, pipe] of [...this.#pipes]) {
      pipe.end();
      connection.finish(linger);
    }
  }

  #accept(): void {
    if (this.#closed) return;
    this.#listener.accept().then((stream) => {
      if (stream === null) return;
      if (this.#closed) return stream.close();
      this.#host.emit({ type: "accept", address: this.key });
      this.#serve(stream);
      this.#accept();
    }, (error: Error) => {
      if (this.#closed) return;
      this.#host.emit({ type: "accept:error", address: this.key, error });
      // A peer that may not connect shall not keep others waiting.
      if (error instanceof ZmqError && error.code === "EACCES") return this.#accept();
      this.#pause = setTimeout(() => this.#accept(), BACK_OFF);
      Deno.unrefTimer(this.#pause);
    });
  }

  #serve(stream: ByteStream): void {
    const { limits, conflate } = this.#settings;
    const pipe = new RawPipe(this.#host, { limits, conflate, endpoint: this.key }, (linger) => {
      pipe.end();
      connection.finish(linger);
    });
    const connection = new RawConnection(stream, pipe, this);
    if (!this.#host.adopt(pipe)) {
      stream.close();
      return;
    }
    this.#pipes.set(connection, pipe);
    this.#held++;
    connection.start();
  }

  #release(): void {
    if (--this.#held === 0) this.#host.released(this);
  }
}
