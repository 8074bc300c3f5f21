/**
 * Holds the process while something of ours has to happen yet: a pending send or receive, a closed socket that lingers.
 *
 * The streams and listeners beneath never do: an idle socket lets a program end.
 *
 * @module
 */

/** A hold that ends is looked at only after this time (ms): the next one often follows at once. */
const PATIENCE = 20;
const FOREVER = 0x7fffffff;

let holds = 0;
let users = 0;
let anchor: ReturnType<typeof setInterval> | undefined;
let check: ReturnType<typeof setTimeout> | undefined;

/** Holds the process until {@linkcode release} is called as often. */
export function hold(): void {
  if (holds++ === 0) anchor ??= setInterval(() => {}, FOREVER);
}

/** Ends a {@linkcode hold}. */
export function release(): void {
  if (--holds > 0) return;
  if (users === 0) letGo();
  else check ??= setTimeout(look, PATIENCE);
}

/** A socket was opened. */
export function enter(): void {
  users++;
}

/** A socket is gone; with the last one goes every timer. */
export function leave(): void {
  if (--users === 0 && holds === 0) letGo();
}

function look(): void {
  check = undefined;
  if (holds === 0) letGo();
}

function letGo(): void {
  clearInterval(anchor);
  clearTimeout(check);
  anchor = check = undefined;
}
