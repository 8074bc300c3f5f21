/**
 * Whether the main isolate of the process has been heard of: only then does a Worker see which names are bound there.
 *
 * @module
 */

/** How long (ms) a Worker waits for the main isolate before it believes that nothing is bound there. */
const LONGEST = 1000;

/** What one Worker has heard of the main isolate. */
export class Hearing {
  #heard = Promise.withResolvers<void>();
  /** It did not answer, however long it had for it. */
  #mute = false;

  /** It has answered. */
  heard(): void {
    this.#mute = false;
    this.#heard.resolve();
  }

  /** It has to be greeted again. */
  reset(): void {
    this.#heard = Promise.withResolvers();
  }

  /** Resolves when it has answered, or was given time enough, which it is only once. */
  async wait(): Promise<void> {
    if (this.#mute) return;
    const { promise: tired, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#mute = true;
      resolve();
    }, LONGEST);
    Deno.unrefTimer(timer as unknown as number);
    await Promise.race([this.#heard.promise, tired]);
    clearTimeout(timer);
  }
}
