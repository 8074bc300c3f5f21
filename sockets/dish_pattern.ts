/**
 * DISH: receives the messages of the groups that it has joined (RFC 48).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import type { Received } from "./message.ts";
import { Pattern } from "./pattern.ts";
import { keyOf } from "./key.ts";

/** Joins groups, and receives from all peers in turn. */
export class DishPattern extends Pattern {
  override readonly type = "DISH";
  override readonly intercepts = true;
  #groups = new Map<string, Uint8Array>();
  #pipes = new Set<Pipe>();

  override attach(pipe: Pipe): boolean {
    this.#pipes.add(pipe);
    return true;
  }

  override ready(pipe: Pipe): void {
    for (const group of this.#groups.values()) pipe.subscribe(group, true);
  }

  override lost(pipe: Pipe): void {
    // The next connection begins with all groups; what was meant for this one is void.
    pipe.discard();
  }

  override ended(pipe: Pipe): void {
    this.#pipes.delete(pipe);
  }

  /** A message is a group and a body; one of a group that was left meanwhile, or never joined, is dropped. */
  override intercept(_pipe: Pipe, frames: Uint8Array[]): boolean {
    return frames.length !== 2 || !this.#groups.has(keyOf(frames[0]!));
  }

  override receive(): Received | undefined {
    const frames = this.in.read();
    return frames && [frames[1]!, { group: frames[0]! }];
  }

  /** Joins a group or leaves it; `false` where that is the case already. */
  join(group: Uint8Array, join: boolean): boolean {
    const key = keyOf(group);
    if (this.#groups.has(key) === join) return false;
    if (join) this.#groups.set(key, group);
    else this.#groups.delete(key);
    for (const pipe of this.#pipes) pipe.subscribe(group, join);
    return true;
  }
}
