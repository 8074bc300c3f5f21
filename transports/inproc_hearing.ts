/**
 * Whether the main isolate of the process has been heard of: only then does a Worker see which names are bound there.
 *
 * @module
 */

/** How long (ms) a Worker waits for the main isolate before it takes no answer for one. */
const LONGEST = 1000;

/** What one Worker has heard of the main isolate. */
export class Hearing {
  #heard = Promise.withResolvers<void>();

  /** It has answered. */
  heard(): void {
    this.#heard.resolve();
  }

  /** It has to be greeted again. */
  reset(): void {
    this.#heard = Promise.withResolvers();
  }

  /** Resolves when it has answered, to `true`, or was given time enough: it may be busy, or take no part in inproc. */
  async wait(): Promise<boolean> {
    const { promise: tired, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), LONGEST);
    Deno.unrefTimer(timer as unknown as number);
    try {
      return await Promise.race([this.#heard.promise.then(() => true), tired]);
    } finally {
      clearTimeout(timer);
    }
  }
}
