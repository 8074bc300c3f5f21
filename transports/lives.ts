/**
 * The lives of Workers: each holds a lock of its own, which others get when it has ended, however it ended. They share it,
 * so that nobody waits for another who is busy, or has ended too: Deno 2.9 never frees a lock that was granted to an isolate
 * which ended before it could hear of that.
 *
 * @module
 */

import { type Lock, lock } from "./lock.ts";

/** Somebody whom others want to outlive. */
interface Watch {
  readonly lock: Lock;
  readonly ended: Set<() => void>;
}

/** The Workers that this isolate watches. */
export class Lives {
  #prefix: string;
  #watches = new Map<string, Watch>();

  /** Watches Workers whose locks have names with this prefix. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Begins a life, which ends with this isolate or with the lock. */
  begin(name: string): Lock {
    return lock(this.#prefix + name);
  }

  /** Calls back when a life has ended. Returns what ends the watch. */
  watch(name: string, ended: () => void): () => void {
    const watch = this.#watches.get(name) ?? this.#begin(name);
    watch.ended.add(ended);
    return () => {
      if (!watch.ended.delete(ended) || watch.ended.size > 0 || this.#watches.get(name) !== watch) return;
      this.#watches.delete(name);
      watch.lock.release();
    };
  }

  #begin(name: string): Watch {
    const watch: Watch = { lock: lock(this.#prefix + name, "shared"), ended: new Set() };
    this.#watches.set(name, watch);
    watch.lock.decided.then((granted) => {
      watch.lock.release();
      if (!granted) return;
      this.#watches.delete(name);
      for (const ended of [...watch.ended]) ended();
    });
    return watch;
  }
}
