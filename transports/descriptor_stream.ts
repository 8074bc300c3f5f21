/**
 * A socket of the system as the link sees it: non-blocking calls of libc, and the poller.
 *
 * @module
 */

import { CallError } from "../ffi/call_error.ts";
import { errnoOf } from "../ffi/errno.ts";
import { sendBoth } from "../ffi/gather.ts";
import { errnoAfter, type Libc } from "../ffi/libc.ts";
import { hold, READABLE, release, type Watch, watch, type Watched, WRITABLE } from "../ffi/poller.ts";
import type { ByteStream } from "./transport.ts";

const EAGAIN = errnoOf("EAGAIN");
const EINTR = errnoOf("EINTR");
/** A peer that is gone is an error to report, not a signal (MSG_NOSIGNAL). */
const NO_SIGNAL = 0x4000;
/** No call is asked for more bytes, so that 31 bits hold what it returns. */
const MOST = 2 ** 30;
/** After so many bytes, or calls, that did not have to wait, others have a turn. */
const LONGEST_RUN = 2 ** 20;
const MOST_CALLS = 64;

/**
 * A byte stream over a connected stream socket. A write is tried at once. So is a read after one that brought something,
 * for more has mostly come meanwhile where much comes, and the attempt costs far less than a turn of the event loop. Other
 * reads wait until the poller says that there is something to read. What fails, fails with a {@linkcode CallError}.
 */
export class DescriptorStream implements ByteStream, Watched {
  /** The peer's address as received messages and events show it. */
  readonly peerAddress: string;
  readonly #libc: Libc;
  readonly #watch: Watch;
  #into: Uint8Array | undefined;
  #read: PromiseWithResolvers<number | null> | undefined;
  #from: Uint8Array | undefined;
  /** What follows it. */
  #after: Uint8Array | undefined;
  #written: PromiseWithResolvers<number> | undefined;
  #opening: PromiseWithResolvers<void> | undefined;
  /** The last read brought something. */
  #fed = false;
  /** What went through without a pause. */
  #run = 0;
  #closed = false;
  #ended: Promise<void> | undefined;

  /**
   * Takes a descriptor over.
   *
   * @param fd The descriptor: connected, or about to be, and non-blocking.
   * @param peerAddress The peer's address.
   * @throws {CallError} When it cannot be watched. The descriptor is the caller's then.
   */
  constructor(fd: number, peerAddress: string) {
    this.peerAddress = peerAddress;
    this.#watch = watch(fd, this);
    this.#libc = this.#watch.libc;
  }

  /** The number of the descriptor. */
  get fd(): number {
    return this.#watch.fd;
  }

  /** Waits until the end of an attempt to connect. How it ended is the socket's to say. It does not hold the process. */
  opened(): Promise<void> {
    if (this.#closed) return Promise.reject(closed("connect"));
    this.#watch.want(WRITABLE);
    this.#opening = Promise.withResolvers();
    return this.#opening.promise;
  }

  /** Reads one or more bytes; `null` at the end. */
  read(into: Uint8Array): Promise<number | null> {
    if (this.#closed) return Promise.reject(closed("read"));
    if (this.#fed) {
      const count = this.#receive(into);
      if (count > 0) return this.#paced(count);
    }
    try {
      this.#watch.want(READABLE);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#into = into;
    this.#read = Promise.withResolvers();
    return this.#read.promise;
  }

  /** Writes some bytes and resolves to how many. */
  write(from: Uint8Array): Promise<number> {
    return this.#write(from, undefined);
  }

  /** Writes some bytes of `first` and then `second` and resolves to how many. */
  writeBoth(first: Uint8Array, second: Uint8Array): Promise<number> {
    return this.#write(first, second);
  }

  /** Closes the socket. Further calls return what the first did. */
  close(): Promise<void> | undefined {
    if (this.#closed) return this.#ended;
    this.#closed = true;
    this.#ended = this.#watch.end();
    const read = this.#read;
    const written = this.#takeWrite();
    this.#read = this.#into = undefined;
    this.#opening?.reject(closed("connect"));
    read?.reject(closed("read"));
    written?.reject(closed("send"));
    return this.#ended;
  }

  /** The poller's word that there is something to read. */
  readable(): void {
    const into = this.#into!;
    const read = this.#read!;
    const count = this.#receive(into);
    if (count === -1) {
      const errno = errnoAfter(this.#libc);
      if (errno === EAGAIN || errno === EINTR) return this.#watch.want(READABLE);
      this.#read = this.#into = undefined;
      return read.reject(new CallError("read", errno));
    }
    this.#read = this.#into = undefined;
    // Nothing goes into a buffer that was transferred away meanwhile; that is not the end.
    read.resolve(count === 0 && into.length > 0 ? null : count);
  }

  /** The poller's word that there is room for what is written. */
  writable(): void {
    if (this.#opening !== undefined) {
      this.#opening.resolve();
      this.#opening = undefined;
      return;
    }
    const count = this.#send(this.#from!, this.#after);
    const errno = count === -1 ? errnoAfter(this.#libc) : 0;
    if (errno === EAGAIN || errno === EINTR) return this.#watch.want(WRITABLE);
    const written = this.#takeWrite()!;
    if (count === -1) written.reject(new CallError("send", errno));
    else written.resolve(count);
  }

  /** The answer of a call that did not have to wait, unless it is time to let others go on. */
  #paced(count: number): Promise<number> {
    this.#run += Math.max(count, LONGEST_RUN / MOST_CALLS);
    if (this.#run < LONGEST_RUN) return Promise.resolve(count);
    this.#run = 0;
    return new Promise((resolve) => setImmediate(resolve, count));
  }

  #receive(into: Uint8Array): number {
    const count = this.#libc.read(this.fd, into, BigInt(Math.min(into.length, MOST)));
    this.#fed = count > 0;
    return count;
  }

  #write(from: Uint8Array, after: Uint8Array | undefined): Promise<number> {
    if (this.#closed) return Promise.reject(closed("send"));
    const count = this.#send(from, after);
    return count === -1 ? this.#writeLater(from, after) : this.#paced(count);
  }

  #writeLater(from: Uint8Array, after: Uint8Array | undefined): Promise<number> {
    const errno = errnoAfter(this.#libc);
    if (errno !== EAGAIN && errno !== EINTR) return Promise.reject(new CallError("send", errno));
    try {
      this.#watch.want(WRITABLE);
    } catch (error) {
      return Promise.reject(error);
    }
    hold();
    this.#from = from;
    this.#after = after;
    this.#written = Promise.withResolvers();
    return this.#written.promise;
  }

  #send(from: Uint8Array, after: Uint8Array | undefined): number {
    if (after !== undefined && from.length < MOST) {
      return sendBoth(this.#libc, this.fd, from, after, MOST - from.length, NO_SIGNAL);
    }
    return this.#libc.send(this.fd, from, BigInt(Math.min(from.length, MOST)), NO_SIGNAL);
  }

  /** Ends the write that waits. */
  #takeWrite(): PromiseWithResolvers<number> | undefined {
    const written = this.#written;
    if (written === undefined) return undefined;
    this.#written = this.#from = this.#after = undefined;
    release();
    return written;
  }
}

function closed(call: string): CallError {
  return new CallError(call, errnoOf("EBADF"));
}
