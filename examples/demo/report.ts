/** What the demo shows: its progress on stderr, its result on stdout. */

import type { Totals } from "./count.ts";

/** A number with commas, as tables have it. */
function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** Shows how far the count has come: one line redrawn on a terminal, a few lines elsewhere. */
export class Progress implements Disposable {
  readonly #total: number;
  #start: number = performance.now();
  readonly #terminal: boolean = Deno.stderr.isTerminal();
  #shown = 0;
  #lines = 0;

  constructor(total: number) {
    this.#total = total;
  }

  /** Starts the clock: everybody is there. */
  begin(): void {
    this.#start = performance.now();
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (performance.now() - this.#start) / 1_000;
  }

  /** How many lines were counted when last heard of. */
  get lines(): number {
    return this.#lines;
  }

  /** Shows that `lines` lines are counted. */
  show(lines: number): void {
    this.#lines = lines;
    const percent = Math.floor(lines / this.#total * 100);
    // Away from a terminal: one line for every quarter.
    if (!this.#terminal && percent < this.#shown + 25) return;
    this.#shown = percent - percent % 25;
    const rate = grouped(lines / this.seconds);
    this.#write(`${grouped(lines)} of ${grouped(this.#total)} lines counted (${percent} %), ${rate} lines/s`);
  }

  /** Makes room for what comes after. */
  clear(): void {
    if (this.#terminal) this.#write("");
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #write(text: string): void {
    Deno.stderr.writeSync(new TextEncoder().encode(this.#terminal ? `\r\x1b[K${text}` : `${text}\n`));
  }
}

/** The table printed at the end. */
export function table(files: number, totals: Totals, passes: number, seconds: number): string {
  const passed = passes === 1 ? "" : ` (the folder's ${grouped(totals.lines / passes)}, ${passes} times)`;
  const rows: [string, string][] = [
    ["files", grouped(files)],
    ["lines", grouped(totals.lines) + passed],
    ["bytes", grouped(totals.bytes)],
    ["words", grouped(totals.words)],
    ["letters", grouped(totals.letters)],
    // Each line is one message to a worker, and its counts one message to the sink.
    ["messages", `${grouped(totals.lines * 2)} in ${seconds.toFixed(2)} s`],
    ["messages/s", grouped(totals.lines * 2 / seconds)],
    ...totals.shares.map((lines, worker): [string, string] => [
      `worker ${worker + 1}`,
      `${grouped(lines)} lines (${(lines / totals.lines * 100).toFixed(1)} %)`,
    ]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(12)}${value}`).join("\n");
}
