/**
 * A Worker that holds sockets, as the test sees it.
 *
 * @module
 */

import { receiveMessageOnPort } from "node:worker_threads";
import { type EventHandler, type EventOfType, SocketEvent } from "../../mod.ts";
import { within } from "./deadline.ts";
import { type Abort, type Answer, type Call, type Introduction, type Report, resultOf } from "./socket_calls.ts";

/** How long (ms) the test stands still for an answer, or waits for the Worker's end. */
const LIMIT = 10_000;

/** What is asked: all of a call but what belongs to the way it is made. */
export type Question = Pick<Call, "socket" | "act" | "member" | "args">;

interface Waiting extends PromiseWithResolvers<unknown> {
  readonly signal: AbortSignal | undefined;
}

/** One Worker. */
export class SocketHost {
  #worker: Worker;
  #answers: MessagePort;
  #flag: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4));
  #calls = 0;
  #waiting = new Map<number, Waiting>();
  #handlers = new Map<number, EventHandler>();

  constructor() {
    this.#worker = new Worker(new URL("./socket_worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<Answer | Report>) => this.#receive(data);
    const { port1, port2 } = new MessageChannel();
    this.#answers = port1;
    const introduction: Introduction = { port: port2, flag: this.#flag };
    this.#worker.postMessage(introduction, [port2]);
  }

  /** Asks, and stands still until the answer is there. Nothing else of the test's isolate goes on meanwhile. */
  ask(question: Question): unknown {
    const id = this.#calls++;
    Atomics.store(this.#flag, 0, 0);
    this.#post({ id, ...question, blocking: true });
    const late = performance.now() + LIMIT;
    let answer: Answer | undefined;
    // Rarely (once in half a million times, Deno 2.9) the flag is seen before the answer.
    while (answer?.id !== id) {
      if (Atomics.wait(this.#flag, 0, 0, LIMIT) === "timed-out" || performance.now() > late) {
        throw new Error(`Stood still ${LIMIT} ms for a Worker to ${question.act} ${question.member}`);
      }
      answer = receiveMessageOnPort(this.#answers as never)?.message;
    }
    return resultOf(answer.outcome);
  }

  /** Asks, and the answer comes when it comes. Questions are put in their order, whichever way. */
  request(question: Question): Promise<unknown> {
    const id = this.#calls++;
    const at = question.args.findIndex((each) => each instanceof Object && "signal" in each);
    const options = question.args[at] as { signal?: AbortSignal } | undefined;
    const signal = options?.signal;
    const waiting: Waiting = { ...Promise.withResolvers(), signal };
    this.#waiting.set(id, waiting);
    if (signal === undefined) {
      this.#post({ id, ...question, blocking: false });
      return waiting.promise;
    }
    // A signal cannot be posted.
    const args = question.args.with(at, { ...options, signal: undefined });
    this.#post({ id, ...question, args, blocking: false, signal: { at, aborted: signal.aborted } });
    const abort = () => this.#post({ abort: id });
    signal.addEventListener("abort", abort);
    return waiting.promise.finally(() => signal.removeEventListener("abort", abort));
  }

  /** Has events of a socket reported. */
  listen(socket: number, type: string, handler: EventHandler): void {
    this.#handlers.set(this.#calls, handler);
    this.ask({ socket, act: "listen", member: type, args: [] });
  }

  /** Closes the sockets that are open, and ends the Worker. */
  async end(): Promise<void> {
    // What still waits is the test's no more: nobody would hear that it fails.
    this.#waiting.clear();
    this.#handlers.clear();
    try {
      await within(this.request({ socket: 0, act: "end", member: "", args: [] }), "a Worker's end", LIMIT);
    } finally {
      this.#worker.terminate();
      this.#answers.close();
    }
  }

  #post(message: Call | Abort): void {
    this.#worker.postMessage(message);
  }

  #receive(answer: Answer | Report): void {
    if ("event" in answer) {
      this.#handlers.get(answer.id)?.(new SocketEvent(answer.event, answer.details) as EventOfType);
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    try {
      waiting?.resolve(resultOf(answer.outcome, waiting.signal));
    } catch (error) {
      waiting?.reject(error);
    }
  }
}
