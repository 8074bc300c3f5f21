/**
 * What a part of the torture is, and what it counts.
 *
 * @module
 */

/** What a part is run with. */
export interface Ordeal {
  /** The source of everything random: the same seed gives the same programs, inputs and faults. */
  readonly seed: number;
  /** How long (ms) the part may go on; it ends soon after, having finished what it was at. */
  readonly time: number;
  /** A folder of its own for endpoints and files; it exists, and is removed afterwards. */
  readonly folder: string;
  /** Takes a line for whoever watches, now and then. */
  say(line: string): void;
}

/** What has come of it. A part leaves at 0 what it does not do. */
export interface Tally {
  /** Inputs tried: conversations, connections, programs. */
  inputs: number;
  /** Faults injected. */
  faults: number;
  /** Messages that a checker has looked at. */
  checked: number;
  /** What ZeroMQ allows to be lost, where a peer died or a queue was full. */
  allowed: number;
  /** What went wrong beyond that, one line each, with what it takes to have it happen again. Empty is success. */
  failures: string[];
}

/** A part of the torture. */
export interface Part {
  readonly name: string;
  /** Why it cannot be run here; `null` where it can. */
  unavailable(): string | null;
  run(ordeal: Ordeal): Promise<Tally>;
}

/** A tally of nothing yet. */
export function tally(): Tally {
  return { inputs: 0, faults: 0, checked: 0, allowed: 0, failures: [] };
}
