/**
 * STREAM: names every raw peer, and sends bytes to the one that is named (zmq_socket(3)).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { ZmqError } from "../transports/error.ts";
import { isDetached } from "./message.ts";
import { Pattern } from "./pattern.ts";
import { keyOf } from "./key.ts";

/** The value of the option `notify` for empty messages when a peer comes and when it goes. */
export const NOTIFY = 3;

/** Adds the sender's id in front of what is received, and takes the receiver's off what is sent. */
export class StreamPattern extends Pattern {
  override readonly type = "STREAM";
  override readonly frames = 2;
  #ids = new Map<Pipe, Uint8Array>();
  #byKey = new Map<string, Pipe>();
  #serial = (Math.random() * 2 ** 32) >>> 0;

  override attach(pipe: Pipe): boolean {
    const id = pipe.routingId ?? this.#unused();
    const key = keyOf(id);
    if (this.#byKey.has(key)) {
      // Then it is not connect() that comes here but a connection, which can be refused and tried again.
      if (this.host.options.immediate) return false;
      throw new ZmqError("EINVAL", { address: pipe.endpoint, detail: "the routing id is in use" });
    }
    this.#ids.set(pipe, id);
    this.#byKey.set(key, pipe);
    return true;
  }

  override ready(pipe: Pipe): void {
    this.#notify(pipe);
  }

  override lost(pipe: Pipe): void {
    this.#notify(pipe);
  }

  override ended(pipe: Pipe): void {
    const address = this.addressOfPipe(pipe);
    this.#byKey.delete(address);
    if (!pipe.readable) this.#ids.delete(pipe);
    // Whoever waits for room in its queue waits in vain.
    this.host.wakeSenders(address);
  }

  override send(frames: Uint8Array[]): boolean {
    if (frames.length !== this.frames) {
      throw new TypeError(`Cannot send a message of ${frames.length} frames: a Stream sends a routing id and bytes`);
    }
    const [id, bytes] = frames as [Uint8Array, Uint8Array];
    const pipe = this.#byKey.get(keyOf(id));
    if (pipe === undefined) throw new ZmqError("EHOSTUNREACH");
    if (bytes.length === 0) {
      // It was not empty when it was sent, but has waited since: to take that for an order to close would be a mistake.
      if (isDetached(bytes)) throw new ZmqError("EFAULT", { detail: "the buffer of a frame was transferred" });
      pipe.close(this.host.options.linger || -1);
      return true;
    }
    if (pipe.full) return false;
    pipe.write([bytes]);
    return true;
  }

  override addressOf(frames: Uint8Array[]): string {
    return keyOf(frames[0]!);
  }

  override addressOfPipe(pipe: Pipe): string {
    return keyOf(this.#ids.get(pipe)!);
  }

  override receive(): Uint8Array[] | undefined {
    const frames = this.in.read();
    if (frames === undefined) return undefined;
    const pipe = this.in.from!;
    const id = this.#ids.get(pipe)!.slice();
    if (!pipe.open && !pipe.readable) this.#ids.delete(pipe);
    return [id, frames[0]!];
  }

  override get sendable(): boolean {
    for (const pipe of this.#byKey.values()) if (!pipe.full) return true;
    return false;
  }

  #notify(pipe: Pipe): void {
    if (this.host.options.notify === NOTIFY) pipe.receive([new Uint8Array(0)]);
  }

  /** An id that begins with a zero byte, as those that sockets give, and that no peer has. */
  #unused(): Uint8Array {
    const id = new Uint8Array(5);
    do {
      this.#serial = (this.#serial + 1) >>> 0;
      new DataView(id.buffer).setUint32(1, this.#serial);
    } while (this.#byKey.has(keyOf(id)));
    return id;
  }
}
