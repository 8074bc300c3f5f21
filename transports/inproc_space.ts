/**
 * The names of inproc: who is bound to which, and who waits for it.
 *
 * A space belongs to a context. Within an isolate those who meet under a name are joined at once.
 *
 * @module
 */

import { ZmqError } from "./error.ts";

/** What is bound to a name; `Connector` is what meets it. */
export interface Binder<Connector> {
  /** A connector of this isolate has come. */
  meet(connector: Connector): void;
}

/** The names of one context. */
export class InprocSpace<Connector = unknown> {
  #bound = new Map<string, Binder<Connector>>();
  #waiting = new Map<string, Set<Connector>>();

  /**
   * Binds to a name. Those who wait for it are met by {@linkcode open}.
   *
   * @throws ZmqError `EADDRINUSE` when it is taken.
   */
  bind(name: string, binder: Binder<Connector>): void {
    if (this.#bound.has(name)) throw new ZmqError("EADDRINUSE", { address: `inproc://${name}` });
    this.#bound.set(name, binder);
  }

  /** Meets those who have waited for a name. */
  open(name: string): void {
    const binder = this.#bound.get(name)!;
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) return;
    this.#waiting.delete(name);
    for (const connector of waiting) binder.meet(connector);
  }

  /** Frees a name. */
  unbind(name: string, binder: Binder<Connector>): void {
    if (this.#bound.get(name) === binder) this.#bound.delete(name);
  }

  /** Meets who is bound to a name, or waits for somebody. */
  connect(name: string, connector: Connector): void {
    const binder = this.#bound.get(name);
    if (binder !== undefined) return binder.meet(connector);
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) this.#waiting.set(name, new Set([connector]));
    else waiting.add(connector);
  }

  /** Waits no longer. */
  withdraw(name: string, connector: Connector): void {
    const waiting = this.#waiting.get(name);
    if (waiting?.delete(connector) && waiting.size === 0) this.#waiting.delete(name);
  }
}
