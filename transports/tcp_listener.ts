/**
 * A bound tcp endpoint.
 *
 * @module
 */

import { ConnStream } from "./conn_stream.ts";
import { ZmqError } from "./error.ts";
import { systemError } from "./system_error.ts";
import { tcpEndpoint } from "./tcp_address.ts";
import { isAdmitted } from "./tcp_filter.ts";
import type { ByteStream, StreamListener, TcpOptions } from "./transport.ts";

/** A connection of ours: nothing waits for more bytes to go with it, and keepalive is as the socket's options say. */
export function tcpStream(conn: Deno.TcpConn, options: TcpOptions): ByteStream {
  conn.setNoDelay(true);
  const { tcpKeepalive = -1 } = options;
  if (tcpKeepalive !== -1) conn.setKeepAlive(tcpKeepalive === 1);
  return new ConnStream(conn, conn.remoteAddr.hostname);
}

/** A listener of Deno, and whom it lets in. */
export class TcpListener implements StreamListener {
  /** The resolved endpoint. */
  readonly endpoint: string;
  readonly #listener: Deno.TcpListener;
  readonly #options: TcpOptions;
  #accepting: Promise<unknown> | undefined;
  #closed: Promise<void> | undefined;

  /**
   * Takes a listener over. From now on it does not hold the process.
   *
   * @param listener Deno's listener.
   * @param options Who may connect, and what connections are like.
   */
  constructor(listener: Deno.TcpListener, options: TcpOptions) {
    listener.unref();
    const { hostname, port } = listener.addr;
    this.endpoint = tcpEndpoint(hostname, port);
    this.#listener = listener;
    this.#options = options;
  }

  /** Waits for the next peer; `null` once the listener is closed. Rejects with `EACCES` for one that may not connect. */
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
    let conn: Deno.TcpConn;
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
    const { hostname } = conn.remoteAddr;
    if (!isAdmitted(this.#options.tcpAcceptFilter ?? [], hostname)) {
      conn.close();
      throw new ZmqError("EACCES", { address: this.endpoint, detail: `the filter does not admit ${hostname}` });
    }
    return tcpStream(conn, this.#options);
  }

  async #close(): Promise<void> {
    // Else the process could end before the pending accept does, and with it whoever waits for that.
    this.#listener.ref();
    this.#listener.close();
    await this.#accepting;
  }
}

function ignore(): void {}
