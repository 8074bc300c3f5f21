/**
 * RADIO: every message to all peers that joined its group (RFC 48).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { Pattern } from "./pattern.ts";
import { keyOf } from "./key.ts";
import { limitSubscriptions } from "./subscription_limit.ts";

/** Sends to groups; what peers send besides joining and leaving is ignored. */
export class RadioPattern extends Pattern {
  override readonly type = "RADIO";
  override readonly intercepts = true;
  #groups = new Map<string, Set<Pipe>>();
  #joined = new Map<Pipe, Set<string>>();

  override attach(pipe: Pipe): boolean {
    this.#joined.set(pipe, new Set());
    return true;
  }

  override ready(pipe: Pipe, again: boolean): void {
    // Until it was back its messages were queued; now it says anew what it wants.
    if (again) this.#leaveAll(pipe);
  }

  override ended(pipe: Pipe): void {
    this.#leaveAll(pipe);
    this.#joined.delete(pipe);
  }

  override subscription(pipe: Pipe, group: Uint8Array, join: boolean): void {
    const key = keyOf(group);
    const joined = this.#joined.get(pipe)!;
    if (!join) return this.#leave(pipe, key);
    joined.add(key);
    const members = this.#groups.get(key);
    if (members === undefined) this.#groups.set(key, new Set([pipe]));
    else members.add(pipe);
    // Names of groups are short, whatever their number.
    limitSubscriptions(pipe, joined.size, 0, this.host.options);
  }

  override intercept(): boolean {
    return true;
  }

  override send(frames: Uint8Array[]): boolean {
    for (const pipe of this.#groups.get(keyOf(frames[0]!)) ?? []) {
      // Each pipe gets an array of its own, for over inproc its receiver will have it.
      if (pipe.full) this.dropping = true;
      else if (pipe.open) pipe.write(frames.slice());
      if (pipe.full && pipe.moving) this.pressed = true;
    }
    return true;
  }

  override get sendable(): boolean {
    return true;
  }

  /** How many connected peers have joined a group, or any. */
  members(group: Uint8Array | undefined): number {
    let count = 0;
    for (const [pipe, joined] of this.#joined) {
      if (pipe.connected && (group === undefined ? joined.size > 0 : joined.has(keyOf(group)))) count++;
    }
    return count;
  }

  #leaveAll(pipe: Pipe): void {
    for (const key of [...this.#joined.get(pipe) ?? []]) this.#leave(pipe, key);
  }

  #leave(pipe: Pipe, key: string): void {
    this.#joined.get(pipe)!.delete(key);
    const members = this.#groups.get(key);
    if (members?.delete(pipe) && members.size === 0) this.#groups.delete(key);
  }
}
