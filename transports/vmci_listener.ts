/**
 * A bound vmci endpoint.
 *
 * @module
 */

import { CallError } from "../ffi/call_error.ts";
import type { Libc } from "../ffi/libc.ts";
import { READABLE, type Watch, watch, type Watched } from "../ffi/poller.ts";
import type { VmAddress } from "../ffi/sockaddr_vm.ts";
import { DescriptorStream } from "./descriptor_stream.ts";
import type { ByteStream, StreamListener } from "./transport.ts";
import { vmciError } from "./vmci_error.ts";
import { acceptFrom, orClose } from "./vmci_socket.ts";

/** Failures of a connection that was gone before it was accepted (accept(2)). */
const GONE: readonly unknown[] = ["EAGAIN", "EINTR", "ECONNABORTED", "EPROTO"];

/** The address of a peer as received messages show it: its CID and its port. */
export function peerAddressOf({ cid, port }: VmAddress): string {
  return `${cid}:${port}`;
}

/** A listening socket. */
export class VmciListener implements StreamListener, Watched {
  /** The resolved endpoint. */
  readonly endpoint: string;
  readonly #libc: Libc;
  readonly #watch: Watch;
  #accepting: PromiseWithResolvers<ByteStream | null> | undefined;
  #closed: Promise<void> | undefined;

  /**
   * Takes a listening descriptor over.
   *
   * @param fd The descriptor.
   * @param endpoint The resolved endpoint.
   * @throws {CallError} When it cannot be watched. The descriptor is the caller's then.
   */
  constructor(fd: number, endpoint: string) {
    this.endpoint = endpoint;
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
      return Promise.reject(vmciError(error, this.endpoint));
    }
    this.#accepting = Promise.withResolvers();
    return this.#accepting.promise;
  }

  /** Ends the binding at once. Further calls return the first one's promise. */
  close(): Promise<void> {
    if (this.#closed !== undefined) return this.#closed;
    const ended = this.#watch.end();
    this.#closed = ended ?? Promise.resolve();
    this.#take()?.resolve(null);
    return this.#closed;
  }

  /** The poller's word that a peer is there. */
  readable(): void {
    const libc = this.#libc;
    let stream;
    try {
      const { fd, peer } = acceptFrom(libc, this.fd);
      stream = orClose(libc, fd, () => new DescriptorStream(fd, peerAddressOf(peer)));
    } catch (error) {
      if (error instanceof CallError && GONE.includes(error.code)) return this.#watch.want(READABLE);
      this.#take()?.reject(vmciError(error, this.endpoint));
      return;
    }
    this.#take()?.resolve(stream);
  }

  /** Of a listener nobody asks it. */
  writable(): void {}

  #take(): PromiseWithResolvers<ByteStream | null> | undefined {
    const accepting = this.#accepting;
    this.#accepting = undefined;
    return accepting;
  }
}
