/**
 * Offers of rings to whoever is bound to a name. Broadcasts may be lost where a Worker is too busy to take them (the runtime
 * keeps the last hundred or so), so that offers are repeated until they are accepted.
 *
 * @module
 */

import type { SharedRing } from "./shared_ring.ts";

/** First and longest wait (ms) before an offer is repeated. */
const FIRST_REPEAT = 100;
const LONGEST_REPEAT = 1000;

/** One offer that nobody has accepted yet. */
interface Offer {
  readonly key: string;
  readonly ring: SharedRing;
  wait: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The offers of this isolate. */
export class Offers {
  #post: (key: string, memory: SharedArrayBuffer) => void;
  #offers = new Map<SharedRing, Offer>();

  /** Makes a list of offers, which are broadcast by `post`. */
  constructor(post: (key: string, memory: SharedArrayBuffer) => void) {
    this.#post = post;
  }

  /** How many are open. */
  get size(): number {
    return this.#offers.size;
  }

  /** Offers a ring until {@linkcode withdraw}. */
  make(key: string, ring: SharedRing): void {
    const offer: Offer = { key, ring, wait: FIRST_REPEAT, timer: undefined };
    this.#offers.set(ring, offer);
    this.#send(offer);
  }

  /** Ends an offer; `false` when it has ended before. */
  withdraw(ring: SharedRing): boolean {
    clearTimeout(this.#offers.get(ring)?.timer);
    return this.#offers.delete(ring);
  }

  /** Repeats the offers for one name, or all, without waiting. */
  repeat(key?: string): void {
    for (const offer of this.#offers.values()) if (key === undefined || offer.key === key) this.#send(offer);
  }

  #send(offer: Offer): void {
    clearTimeout(offer.timer);
    // Whoever has accepted it may have ended before it could ring.
    if (offer.ring.accepted) return offer.ring.disarm();
    this.#post(offer.key, offer.ring.buffer);
    offer.timer = setTimeout(() => this.#send(offer), offer.wait);
    Deno.unrefTimer(offer.timer as unknown as number);
    offer.wait = Math.min(offer.wait * 2, LONGEST_REPEAT);
  }
}
