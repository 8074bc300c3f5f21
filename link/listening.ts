/**
 * A bound endpoint, whatever its connections carry: accepts them, and knows when the last one has left the system.
 *
 * @module
 */

import { ZmqError } from "../transports/error.ts";
import type { ByteStream, StreamListener } from "../transports/transport.ts";
import type { Link, LinkHost, LinkSettings } from "./link.ts";

/** How long (ms) to wait after accepting failed: descriptors that ran out do not come back at once. */
const BACK_OFF = 100;

/** A link that peers connect to. */
export abstract class Listening implements Link {
  readonly key: string;
  protected readonly settings: LinkSettings;
  protected readonly host: LinkHost;
  /** Whether the binding has ended; its connections may linger. */
  protected unbound = false;
  readonly #listener: StreamListener;
  /** What still uses the system: the listener, and each connection until its last operation has ended. */
  #held = 1;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: StreamListener, settings: LinkSettings, host: LinkHost) {
    this.key = listener.endpoint;
    this.#listener = listener;
    this.settings = settings;
    this.host = host;
  }

  abstract get unsent(): boolean;

  /** Tells that the endpoint is bound, and begins. */
  start(): void {
    this.host.emit({ type: "bind", address: this.key });
    this.begin();
  }

  close(linger: number): Promise<void> | undefined {
    if (this.unbound) {
      // A socket that is closed after unbind() may have less patience.
      if (linger >= 0) this.finish(linger);
      return undefined;
    }
    this.unbound = true;
    clearTimeout(this.#pause);
    const closing = this.#listener.close().finally(() => this.#release());
    const error = this.#listener.failure;
    this.host.emit(error ? { type: "close:error", address: this.key, error } : { type: "close", address: this.key });
    this.finish(linger);
    return closing;
  }

  /** Begins to accept. */
  protected begin(): void {
    this.accept();
  }

  /** Has a peer that was accepted be served. */
  protected abstract serve(stream: ByteStream): void;

  /** Lets what is queued go out within `linger` ms (-1 without limit), and ends all connections. */
  protected abstract finish(linger: number): void;

  /** Accepts peers until the binding ends. */
  protected accept(): void {
    if (this.unbound) return;
    if (this.#crowded) return this.#tellCrowded();
    this.#listener.accept().then((stream) => {
      if (stream === null) return;
      if (this.unbound) return stream.close();
      this.host.emit({ type: "accept", address: this.key });
      this.serve(stream);
      this.accept();
    }, (error: Error) => {
      if (this.unbound) return;
      this.host.emit({ type: "accept:error", address: this.key, error });
      // A peer that may not connect shall not keep others waiting.
      if (error instanceof ZmqError && error.code === "EACCES") return this.accept();
      this.#pause = setTimeout(() => this.accept(), BACK_OFF);
      Deno.unrefTimer(this.#pause);
    });
  }

  /** A connection uses the system, until it is {@linkcode letGo}. */
  protected hold(): void {
    this.#held++;
  }

  /** A connection has ended: it uses the system until its last operations have. */
  protected letGo(connection: { settled(): Promise<void> }): void {
    connection.settled().then(() => {
      const crowded = this.#crowded;
      this.#release();
      if (crowded) this.accept();
    });
  }

  /** Whether there are as many connections as may be: the next is accepted when one has gone. */
  get #crowded(): boolean {
    const { maxConnections } = this.settings;
    // What is held besides is the listener.
    return maxConnections > 0 && this.#held > maxConnections;
  }

  #tellCrowded(): void {
    const detail = `as many connections as maxConnections allows (${this.settings.maxConnections})`;
    const error = new ZmqError("EMFILE", { address: this.key, detail });
    this.host.emit({ type: "accept:error", address: this.key, error });
  }

  #release(): void {
    if (--this.#held === 0) this.host.released(this);
  }
}
