/**
 * Figures as text.
 *
 * @module
 */

/** A rate as a table has it. */
export function rateText(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} M/s`;
  return perSecond >= 1e4 ? `${(perSecond / 1e3).toFixed(0)} k/s` : `${(perSecond / 1e3).toFixed(2)} k/s`;
}

/** A time as a table has it. */
export function timeText(microseconds: number): string {
  return `${microseconds.toFixed(microseconds < 100 ? 1 : 0)} µs`;
}

/** A number of bytes. */
export function sizeText(size: number): string {
  for (const [unit, name] of [[2 ** 20, "MiB"], [2 ** 10, "KiB"]] as const) {
    if (size >= unit && size % unit === 0) return `${size / unit} ${name}`;
  }
  return `${size} B`;
}

/** How many times as fast. */
export function ratioText(ratio: number): string {
  return `${ratio.toFixed(2)} x`;
}

/** Lines of a table in Markdown, as wide as its heads. */
export class Table {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** The first lines. */
  head(): string {
    return `${this.row(this.#names)}\n${this.row(this.#names.map((_, index) => index === 0 ? "---" : "---:"))}`;
  }

  row(cells: readonly string[]): string {
    const padded = cells.map((cell, index) => index === 0 ? cell.padEnd(8) : cell.padStart(this.#width(index)));
    return `| ${padded.join(" | ")} |`;
  }

  #width(column: number): number {
    return Math.max(10, this.#names[column]?.length ?? 0);
  }
}
