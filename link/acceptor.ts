/**
 * A bound endpoint: accepts connections and owns them.
 *
 * @module
 */

import { ZmqError } from "../transports/error.ts";
import type { StreamListener } from "../transports/transport.ts";
import type { ProtocolError } from "../zmtp/error.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { endEvent, failureEvent, type Link, type LinkHost, type LinkSettings } from "./link.ts";
import { WirePipe } from "./wire_pipe.ts";

/** How long (ms) to wait after accepting failed: descriptors that ran out do not come back at once. */
export const BACK_OFF = 100;

/** A link that peers connect to. */
export class Acceptor implements Link, ConnectionOwner {
  readonly key: string;
  #listener: StreamListener;
  #settings: LinkSettings;
  #host: LinkHost;
  #connections = new Set<Connection>();
  #pipes = new Map<Connection, WirePipe>();
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
    const loading = this.#settings.prepare?.() ?? null;
    if (loading === null) this.#accept();
    else loading.then(() => this.#accept(), (error: Error) => this.#unable(error));
  }

  /** What the protocol needs cannot be loaded: whoever has bound this endpoint can only be told so. */
  #unable(error: Error): void {
    if (this.#closed) return;
    this.#host.emit({ type: "accept:error", address: this.key, error });
    reportError(error);
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

  accepted(connection: Connection): WirePipe | null {
    this.#host.emit({ type: "handshake", address: this.key });
    const { limits, conflate } = this.#settings;
    const pipe = new WirePipe(this.#host, { limits, conflate, endpoint: this.key }, (linger) => {
      pipe.end();
      connection.finish(linger);
    });
    if (!this.#host.adopt(pipe)) return null;
    this.#pipes.set(connection, pipe);
    return pipe;
  }

  deferred(_connection: Connection, error: ProtocolError): void {
    this.#host.emit(failureEvent(this.key, error));
  }

  closed(connection: Connection, error: unknown): void {
    const pipe = this.#pipes.get(connection);
    this.#connections.delete(connection);
    this.#pipes.delete(connection);
    // Whoever unbinds during a handshake is not told that it fails.
    const failed = connection.machine.peer === null && !connection.deferred && !this.#closed;
    if (failed) this.#host.emit(failureEvent(this.key, error));
    this.#host.emit(endEvent(this.key, error));
    if (pipe !== undefined) {
      const { disconnectMessage } = this.#settings;
      if (disconnectMessage !== null && pipe.open) {
        pipe.receive(disconnectMessage.map((frame) => frame.slice()));
        this.#host.readable(pipe);
      }
      pipe.end();
      // What an accepted peer did not take goes with it (RFC 28 to 31).
      pipe.outbox.clear();
    }
    connection.settled().then(() => this.#release());
  }

  #finish(linger: number): void {
    for (const connection of [...this.#connections]) {
      this.#pipes.get(connection)?.end();
      connection.finish(linger);
    }
  }

  #accept(): void {
    if (this.#closed) return;
    this.#listener.accept().then((stream) => {
      if (stream === null) return;
      if (this.#closed) return stream.close();
      this.#host.emit({ type: "accept", address: this.key });
      const connection = new Connection(stream, this.#settings.machine, this, this.#settings.authenticator);
      this.#connections.add(connection);
      this.#held++;
      connection.start();
      this.#accept();
    }, (error: Error) => {
      if (this.#closed) return;
      this.#host.emit({ type: "accept:error", address: this.key, error });
      // A peer that may not connect shall not keep others waiting.
      if (error instanceof ZmqError && error.code === "EACCES") return this.#accept();
      const pause = setTimeout(() => this.#accept(), BACK_OFF);
      Deno.unrefTimer(pause);
      this.#pause = pause;
    });
  }

  #release(): void {
    if (--this.#held === 0) this.#host.released(this);
  }
}
