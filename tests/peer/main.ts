// The peer program: sockets of the real libzmq, driven by commands on stdin (see protocol.ts). It depends on nothing but
// the files next to it, so it can run with `--no-config`.

import { setImmediate } from "node:timers";
import { Context, LibzmqError, type Socket } from "./libzmq.ts";
import type { MonitorEvent, OptionName } from "./libzmq_names.ts";
import { body, digest, message, Verifier } from "./payload.ts";
import type {
  BulkReport,
  CommandName,
  Commands,
  FrameReport,
  FrameSpec,
  OptionValue,
  RequestLine,
} from "./protocol.ts";
import { serve } from "./serve.ts";

type Handlers = {
  [C in CommandName]: (request: Commands[C]["request"]) => Commands[C]["result"] | Promise<Commands[C]["result"]>;
};

/** Frames up to this size are reported with their bytes. */
const REPORTED = 64 * 1024;
/** Messages between two looks at the other sockets. */
const TURN = 256;
/** Immediate attempts before the slower ones. */
const PATIENCE = 50;
/** Milliseconds between looks at sockets that nobody is using. */
const HOUSEKEEPING = 5;

const context = new Context();
const sockets = new Map<number, Socket>();
let lastHandle = 0;

function socketOf(handle: number): Socket {
  const socket = sockets.get(handle);
  if (socket === undefined) throw new LibzmqError(`No socket ${handle}`, "ENOTSOCK");
  return socket;
}

function bytesOf(spec: FrameSpec): Uint8Array<ArrayBuffer> {
  if ("text" in spec) return new TextEncoder().encode(spec.text);
  if ("base64" in spec) return Uint8Array.fromBase64(spec.base64);
  return body(spec.size, spec.seed ?? 1, spec.sequence ?? 0, spec.part ?? 0);
}

const valueOf = (value: OptionValue) => typeof value === "number" ? value : bytesOf(value);

/** Let the other commands and sockets run. */
function turn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  return promise;
}

/** Give the processor to somebody else for a moment. */
function pause(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 1);
  return promise;
}

/** Try until there is a result (not null, not false), or fail with EAGAIN. */
async function retry<T>(
  handle: number,
  what: string,
  timeout: number,
  attempt: (socket: Socket) => T,
): Promise<Exclude<T, null | false>> {
  const deadline = performance.now() + timeout;
  for (let attempts = 0;; attempts++) {
    const result = attempt(socketOf(handle));
    if (result !== null && result !== false) return result as Exclude<T, null | false>;
    if (performance.now() >= deadline) throw new LibzmqError(`${what}: nothing within ${timeout} ms`, "EAGAIN");
    await (attempts < PATIENCE ? turn() : pause());
  }
}

function report(frame: Uint8Array): FrameReport {
  return frame.length > REPORTED ? digest(frame) : { ...digest(frame), base64: frame.toBase64() };
}

/** Count what happens `count` times and how long that takes; `step` answers how many bytes it moved. */
async function bulk(count: number, step: (index: number) => number | Promise<number>): Promise<BulkReport> {
  let bytes = 0;
  let begin = performance.now();
  for (let index = 0; index < count; index++) {
    const moved = step(index);
    bytes += typeof moved === "number" ? moved : await moved;
    if (index === 0) begin = performance.now();
    if (index % TURN === TURN - 1) await turn();
  }
  return { count, bytes, seconds: (performance.now() - begin) / 1000 };
}

const total = (frames: readonly Uint8Array[]) => frames.reduce((sum, frame) => sum + frame.length, 0);

function matches(frames: readonly Uint8Array[], text: string | undefined): boolean {
  const [first] = frames;
  return text !== undefined && first !== undefined && first.length === text.length &&
    new TextDecoder().decode(first) === text;
}

