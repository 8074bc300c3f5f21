/**
 * A line that says how far something is, where somebody looks at it.
 *
 * @module
 */

/** Counts steps on stderr, if that is a terminal. */
export class Progress {
  readonly #total: number;
  readonly #shown = Deno.stderr.isTerminal();
  #done = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** One step more is done; `doing` is what follows. */
  step(doing: string): void {
    this.#done++;
    this.show(doing);
  }

  /** Says what is being done. */
  show(doing: string): void {
    if (!this.#shown) return;
    const width = 24;
    const filled = Math.round(width * this.#done / this.#total);
    const bar = "=".repeat(filled).padEnd(width);
    this.#write(`\r\x1b[K[${bar}] ${this.#done}/${this.#total} ${doing}`);
  }

  /** Removes the line, so that something else can be printed. */
  clear(): void {
    if (this.#shown) this.#write("\r\x1b[K");
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  }
}
