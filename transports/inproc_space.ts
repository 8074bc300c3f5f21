/**
 * The names of inproc: who is bound to which, and who waits for it.
 *
 * A space belongs to a context. Within an isolate those who meet under a name are joined at once. Where the context spans
 * the Workers of the process, the others are found by the {@linkcode meetingOfProcess}.
 *
 * @module
 */

import { ZmqError } from "./error.ts";
import { meetingOfProcess } from "./inproc_meeting.ts";
import { hasLocks } from "./lock.ts";
import type { SharedRing } from "./shared_ring.ts";

/** What is connected to a name. */
export interface Connector {
  /** Makes a ring for somebody in another Worker to accept. */
  offer(): SharedRing;
  /** Takes the offer back; `false` when it was accepted before. */
  withdraw(): boolean;
}

/** What is bound to a name; `C` is what meets it. */
export interface Binder<C> {
  /** A connector of this isolate has come. */
  meet(connector: C): void;
  /** A connector of another Worker has come, with a ring. */
  welcome(ring: SharedRing): void;
  /** The name was somebody else's before: it has been lost. */
  evict(): void;
}

/** The names of one context. */
export class InprocSpace<C extends Connector = Connector> {
  #id: string | null;
  #bound = new Map<string, Binder<C>>();
  /** Names that are surely bound here. */
  #open = new Set<string>();
  #waiting = new Map<string, Map<C, SharedRing | null>>();

  /**
   * Makes a space.
   *
   * @param id What the space is called in all Workers of the process; `null` for one that belongs to this isolate alone.
   */
  constructor(id: string | null) {
    this.#id = hasLocks() ? id : null;
  }

  /** What the space is called in all Workers. */
  get id(): string | null {
    return this.#id;
  }

  /**
   * Binds to a name. Those who wait for it are met by {@linkcode open}.
   *
   * @returns Resolves when it is sure that nobody else in the process is bound to it; `undefined` when it is.
   * @throws ZmqError `EADDRINUSE` when it is taken. The promise rejects with it, too, after {@linkcode Binder.evict}.
   */
  bind(name: string, binder: Binder<C>): Promise<void> | undefined {
    const endpoint = `inproc://${name}`;
    if (this.#bound.has(name)) throw new ZmqError("EADDRINUSE", { address: endpoint });
    const sure = this.#id === null ? undefined : meetingOfProcess().bind(this.#key(name), binder, endpoint);
    this.#bound.set(name, binder);
    return sure;
  }

  /** Whether anybody in the process is bound to a name; `undefined` where that cannot be known. */
  isBound(name: string): boolean | Promise<boolean | undefined> {
    if (this.#bound.has(name)) return true;
    return this.#id === null ? false : meetingOfProcess().isBound(this.#key(name));
  }

  /** Meets those who have waited for a name. */
  open(name: string): void {
    const binder = this.#bound.get(name)!;
    this.#open.add(name);
    for (const [connector, ring] of this.#waiting.get(name) ?? []) {
      if (ring !== null && !connector.withdraw()) continue;
      this.withdraw(name, connector);
      binder.meet(connector);
    }
    if (this.#id !== null) meetingOfProcess().announce(this.#key(name));
  }

  /** Frees a name. Resolves when others can bind to it, which in this isolate they can at once. */
  unbind(name: string, binder: Binder<C>): Promise<void> | undefined {
    if (this.#bound.get(name) !== binder) return undefined;
    this.#bound.delete(name);
    this.#open.delete(name);
    return this.#id === null ? undefined : meetingOfProcess().unbind(this.#key(name), binder);
  }

  /** Meets who is bound to a name, or waits for somebody. */
  connect(name: string, connector: C): void {
    if (this.#open.has(name)) return this.#bound.get(name)!.meet(connector);
    let waiting = this.#waiting.get(name);
    if (waiting === undefined) this.#waiting.set(name, waiting = new Map());
    const ring = this.#id === null ? null : connector.offer();
    waiting.set(connector, ring);
    if (ring !== null) meetingOfProcess().offer(this.#key(name), ring);
  }

  /** Waits no longer. */
  withdraw(name: string, connector: C): void {
    const waiting = this.#waiting.get(name);
    const ring = waiting?.get(connector);
    if (waiting === undefined || ring === undefined) return;
    waiting.delete(connector);
    if (waiting.size === 0) this.#waiting.delete(name);
    if (ring !== null) meetingOfProcess().withdraw(ring);
  }

  /** Lets other Workers of the process meet under the names of this space, which are called by this id from now on. */
  span(id: string): void {
    if (this.#id !== null || !hasLocks()) return;
    this.#id = id;
    for (const [name, binder] of this.#bound) {
      // The id is new: nobody can be bound to a name of it.
      meetingOfProcess().bind(this.#key(name), binder, `inproc://${name}`)?.catch(() => {});
    }
    for (const [name, waiting] of this.#waiting) {
      for (const connector of waiting.keys()) {
        const ring = connector.offer();
        waiting.set(connector, ring);
        meetingOfProcess().offer(this.#key(name), ring);
      }
    }
  }

  #key(name: string): string {
    return `${this.#id}/${name}`;
  }
}
