/**
 * What a fault is, and a couple of sockets that must not suffer from it.
 *
 * @module
 */

import { Pull, Push, type WaitOptions, ZmqError } from "../../../mod.ts";
import { Checker, compose } from "../checker.ts";
import type { Tally } from "../part.ts";
import type { Random } from "../random.ts";

/** Where a fault is injected. */
export interface Site {
  readonly random: Random;
  /** An empty folder, removed afterwards. */
  readonly folder: string;
  readonly tally: Tally;
  /** How many times something is done that takes milliseconds. */
  readonly rounds: number;
  /** Whether there is time for more. */
  goesOn(): boolean;
}

/** One kind of fault. */
export interface Fault {
  readonly name: string;
  /** Why it cannot be injected here; `null` where it can. */
  unavailable?(): string | null;
  /** Injects it, and throws what came of it that should not. */
  run(site: Site): Promise<void>;
}

/** How long (ms) anything may take. */
export const LIMIT = 30_000;
export const patient: WaitOptions = { timeout: LIMIT };

/** A Push and a Pull, and what goes between them. */
export class Couple implements AsyncDisposable {
  static #senders = 1;
  readonly push: Push;
  readonly pull: Pull;
  readonly #site: Site;
  readonly #checker = new Checker();
  readonly #sender = Couple.#senders++;
  #sent = 0;

  constructor(site: Site, push = new Push({ linger: 0, reconnectInterval: 2 }), pull = new Pull()) {
    this.#site = site;
    this.push = push;
    this.pull = pull;
  }

  /** A couple that is connected over an endpoint. */
  static async over(site: Site, endpoint: string): Promise<Couple> {
    const couple = new Couple(site);
    await couple.pull.bind(endpoint);
    couple.push.connect(couple.pull.lastEndpoint!);
    await couple.push.waitForPeers(1, patient);
    return couple;
  }

  /** Sends messages, and receives them, all of them as they were sent. */
  async flow(count = 20): Promise<void> {
    const { random, tally } = this.#site;
    for (let i = 0; i < count; i++) {
      const label = { topic: 0, sender: this.#sender, incarnation: 0, sequence: this.#sent++ };
      const sizes = Array.from({ length: random.between(1, 3) }, () => random.below(random.pick([10, 1000, 100_000])));
      await this.push.send(compose(label, sizes), patient);
      this.#checker.take("pull", await this.pull.receive(patient));
      tally.checked++;
    }
    this.#checker.expectAll(this.#sender, 0, this.#sent);
    if (this.#checker.failures.length > 0) throw new Error(this.#checker.failures.join("; "));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.push[Symbol.asyncDispose](), this.pull[Symbol.asyncDispose]()]);
  }
}

/** The code that an operation fails with, or `null`. */
export async function codeOf(operation: () => unknown): Promise<string | null> {
  try {
    await operation();
    return null;
  } catch (error) {
    if (error instanceof ZmqError) return error.code;
    throw error;
  }
}

/** Throws unless a condition holds. */
export function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** Throws unless an operation fails with a code. */
export async function demandCode(operation: () => unknown, code: string, what: string): Promise<void> {
  const actual = await codeOf(operation);
  demand(actual === code, `${what}: ${actual ?? "nothing"} instead of ${code}`);
}
