/**
 * The heartbeat of one connection: when to send a PING, and when to give a silent peer up.
 *
 * Two clocks can give a peer up. Ours runs from a PING of ours until any byte comes. The peer's, the time to live that its
 * own PING asks for, runs from each arrival of bytes to the next.
 *
 * @module
 */

import { encodeCommandBody } from "./command.ts";
import { ProtocolError } from "./error.ts";

/** A context longer than this is not sent back. */
const LONGEST_CONTEXT = 16;

/**
 * Encodes a PING without context.
 *
 * @param timeToLive How long the peer may hear nothing before it gives us up, in milliseconds; 0 for ever.
 * @returns The body of the command frame.
 */
export function encodePing(timeToLive: number): Uint8Array {
  const tenths = Math.min(Math.floor(timeToLive / 100), 0xffff);
  return encodeCommandBody("PING", Uint8Array.of(tenths >> 8, tenths & 0xff));
}

/**
 * Encodes the answer to a PING.
 *
 * @param data The data of the PING, at least two bytes.
 * @returns The body of the command frame.
 */
export function encodePong(data: Uint8Array): Uint8Array {
  return encodeCommandBody("PONG", data.subarray(2, 2 + LONGEST_CONTEXT));
}

/** The clocks of one connection, in milliseconds. */
export class Heartbeat {
  readonly #interval: number;
  readonly #timeout: number;
  #pingAt = Infinity;
  #timeoutAt = Infinity;
  #timeToLive = 0;
  #expiresAt = Infinity;
  #excused = false;

  /**
   * Starts the clocks.
   *
   * @param interval How often to send a PING; 0 for never.
   * @param timeout How long to wait for any bytes after a PING; −1 for as long as the interval, 0 for ever.
   * @param now The time.
   */
  constructor(interval: number, timeout: number, now: number) {
    this.#interval = interval;
    this.#timeout = timeout < 0 ? interval : timeout;
    if (interval > 0) this.#pingAt = now + interval;
  }

  /** When {@linkcode tick} has something to do next; `Infinity` for never. */
  get deadline(): number {
    return Math.min(this.#pingAt, this.#timeoutAt, this.#expiresAt);
  }

  /**
   * Bytes have come.
   *
   * @param now The time.
   */
  received(now: number): void {
    this.#timeoutAt = Infinity;
    this.#excused = false;
    if (this.#timeToLive > 0) this.#expiresAt = now + this.#timeToLive;
  }

  /**
   * The peer asked, with a PING, to be given up after a silence.
   *
   * @param data The data of the PING, at least two bytes.
   * @param now The time.
   */
  pinged(data: Uint8Array, now: number): void {
    this.#timeToLive = (data[0]! << 8 | data[1]!) * 100;
    this.#expiresAt = this.#timeToLive > 0 ? now + this.#timeToLive : Infinity;
  }

  /**
   * Sees what the time has brought.
   *
   * @param now The time.
   * @param stalled Whether this side does not read at present. Clocks that run out meanwhile, and the first one that runs
   * out afterwards with nothing read yet, are no fault of the peer and start again.
   * @returns Whether a PING is due.
   * @throws ProtocolError with the kind `"heartbeat-timeout"` when the peer is to be given up.
   */
  tick(now: number, stalled: boolean): boolean {
    if (stalled) this.#excused = true;
    if (now >= this.#timeoutAt || now >= this.#expiresAt) {
      if (!this.#excused) throw new ProtocolError("heartbeat-timeout", "Peer has been silent for too long");
      this.#excused = stalled;
      if (now >= this.#timeoutAt) this.#timeoutAt = now + this.#timeout;
      if (now >= this.#expiresAt) this.#expiresAt = now + this.#timeToLive;
    }
    if (now < this.#pingAt) return false;
    this.#pingAt = now + this.#interval;
    if (this.#timeout > 0 && this.#timeoutAt === Infinity) this.#timeoutAt = now + this.#timeout;
    return true;
  }
}
