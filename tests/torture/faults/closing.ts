/**
 * Sockets that are closed in every state, while everything is pending.
 *
 * @module
 */

import * as zmq from "../../../mod.ts";
import { RawServer } from "../../api/raw.ts";
import { within } from "../../support/deadline.ts";
import { demand, demandCode, type Fault, LIMIT, type Site } from "./fault.ts";
import { type Wire, wires } from "./wire.ts";

const TYPES = [
  zmq.Pair,
  zmq.Publisher,
  zmq.Subscriber,
  zmq.XPublisher,
  zmq.XSubscriber,
  zmq.Request,
  zmq.Reply,
  zmq.Dealer,
  zmq.Router,
  zmq.Push,
  zmq.Pull,
];

/** What a socket may be able to do besides what all can. */
type Any = zmq.Socket & Partial<Pick<zmq.Dealer, "send" | "receive" | "readableStream" | "writableStream">>;

/** How a pending operation ended: `"done"`, or the code of its error. */
type End = string;

/** Something that is pending when a socket is closed, and ends as one of these. */
interface Pending {
  readonly what: string;
  readonly ends: readonly End[];
  readonly end: Promise<End>;
}

async function endOf(operation: () => Promise<unknown>): Promise<End> {
  try {
    await operation();
    return "done";
  } catch (error) {
    return error instanceof zmq.ZmqError ? error.code : String(error);
  }
}

/** The endpoints of a socket: bound, connected to one that is there, to nobody, and to one that never greets. */
async function prepare(socket: Any, peer: zmq.Socket, wire: Wire, site: Site): Promise<Disposable | null> {
  const { random } = site;
  const fresh = () => wire.endpoint(site.folder);
  if (random.chance(0.5)) await socket.bind(fresh());
  if (random.chance(0.5)) {
    const endpoint = fresh();
    await peer.bind(endpoint);
    socket.connect(peer.lastEndpoint!);
    if (random.chance(0.5)) await socket.waitForPeers(1, { timeout: LIMIT });
  }
  if (random.chance(0.5)) socket.connect(fresh());
  if (!random.chance(0.3) || !wire.name.startsWith("ipc")) return null;
  const mute = new RawServer(fresh());
  socket.connect(mute.endpoint);
  return mute;
}

/** Begins some of all that a socket can be waiting for. */
function begin(socket: Any, wire: Wire, site: Site): Pending[] {
  const { random } = site;
  const all: Pending[] = [];
  // What a socket can do, or cannot do in its state, is done or refused before; what waits then is given up.
  const ends = ["done", "EAGAIN", "EFSM", "EHOSTUNREACH"];
  const add = (what: string, ends: readonly End[], operation: () => Promise<unknown>) => {
    if (random.chance(0.6)) all.push({ what, ends, end: endOf(operation) });
  };
  const { receive, send, readableStream, writableStream } = socket;
  const many = random.pick([1, 3, 2000]);
  if (send !== undefined) {
    for (let i = 0; i < many; i++) add("send()", ends, () => send.call(socket, ["one", "two", "three"]));
    add("send() with a signal", ends, () => send.call(socket, "x", { signal: new AbortController().signal }));
    add("send() with a timeout", ends, () => send.call(socket, "x", { timeout: LIMIT }));
  }
  if (receive !== undefined) {
    for (let i = 0; i < 3; i++) add("receive()", ends, () => receive.call(socket));
    add("receive() with a signal", ends, () => receive.call(socket, { signal: new AbortController().signal }));
    add("a loop", ["done"], async () => {
      for await (const _ of socket as zmq.Pull) { /* Nothing is done with it. */ }
    });
  }
  if (readableStream !== undefined) {
    add("a ReadableStream", ["done"], async () => {
      for await (const _ of readableStream.call(socket)) { /* Nor with these. */ }
    });
  }
  if (writableStream !== undefined) {
    add("a WritableStream", ["EBADF", ...ends], async () => {
      const writer = writableStream.call(socket).getWriter();
      writer.closed.catch(() => {});
      for (let i = 0; i < 2000; i++) await writer.write("x");
    });
  }
  add("waitForPeers()", ["EAGAIN"], () => socket.waitForPeers(1000));
  add("the events", ["done"], async () => {
    for await (const _ of socket.events) { /* Nor with them. */ }
  });
  add("bind()", ["done", "EBADF", "EAGAIN"], () => socket.bind(wire.endpoint(site.folder)));
  add("bind() and unbind()", ["done", "EBADF", "EAGAIN"], () => {
    const endpoint = wire.endpoint(site.folder);
    const binding = socket.bind(endpoint);
    return Promise.all([binding, socket.unbind(endpoint)]);
  });
  // A Pair that has its peer has no use for another endpoint.
  add("connect() and disconnect()", socket instanceof zmq.Pair ? ["done", "ENOENT"] : ["done"], async () => {
    const endpoint = wire.endpoint(site.folder);
    socket.connect(endpoint);
    await socket.unbind(endpoint);
  });
  return all;
}