const handlers: Handlers = {
  version: () => context.version,
  open({ type, options }) {
    const socket = context.socket(type);
    const handle = ++lastHandle;
    sockets.set(handle, socket);
    for (const [name, value] of Object.entries(options)) socket.set(name as OptionName, valueOf(value));
    socket.monitor(`monitor-${handle}`);
    return handle;
  },
  bind({ socket, endpoint }) {
    socketOf(socket).bind(endpoint);
    return String(socketOf(socket).get("LAST_ENDPOINT"));
  },
  unbind({ socket, endpoint }) {
    socketOf(socket).unbind(endpoint);
    return null;
  },
  connect({ socket, endpoint }) {
    socketOf(socket).connect(endpoint);
    return String(socketOf(socket).get("LAST_ENDPOINT"));
  },
  disconnect({ socket, endpoint }) {
    socketOf(socket).disconnect(endpoint);
    return null;
  },
  setOption({ socket, name, value }) {
    socketOf(socket).set(name, valueOf(value));
    return null;
  },
  getOption: ({ socket, name }) => socketOf(socket).get(name),
  async send({ socket, frames, timeout }) {
    const message = frames.map(bytesOf);
    await retry(socket, "send", timeout, (socket) => socket.trySend(message));
    return null;
  },
  async recv({ socket, timeout }) {
    return (await retry(socket, "recv", timeout, (socket) => socket.tryReceive())).map(report);
  },
  sendMany({ socket, plan, timeout }) {
    const envelope = (plan.envelope ?? []).map(bytesOf);
    return bulk(plan.count, (index) => {
      const frames = message(plan, index);
      const all = [...envelope, ...frames];
      if (socketOf(socket).trySend(all)) return total(frames);
      return retry(socket, `sendMany at message ${index}`, timeout, (socket) => socket.trySend(all))
        .then(() => total(frames));
    });
  },
  recvMany({ socket, plan, timeout }) {
    const verifier = new Verifier(plan);
    const envelope = plan.envelope ?? 0;
    const take = (frames: Uint8Array[]): number => {
      const counted = frames.slice(envelope);
      verifier.accept(counted);
      return total(counted);
    };
    return bulk(plan.count, (index) => {
      const wanted = (socket: Socket): Uint8Array[] | null => {
        let frames = socket.tryReceive();
        while (index === 0 && frames !== null && matches(frames, plan.skip)) frames = socket.tryReceive();
        return frames;
      };
      const frames = wanted(socketOf(socket));
      if (frames !== null) return take(frames);
      return retry(socket, `recvMany at message ${index}`, timeout, wanted).then(take);
    });
  },
  echo({ socket, count, timeout }) {
    return bulk(count, async (index) => {
      const what = `echo at message ${index}`;
      const frames = socketOf(socket).tryReceive() ??
        await retry(socket, what, timeout, (socket) => socket.tryReceive());
      if (!socketOf(socket).trySend(frames)) await retry(socket, what, timeout, (socket) => socket.trySend(frames));
      return total(frames);
    });
  },
  ask({ socket, plan, timeout }) {
    const verifier = new Verifier(plan);
    return bulk(plan.count, async (index) => {
      const what = `ask at message ${index}`;
      await retry(socket, what, timeout, (socket) => socket.trySend(message(plan, index)));
      const answer = await retry(socket, what, timeout, (socket) => socket.tryReceive());
      verifier.accept(answer);
      return total(answer);
    });
  },
  waitEvent({ socket, events, timeout }) {
    return retry(socket, `event ${events.join(" or ")}`, timeout, (socket): MonitorEvent | null => {
      let event = socket.tryEvent();
      while (event !== null && !events.includes(event.event)) event = socket.tryEvent();
      return event;
    });
  },
  close({ socket, linger }) {
    const closing = socketOf(socket);
    if (linger !== undefined) closing.set("LINGER", linger);
    sockets.delete(socket);
    closing.close();
    return null;
  },
  async term({ linger }) {
    for (const socket of sockets.values()) {
      if (linger !== undefined) socket.set("LINGER", linger);
      socket.close();
    }
    sockets.clear();
    await context.term();
    // Once that has been answered.
    setTimeout(() => Deno.exit(0));
    return null;
  },
};

// libzmq's sockets do their housekeeping (a new connection, a subscription passed on to it) inside calls. A program that
// waits on all of its sockets makes such calls all the time; this does so for those that no command is waiting on.
setInterval(() => {
  for (const socket of sockets.values()) socket.get("EVENTS");
}, HOUSEKEEPING);

// The line says which command it is, and with it what the rest of the line is: one cast instead of a switch.
await serve((request: RequestLine) => (handlers[request.command] as (request: RequestLine) => unknown)(request));
