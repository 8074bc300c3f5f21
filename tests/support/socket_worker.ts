/**
 * A Worker that holds sockets of a test, and does with them what the test says.
 *
 * @module
 */

import * as zmq from "../../mod.ts";
import {
  type Abort,
  type Answer,
  type Call,
  failure,
  type Introduction,
  type Outcome,
  pack,
  type Report,
} from "./socket_calls.ts";

/** The Worker's own global names, which are not those of the test's isolate. */
const worker = self as unknown as {
  onmessage: (event: MessageEvent<Introduction | Call | Abort>) => void;
  postMessage(message: Answer | Report): void;
};

const sockets = new Map<number, zmq.Socket>();
/** Calls that a signal can end. */
const controllers = new Map<number, AbortController>();
let introduction: Introduction;

worker.onmessage = ({ data }) => {
  if ("port" in data) introduction = data;
  else if ("abort" in data) controllers.get(data.abort)?.abort();
  else if (data.blocking) answerAtOnce(data);
  else answerLater(data);
};

function answerAtOnce(call: Call): void {
  const { port, flag } = introduction;
  let outcome: Outcome;
  try {
    outcome = { value: pack(perform(call)) };
  } catch (error) {
    outcome = failure(error);
  }
  port.postMessage({ id: call.id, outcome } satisfies Answer);
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}

async function answerLater(call: Call): Promise<void> {
  const { id } = call;
  let outcome: Outcome;
  try {
    outcome = { value: pack(await perform(call)) };
  } catch (error) {
    const signal = controllers.get(id)?.signal;
    outcome = signal?.aborted && error === signal.reason ? { aborted: true } : failure(error);
  }
  controllers.delete(id);
  worker.postMessage({ id, outcome });
}

/** Does what the test says. */
function perform(call: Call): unknown {
  const { id, act, member } = call;
  const args = withSignal(call);
  const socket = sockets.get(call.socket)!;
  const key = member.startsWith("Symbol.") ? Symbol[member.slice("Symbol.".length) as "dispose"] : member;
  switch (act) {
    case "make":
      sockets.set(call.socket, Reflect.construct(Reflect.get(zmq, key), args));
      return undefined;
    case "get":
      return Reflect.get(socket, key);
    case "set":
      return void Object.assign(socket, { [key]: args[0] });
    case "call":
      return Reflect.apply(Reflect.get(socket, key), socket, args);
    case "next":
      return next(socket as zmq.Pull);
    case "listen":
      return listen(id, socket, member as zmq.EventType);
    case "end":
      return end();
  }
}

/** The arguments, with a signal that the test can abort in the place of the one that it has. */
function withSignal({ id, args, signal }: Call): unknown[] {
  if (signal === undefined) return [...args];
  const controller = new AbortController();
  controllers.set(id, controller);
  if (signal.aborted) controller.abort();
  return args.map((each, i) => i === signal.at ? { ...each as zmq.WaitOptions, signal: controller.signal } : each);
}

/** The next message of an iteration, or nothing after the last: all iterations of a socket are one. */
async function next(socket: zmq.Pull): Promise<zmq.Message | undefined> {
  return (await socket[Symbol.asyncIterator]().next()).value;
}

/** Reports the events of a type. */
function listen(id: number, socket: zmq.Socket, event: zmq.EventType): void {
  socket.events.on(event, ({ address, error, interval }) => {
    worker.postMessage({ id, event, details: { address, error, interval } });
  });
}

/** Closes what the test has left open. */
async function end(): Promise<void> {
  await Promise.all(Array.from(sockets.values(), async (socket) => {
    if (!socket.closed) socket.linger = 0;
    await socket[Symbol.asyncDispose]();
  }));
}
