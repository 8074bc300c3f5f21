/**
 * Holds the process while something of ours has to happen yet: a pending send or receive, a closed socket that lingers.
 *
 * The streams and listeners beneath never do: an idle socket lets a program end.
 *
 * @module
 */

import { attended, inhabited } from "../transports/attendance.ts";

/** A hold that ends is looked at only after this time (ms): the next one often follows at once. */
const PATIENCE = 20;
const FOREVER = 0x7fffffff;

let holds = 0;
let users = 0;
let anchor: ReturnType<typeof setInterval> | undefined;
let check: ReturnType<typeof setTimeout> | undefined;

/** Holds the process until {@linkcode release} is called as often. */
export function hold(): void {
  if (holds++ > 0 || anchor !== undefined) return;
  anchor = setInterval(() => {}, FOREVER);
  attended(true);
}

/** Ends a {@linkcode hold}. */
export function release(): void {
  if (--holds > 0) return;
  if (users === 0) letGo();
  else check ??= setTimeout(look, PATIENCE);
}

/** A socket was opened. */
export function enter(): void {
  if (users++ === 0) inhabited(true);
}

/** A socket is gone; with the last one goes every timer. */
export function leave(): void {
  if (--users > 0) return;
  if (holds === 0) letGo();
  inhabited(false);
}

function look(): void {
  check = undefined;
  if (holds === 0) letGo();
}

function letGo(): void {
  if (anchor !== undefined) attended(false);
  clearInterval(anchor);
  clearTimeout(check);
  anchor = check = undefined;
}
