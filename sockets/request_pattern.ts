/**
 * REQ and REP: requests and replies in lock step (RFC 28).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import type { ErrorCode } from "../transports/error.ts";
import { LoadBalancer } from "./load_balancer.ts";
import { EMPTY } from "./message.ts";
import { Pattern } from "./pattern.ts";

/** A number in front of a request tells its reply from older ones; peers send it back as it is. */
const ID_BYTES = 4;

/** Sends a request, then waits for its reply. */
export class RequestPattern extends Pattern {
  override readonly type = "REQ";
  #out = new LoadBalancer();
  #waiting = false;
  /** The peer that was asked. */
  #asked: Pipe | null = null;
  #serial = (Math.random() * 2 ** 32) >>> 0;
  /** The number of the request that is open, where the peer was given one. */
  #id: Uint8Array | null = null;

  override attach(pipe: Pipe): boolean {
    this.#probe(pipe);
    this.writable(pipe);
    this.host.wakeSenders();
    return true;
  }

  override ready(pipe: Pipe, again: boolean): void {
    if (again) this.#probe(pipe);
  }

  override writable(pipe: Pipe): void {
    this.#out.activate(pipe);
  }

  override send(frames: Uint8Array[]): boolean {
    const { correlate, relaxed } = this.host.options;
    if (this.#waiting && !relaxed) return false;
    if (this.#out.next === undefined) return false;
    // Replies that nobody asked for any longer must not answer this request.
    while (this.in.read() !== undefined);
    this.#id = correlate ? this.#nextId() : null;
    this.#asked = this.#out.send(this.#id === null ? [EMPTY, ...frames] : [this.#id, EMPTY, ...frames])!;
    this.#waiting = true;
    return true;
  }

  override receive(): Uint8Array[] | undefined {
    if (!this.#waiting) return undefined;
    const id = this.#id;
    for (let frames = this.in.read(); frames !== undefined; frames = this.in.read()) {
      const from = this.in.from!;
      const body = bodyOf(frames);
      if (body < 0) {
        from.reset();
        continue;
      }
      // An answer to an older question has another number, or one where none was asked for, or none where one was.
      if (from !== this.#asked || frames.length === body || body !== (id === null ? 1 : 2)) continue;
      if (id !== null && !sameId(frames[0]!, id)) continue;
      this.#waiting = false;
      this.#asked = null;
      return frames.slice(body);
    }
    return undefined;
  }

  override get sendable(): boolean {
    return (!this.#waiting || this.host.options.relaxed) && this.#out.next !== undefined;
  }

  override get receivable(): boolean {
    return this.#waiting && this.in.readable;
  }

  override get sendRefusal(): ErrorCode {
    return this.#waiting && !this.host.options.relaxed ? "EFSM" : "EAGAIN";
  }

  override get receiveRefusal(): ErrorCode {
    return this.#waiting ? "EAGAIN" : "EFSM";
  }

  #probe(pipe: Pipe): void {
    if (this.host.options.probeRouter) pipe.write([EMPTY]);
  }

  #nextId(): Uint8Array {
    this.#serial = (this.#serial + 1) >>> 0;
    const id = new Uint8Array(ID_BYTES);
    new DataView(id.buffer).setUint32(0, this.#serial);
    return id;
  }
}

/** Where the body of a reply begins: behind the delimiter. Negative when the peer does not speak this pattern. */
function bodyOf(frames: readonly Uint8Array[]): number {
  if (frames[0]!.length === 0) return 1;
  return frames[0]!.length === ID_BYTES && frames[1]?.length === 0 ? 2 : -1;
}

function sameId(frame: Uint8Array, id: Uint8Array): boolean {
  return frame.length === ID_BYTES && id.every((byte, i) => frame[i] === byte);
}

/** Receives a request, then sends its reply to where it came from. */
export class ReplyPattern extends Pattern {
  override readonly type = "REP";
  /** Who asked. */
  #asker: Pipe | null = null;
  /** What stands in front of the request up to the delimiter: the way back. */
  #envelope: Uint8Array[] = [];

  override attach(): boolean {
    return true;
  }

  override send(frames: Uint8Array[]): boolean {
    const pipe = this.#asker;
    if (pipe === null) return false;
    this.#asker = null;
    // A reply that cannot be delivered at once is dropped: a REP waits for nobody.
    if (pipe.open && pipe.connected && !pipe.full) pipe.write([...this.#envelope, ...frames]);
    return true;
  }

  override receive(): Uint8Array[] | undefined {
    if (this.#asker !== null) return undefined;
    for (let frames = this.in.read(); frames !== undefined; frames = this.in.read()) {
      const delimiter = frames.findIndex((frame) => frame.length === 0);
      if (delimiter < 0 || delimiter === frames.length - 1) continue;
      this.#asker = this.in.from;
      this.#envelope = frames.slice(0, delimiter + 1);
      return frames.slice(delimiter + 1);
    }
    return undefined;
  }

  override get sendable(): boolean {
    return this.#asker !== null;
  }

  override get receivable(): boolean {
    return this.#asker === null && this.in.readable;
  }

  override get sendRefusal(): ErrorCode {
    return this.#asker === null ? "EFSM" : "EAGAIN";
  }

  override get receiveRefusal(): ErrorCode {
    return this.#asker === null ? "EAGAIN" : "EFSM";
  }
}
