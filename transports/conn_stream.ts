/**
 * A connection of Deno as the link sees it.
 *
 * @module
 */

import type { ByteStream } from "./transport.ts";

/** A byte stream over a connection of Deno. What fails, fails with Deno's own errors. */
export class ConnStream implements ByteStream {
  /** The peer's address as received messages and events show it. */
  readonly peerAddress: string;
  readonly #conn: Deno.Conn;
  #closed = false;

  /**
   * Takes the connection over.
   *
   * @param conn The connection. It ceases to hold the process while it waits for bytes; Deno lets a pending write hold it.
   * @param peerAddress The peer's address.
   */
  constructor(conn: Deno.Conn, peerAddress: string) {
    conn.unref();
    this.#conn = conn;
    this.peerAddress = peerAddress;
  }

  /** Reads one or more bytes; `null` at the end. */
  read(into: Uint8Array): Promise<number | null> {
    return this.#conn.read(into);
  }

  /** Writes some bytes and resolves to how many. */
  write(from: Uint8Array): Promise<number> {
    return this.#conn.write(from);
  }

  /** Closes the connection. Further calls do nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // Else the process could end before a pending read is rejected, and with it whoever waits for that.
    this.#conn.ref();
    this.#conn.close();
  }
}
