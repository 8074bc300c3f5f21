/**
 * What the tests of the public interface share.
 *
 * @module
 */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type ErrorCode, type Message, Pull, Push, type Socket, type SocketEvent, ZmqError } from "../../mod.ts";
import { within } from "../support/deadline.ts";

const decoder = new TextDecoder();

/** The frames of a message as text. */
export function text(message: Message | null): string[] {
  return (message ?? []).map((frame) => decoder.decode(frame));
}

/** Receives the next message as text, though not for ever. */
export async function next(socket: { receive(): Promise<Message> }): Promise<string[]> {
  return text(await within(socket.receive(), "a message"));
}

/** Asserts that a call fails with a code. */
export function throwsCode(call: () => unknown, code: ErrorCode): ZmqError {
  const error = assertThrows(call, ZmqError);
  assertEquals(error.code, code, error.message);
  return error;
}

/** Asserts that a promise is rejected with a code. */
export async function rejectsCode(call: () => Promise<unknown>, code: ErrorCode): Promise<ZmqError> {
  const error = await assertRejects(() => within(call(), code), ZmqError);
  assertEquals(error.code, code, error.message);
  return error;
}

/** Waits until a condition holds that nothing announces. */
export async function until(condition: () => boolean, what: string | (() => string), limit = 10_000): Promise<void> {
  const end = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > end) {
      throw new Error(`Waited ${limit} ms until ${typeof what === "string" ? what : what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether a promise is still pending after several turns of the event loop. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  promise.then(() => pending = false, () => pending = false);
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve, 2));
  return pending;
}

/** A Pull that is bound and a Push that is connected to it. */
export class Pipeline implements AsyncDisposable {
  readonly pull: Pull;
  readonly push: Push;

  constructor(pull: Pull, push: Push) {
    this.pull = pull;
    this.push = push;
  }

  /** Connects them. */
  static async make(options: { pull?: Partial<Pull>; push?: Partial<Push> } = {}): Promise<Pipeline> {
    const pipeline = new Pipeline(new Pull(), new Push());
    Object.assign(pipeline.pull, options.pull ?? {});
    Object.assign(pipeline.push, { linger: 0, ...options.push });
    await pipeline.pull.bind("ipc://*");
    pipeline.push.connect(pipeline.pull.lastEndpoint!);
    await within(pipeline.push.waitForPeers(), "the peer");
    return pipeline;
  }

  /** Closes both. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.push[Symbol.asyncDispose](), this.pull[Symbol.asyncDispose]()]);
  }
}

/** Notes the events of a socket from now on. */
export class Log {
  readonly events: SocketEvent[] = [];
  #ended: Promise<void>;

  constructor(socket: Socket) {
    // The iteration begins with this call, not when its first result is awaited.
    const iterator = socket.events[Symbol.asyncIterator]();
    this.#ended = this.#run(iterator);
  }

  async #run(iterator: AsyncIterator<SocketEvent, undefined>): Promise<void> {
    for (let item = await iterator.next(); !item.done; item = await iterator.next()) this.events.push(item.value);
  }

  /** The types in their order. */
  get types(): string[] {
    return this.events.map((event) => event.type);
  }

  /** How many events of a type there were. */
  count(type: string): number {
    return this.events.filter((event) => event.type === type).length;
  }

  /** Waits until there were `count` events of a type, and returns the last of them. */
  async wait(type: string, count = 1): Promise<SocketEvent> {
    await until(() => this.count(type) >= count, () => `${count} × ${type}; there were ${this.types}`);
    return this.events.filter((event) => event.type === type)[count - 1]!;
  }

  /** Waits until the socket has ended. */
  async end(): Promise<string[]> {
    await within(this.#ended, "the end of the events");
    return this.types;
  }
}
