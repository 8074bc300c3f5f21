/**
 * A bound ipc endpoint.
 *
 * @module
 */

import { ConnStream } from "./conn_stream.ts";
import { systemError } from "./system_error.ts";
import type { ByteStream, StreamListener } from "./transport.ts";

/**
 * The address of every ipc peer. libzmq has the name that glibc gives to local sockets, followed by the peer's user,
 * group and process; Deno does not tell those.
 */
export const PEER_ADDRESS = "localhost";

/** A listener of Deno with what has to be done when the binding ends. */
export class IpcListener implements StreamListener {
  /** The resolved endpoint. */
  readonly endpoint: string;
  readonly #listener: Deno.UnixListener;
  readonly #end: () => void;
  #accepting: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;

  /**
   * Takes a listener over. From now on it does not hold the process.
   *
   * @param listener Deno's listener.
   * @param endpoint The resolved endpoint.
   * @param end Closes the listener and cleans up.
   */
  constructor(listener: Deno.UnixListener, endpoint: string, end: () => void) {
    listener.unref();
    this.endpoint = endpoint;
    this.#listener = listener;
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
    let conn: Deno.UnixConn;
    try {
      conn = await this.#listener.accept();
    } catch (error) {
      if (this.#closed !== undefined) return null;
      throw systemError(error, this.endpoint);
    }
    if (this.#closed === undefined) return new ConnStream(conn, PEER_ADDRESS);
    conn.close(); // It came in while the listener was closing: nobody waits for it.
    return null;
  }

  async #close(): Promise<void> {
    // Else the process could end before the pending accept does, and with it whoever waits for that.
    this.#listener.ref();
    try {
      this.#end();
    } catch (error) {
      await this.#accepting;
      throw systemError(error, this.endpoint);
    }
    await this.#accepting;
  }
}

function ignore(): void {}