/** Closes one socket over a wire. */
export async function closeOne(site: Site, wire: Wire): Promise<void> {
  const { random } = site;
  const Type = random.pick(TYPES);
  const Other = random.pick(TYPES);
  const context = random.chance(0.3) ? new zmq.Context() : zmq.context;
  const options = { linger: random.pick([0, 1, 30]), context };
  // A type of its own would not say which options it takes.
  const socket: Any = new (Type as new (options: object) => zmq.Socket)(options);
  const peer = new (wire.name === "inproc" ? Other : PEERS.get(Type)!)({ linger: 0, context } as object) as zmq.Socket;
  const what = `${Type.name} over ${wire.name}`;
  using mute = await prepare(socket, peer, wire, site);
  void mute;
  const pending = begin(socket, wire, site);
  for (let turns = random.below(4); turns > 0; turns--) {
    await (random.chance(0.5) ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, random.below(3))));
  }
  const how = random.pick(context === zmq.context ? ["close", "dispose"] : ["close", "dispose", "terminate"]);
  let closed: Promise<unknown> = Promise.resolve();
  if (how === "close") socket.close();
  else if (how === "dispose") closed = socket[Symbol.asyncDispose]();
  else closed = context.terminate();
  const allowed = how === "terminate" ? ["ETERM"] : [];
  if (how === "terminate") [socket, peer].forEach((each) => each.close());
  for (const { what: operation, ends, end } of pending) {
    const actual = await within(end, `${operation} of ${what} after ${how}`, LIMIT);
    const right = ends.includes(actual) || allowed.includes(actual) || allowed.length > 0 && actual === "EBADF";
    demand(right, `${operation} of ${what} after ${how}: ${actual}`);
  }
  await within(closed, `${how} of ${what}`, LIMIT);
  await within(socket[Symbol.asyncDispose](), `the end of ${what} after ${how}`, LIMIT);
  demand(socket.closed && socket.peerCount === 0, `${what} has ${socket.peerCount} peers after ${how}`);
  await demandCode(() => socket.bind(wire.endpoint(site.folder)), "EBADF", `a bind() of ${what} after ${how}`);
  await within(peer[Symbol.asyncDispose](), `the end of the peer of ${what}`, LIMIT);
  if (context !== zmq.context && how !== "terminate") await within(context.terminate(), "the end of a context", LIMIT);
}

/** The peer of each type, over a wire that checks it. */
const PEERS: ReadonlyMap<unknown, new (options: object) => zmq.Socket> = new Map<
  unknown,
  new (options: object) => zmq.Socket
>([
  [zmq.Pair, zmq.Pair],
  [zmq.Publisher, zmq.Subscriber],
  [zmq.Subscriber, zmq.Publisher],
  [zmq.XPublisher, zmq.XSubscriber],
  [zmq.XSubscriber, zmq.XPublisher],
  [zmq.Request, zmq.Reply],
  [zmq.Reply, zmq.Request],
  [zmq.Dealer, zmq.Router],
  [zmq.Router, zmq.Dealer],
  [zmq.Push, zmq.Pull],
  [zmq.Pull, zmq.Push],
]);

/** Faults of programs that close their sockets at any time. */
export const closing: readonly Fault[] = wires().map((wire) => ({
  name: `sockets are closed while everything is pending, over ${wire.name}`,
  async run(site) {
    for (let i = 0; i < Math.min(site.rounds, 50) && site.goesOn(); i++) {
      await closeOne(site, wire);
      site.tally.checked++;
    }
  },
}));
