/**
 * Timers that do not hold the process alive, and the clock they go by.
 *
 * @module
 */

/** The time in ms of a clock that never jumps. */
export function now(): number {
  return performance.now();
}

/** A longer wait than this overflows the runtime's timers. */
const LONGEST = 0x7fffffff;

/** One timer that can be set again and again. */
export class Alarm {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = Infinity;
  #ring: () => void;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Rings at a time of {@linkcode now}, instead of at the time set before; never for `Infinity`. */
  set(due: number): void {
    // A timer that is due earlier than needed is left to ring: setting one costs more than a look at the clock.
    if (this.#timer !== undefined && this.#due <= due && due !== Infinity) return;
    this.cancel();
    if (due === Infinity) return;
    this.#due = due;
    const wait = Math.min(LONGEST, Math.max(0, Math.ceil(due - now())));
    const timer = setTimeout(() => {
      this.#timer = undefined;
      this.#due = Infinity;
      this.#ring();
    }, wait);
    Deno.unrefTimer(timer);
    this.#timer = timer;
  }

  /** Does not ring any more. */
  cancel(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = Infinity;
  }
}
