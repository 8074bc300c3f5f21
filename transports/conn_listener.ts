/**
 * A bound endpoint over a listener of Deno.
 *
 * @module
 */

import type { ZmqError } from "./error.ts";
import { systemError } from "./system_error.ts";
import type { ByteStream, StreamListener } from "./transport.ts";

/** A listener of Deno, what becomes of its connections, and what has to be done when the binding ends. */
export class ConnListener<C extends Deno.Conn> implements StreamListener {
  /** The resolved endpoint. */
  readonly endpoint: string;
  /** Why the clean-up failed, once the listener is closed. */
  failure: ZmqError | undefined;
  readonly #listener: Deno.Listener<C>;
  readonly #streamOf: (conn: C) => ByteStream;
  readonly #end: () => void;
  #accepting: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;

  /**
   * Takes a listener over. From now on it does not hold the process.
   *
   * @param listener Deno's listener.
   * @param endpoint The resolved endpoint.
   * @param streamOf Makes a stream of a connection, or throws: then the connection is closed.
   * @param end Closes the listener and cleans up.
   */
  constructor(listener: Deno.Listener<C>, endpoint: string, streamOf: (conn: C) => ByteStream, end: () => void) {
    listener.unref();
    this.endpoint = endpoint;
    this.#listener = listener;
    this.#streamOf = streamOf;
    this.#end = end;
  }

  /** Waits for the next peer; `null` once the listener is closed. */
  accept(): Promise<ByteStream | null> {
    if (this.#closed !== undefined) return Promise.resolve(null);
    const accepted = this.#accept();
    this.#accepting = accepted.then(ignore, ignore);
    return accepted;
  }

  /** Ends the binding at once. Further calls return the first one's promise. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #accept(): Promise<ByteStream | null> {
    let conn: C;
    try {
      conn = await this.#listener.accept();
    } catch (error) {
      if (this.#closed !== undefined) return null;
      throw systemError(error, this.endpoint);
    }
    if (this.#closed !== undefined) {
      conn.close(); // It came in while the listener was closing: nobody waits for it.
      return null;
    }
    try {
      return this.#streamOf(conn);
    } catch (error) {
      conn.close();
      throw systemError(error, this.endpoint);
    }
  }

  async #close(): Promise<void> {
    // Else the process could end before the pending accept does, and with it whoever waits for that.
    this.#listener.ref();
    try {
      this.#end();
    } catch (error) {
      this.failure = systemError(error, this.endpoint);
    }
    await this.#accepting;
  }
}

function ignore(): void {}
