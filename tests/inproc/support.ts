/**
 * What the tests of inproc between Workers share: tests with Workers that hold sockets, and Workers that run a program.
 *
 * @module
 */

import type * as zmq from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { SocketHost } from "../support/socket_host.ts";
import { standIn } from "../support/stand_in.ts";

/** How long (ms) a Worker may take to start: Deno checks the types of its program first. */
const START = 60_000;

/** A Worker that holds sockets, or `null` for the test's own isolate. */
export type Place = SocketHost | null;

/** An endpoint that nobody else has: the names are the whole process'. */
export function fresh(): string {
  return `inproc://${crypto.randomUUID()}`;
}

/**
 * Registers a test that may take so long, with Workers that hold its sockets.
 *
 * @param workers How many.
 * @param limit Milliseconds.
 */
export function withWorkers(
  name: string,
  workers: number,
  test: (...hosts: SocketHost[]) => Promise<void>,
  limit?: number,
): void {
  Deno.test(`inproc: ${name}`, async () => {
    const hosts: SocketHost[] = [];
    let ended: PromiseSettledResult<void>[] = [];
    try {
      for (let i = 0; i < workers; i++) {
        hosts.push(new SocketHost());
        // All at once, each would have the types checked. The Worker has started when it says that nothing is open.
        await within(hosts[i]!.request({ socket: 0, act: "end", member: "", args: [] }), "a Worker's start", START);
      }
      await within(test(...hosts), name, limit);
    } finally {
      ended = await Promise.allSettled(hosts.map((host) => host.end()));
    }
    // Of a test that has failed, its failure counts and not what came of it.
    for (const each of ended) if (each.status === "rejected") throw each.reason;
  });
}

/** Makes a socket in a place. */
export function place<T extends zmq.Socket, A extends unknown[]>(
  host: Place,
  type: new (...args: A) => T,
  ...args: A
): T {
  return host === null ? new type(...args) : standIn(host, type, args) as T;
}

/** A Worker that runs one of the programs in `workers/`. */
export class Thread implements Disposable {
  #worker: Worker;
  #said: unknown[] = [];
  #waiting: PromiseWithResolvers<unknown>[] = [];
  #failed = Promise.withResolvers<string>();

  /**
   * Starts a Worker.
   *
   * @param program The name of its program.
   * @param parameters What the program is told first, if anything.
   */
  constructor(program: string, parameters?: unknown) {
    this.#worker = new Worker(new URL(`./workers/${program}.ts`, import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#said.push(data);
      else waiting.resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failed.resolve(event.message);
      for (const each of this.#waiting.splice(0)) each.reject(new Error(`A Worker has failed: ${event.message}`));
    };
    if (parameters !== undefined) this.#worker.postMessage(parameters);
  }

  /** What an error has said that nobody in the Worker has caught. */
  get failed(): Promise<string> {
    return within(this.#failed.promise, "a Worker's error");
  }

  /** Tells the program something. */
  post(message: unknown): void {
    this.#worker.postMessage(message);
  }

  /** The next thing that the program says. */
  async next<T = unknown>(limit?: number): Promise<T> {
    if (this.#said.length > 0) return this.#said.shift() as T;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.push(waiting);
    return await within(waiting.promise, "a Worker's word", limit) as T;
  }

  /** Tells the program something, and waits for what it says. */
  ask<T = unknown>(message: unknown, limit?: number): Promise<T> {
    this.post(message);
    return this.next<T>(limit);
  }

  /** Ends the Worker, whatever it does. */
  terminate(): void {
    this.#worker.terminate();
  }

  [Symbol.dispose](): void {
    this.terminate();
  }
}

/** The locks of the library that anybody in the process holds or waits for. */
export async function locks(): Promise<string[]> {
  const { locks } = navigator as unknown as {
    locks: { query(): Promise<Record<"held" | "pending", { name: string }[]>> };
  };
  const { held, pending } = await locks.query();
  return [...held, ...pending].map(({ name }) => name).filter((name) => name.startsWith("denomq"));
}

/** Waits until a condition holds that has to be asked for, and that nothing announces. */
export async function eventually(condition: () => Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
