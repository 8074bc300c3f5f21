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

  /** A message is a group and a body; one of a group that was never joined takes no room. */
  override intercept(_pipe: Pipe, frames: Uint8Array[]): boolean {
    return frames.length !== 2 || !this.#joined(frames[0]!);
  }

  /** A group may have been left while its message waited. */
  override receive(): Received | undefined {
    for (let frames = this.in.read(); frames !== undefined; frames = this.in.read()) {
      if (this.#joined(frames[0]!)) return [frames[1]!, { group: frames[0]! }];
    }
    return undefined;
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

  #joined(group: Uint8Array): boolean {
    return this.#groups.has(keyOf(group));
  }
}
