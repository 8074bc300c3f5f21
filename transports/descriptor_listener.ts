/**
 * A bound endpoint over a listening socket of the system: non-blocking calls of libc, and the poller.
 *
 * @module
 */

import { CallError } from "../ffi/call_error.ts";
import type { Libc } from "../ffi/libc.ts";
import { READABLE, type Watch, watch, type Watched } from "../ffi/poller.ts";
import type { ZmqError } from "./error.ts";
import { systemError } from "./system_error.ts";
import type { ByteStream, StreamListener } from "./transport.ts";

/** Failures of a connection that was gone before it was accepted (accept(2)). */
const GONE: readonly unknown[] = ["EAGAIN", "EINTR", "ECONNABORTED", "EPROTO"];

/**
 * Accepts the connection that is next at a listening descriptor. Throws what libc said, or a `ZmqError` for one that it has
 * closed.
 */
export type Accept = (libc: Libc, fd: number) => ByteStream;

/** A listening socket. */
export class DescriptorListener implements StreamListener, Watched {
  /** The resolved endpoint. */
  readonly endpoint: string;
  /** Why the clean-up failed, once the listener is closed. */
  failure: ZmqError | undefined;
  readonly #accept: Accept;
  readonly #cleanUp: () => void;
  readonly #libc: Libc;
  readonly #watch: Watch;
  #accepting: PromiseWithResolvers<ByteStream | null> | undefined;
  #closed: Promise<void> | undefined;

  /**
   * Takes a listening descriptor over.
   *
   * @param fd The descriptor.
   * @param endpoint The resolved endpoint.
   * @param accept Makes a stream of what comes.
   * @param cleanUp What is to be done once it is closed.
   * @throws {CallError} When it cannot be watched. The descriptor is the caller's then.
   */
  constructor(fd: number, endpoint: string, accept: Accept, cleanUp: () => void = nothing) {
    this.endpoint = endpoint;
    this.#accept = accept;
    this.#cleanUp = cleanUp;
    this.#watch = watch(fd, this);
    this.#libc = this.#watch.libc;
  }

  /** The number of the descriptor. */
  get fd(): number {
    return this.#watch.fd;
  }

  /** Waits for the next peer; `null` once the listener is closed. */
  accept(): Promise<ByteStream | null> {
    if (this.#closed !== undefined) return Promise.resolve(null);
    try {
      this.#watch.want(READABLE);
    } catch (error) {
      return Promise.reject(systemError(error, this.endpoint));
    }
    this.#accepting = Promise.withResolvers();
    return this.#accepting.promise;
  }

  /** Ends the binding at once. Further calls return the first one's promise. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The poller's word that a peer is there. */
  readable(): void {
    let stream;
    try {
      stream = this.#accept(this.#libc, this.fd);
    } catch (error) {
      if (error instanceof CallError && GONE.includes(error.code)) return this.#watch.want(READABLE);
      this.#take()?.reject(systemError(error, this.endpoint));
      return;
    }
    this.#take()?.resolve(stream);
  }

  /** Of a listener nobody asks it. */
  writable(): void {}

  async #close(): Promise<void> {
    const ended = this.#watch.end();
    this.#take()?.resolve(null);
    try {
      this.#cleanUp();
    } catch (error) {
      this.failure = systemError(error, this.endpoint);
    }
    await ended;
  }

  #take(): PromiseWithResolvers<ByteStream | null> | undefined {
    const accepting = this.#accepting;
    this.#accepting = undefined;
    return accepting;
  }
}

function nothing(): void {}
