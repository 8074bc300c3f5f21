/**
 * Makes up programs.
 *
 * @module
 */

import type { Random } from "../random.ts";
import { type OptionName, type Options, receives, sends, type Step, type Type } from "./steps.ts";

/** What programs may do, where not all players can do everything. */
export interface Licence {
  readonly types: readonly (readonly [Type, Type])[];
  /** Whether peers may be lost on the way: unbind, disconnect, close. */
  readonly losses: boolean;
  /** Whether several calls may wait at once, and be aborted. */
  readonly waiting: boolean;
  /** Whether high water marks are changed while peers are connected. */
  readonly marks: boolean;
}

const PAIRS: readonly (readonly [Type, Type])[] = [
  ["PAIR", "PAIR"],
  ["PUSH", "PULL"],
  ["PUB", "SUB"],
  ["PUB", "XSUB"],
  ["XPUB", "SUB"],
  ["XPUB", "XSUB"],
  ["REQ", "REP"],
  ["REQ", "ROUTER"],
  ["DEALER", "REP"],
  ["DEALER", "DEALER"],
  ["DEALER", "ROUTER"],
  ["ROUTER", "ROUTER"],
];

/** This library on both sides. */
export const EVERYTHING: Licence = { types: PAIRS, losses: true, waiting: true, marks: true };
/**
 * Programs for libzmq, too: of its XPUB nobody can see whether a subscription has come without reading it, its
 * monitor does not say when a connection is lost by the socket's own doing, it passes on every one of several equal
 * subscriptions but not whose they are, and its calls cannot be aborted. Marks stay as they are, because its queues
 * count what is read by the measure that they were made with: after 500 of 1000, even if the mark is 2 by now. An
 * empty queue can be full for ever.
 */
export const WITH_LIBZMQ: Licence = {
  types: PAIRS.filter(([type]) => type !== "XPUB"),
  losses: false,
  waiting: false,
  marks: false,
};

/** Numbers of messages that are sent before there are peers. */
const EARLY = 10_000;
const TOPICS = ["", "a", "ab", "b"];
const MARKS = [0, 1, 2, 3, 5, 8, 1000];

/** Makes programs; each socket is one of a pair of types, so that there is somebody to talk to. */
export function generate(random: Random, licence: Licence): Step[] {
  const steps: Step[] = [];
  const types: Type[] = [];
  const pair = random.pick(licence.types);
  const count = pair[0] === "PAIR" ? random.between(2, 3) : random.between(2, 5);
  const binder = random.below(2);
  for (let socket = 0; socket < count; socket++) {
    const type = socket < 2 ? pair[socket ^ binder]! : random.pick(pair);
    types.push(type);
    steps.push({ act: "open", socket, type, options: options(random, type) });
  }
  if (licence.waiting) {
    for (let socket = 0; socket < count; socket++) {
      if (random.chance(0.2)) steps.push({ act: "hold", socket, id: EARLY + socket * 10 });
    }
  }
  // The first joins come early, in whatever order; the others come among the rest.
  const early: Step[] = [{ act: "bind", socket: 0, at: 0 }];
  for (let socket = 1; socket < count; socket++) {
    if (random.chance(0.8)) early.push({ act: "connect", socket, at: 0 });
  }
  if (random.chance(0.3)) early.push(early.shift()!);
  steps.push(...early);
  for (let socket = 0; socket < count; socket++) {
    if (subscribes(types[socket]!)) steps.push({ act: "subscribe", socket, topic: random.pick(TOPICS) });
  }
  const length = random.between(5, 60);
  for (let id = 0; id < length; id++) {
    const socket = random.below(count);
    const run = random.chance(0.15) ? random.between(2, 8) : 1;
    for (let i = 0; i < run; i++) steps.push(...one(random, licence, types, socket, id * 10 + i));
  }
  return steps;
}

function options(random: Random, type: Type): Options {
  const marks = random.chance(0.5)
    ? { sendHighWaterMark: random.pick(MARKS), receiveHighWaterMark: random.pick(MARKS) }
    : {};
  return {
    ...marks,
    linger: random.chance(0.5) ? -1 : 0,
    ...(random.chance(0.2) ? { immediate: true } : {}),
    ...(type === "ROUTER" ? { mandatory: random.chance(0.5) } : {}),
  };
}

function subscribes(type: Type): boolean {
  return type === "SUB" || type === "XSUB";
}

function one(random: Random, licence: Licence, types: readonly Type[], socket: number, id: number): Step[] {
  const type = types[socket]!;
  const dice = random.next();
  if (dice < 0.4 && type !== "SUB" && type !== "PULL" && type !== "XSUB") return [sending(random, types, socket, id)];
  if (dice < 0.75) return [{ act: random.chance(0.6) ? "receive" : "tryReceive", socket }];
  if (dice < 0.83 && subscribes(type)) {
    return [{ act: random.chance(0.5) ? "subscribe" : "unsubscribe", socket, topic: random.pick(TOPICS) }];
  }
  if (dice < 0.85) return [setting(random, type, socket, licence.marks)];
  if (dice < 0.88) return [{ act: random.chance(0.5) ? "bind" : "connect", socket, at: random.below(3) }];
  if (dice < 0.93 && licence.waiting) {
    if (random.chance(0.3)) return [{ act: "abortReceive", socket }];
    if (random.chance(0.3)) return [{ act: "hold", socket, id }];
    return [random.chance(0.5) ? { act: "pend", socket, count: random.between(1, 3) } : { act: "gather", socket }];
  }
  if (dice < 0.97 && licence.losses) {
    return [{ act: random.pick(["unbind", "disconnect"] as const), socket, at: random.below(2) }];
  }
  if (dice < 0.98 && licence.losses) return [{ act: "close", socket }];
  return [sending(random, types, socket, id)];
}

/** A message from a socket; to one that cannot send, a call that is refused. */
function sending(random: Random, types: readonly Type[], socket: number, id: number): Step {
  const frames = random.below(5);
  const size = () => random.chance(0.1) ? random.below(100 * 1024) : random.pick([0, 1, 10, 255, 256, 1000]);
  return {
    act: random.chance(0.5) ? "send" : "trySend",
    socket,
    id,
    topic: random.pick(TOPICS),
    sizes: Array.from({ length: frames }, size),
    to: types[socket] === "ROUTER" ? random.below(types.length) : -1,
  };
}

function setting(random: Random, type: Type, socket: number, marks: boolean): Step {
  const names: OptionName[] = ["linger"];
  if (marks && sends(type)) names.push("sendHighWaterMark");
  if (marks && receives(type)) names.push("receiveHighWaterMark");
  if (type === "ROUTER") names.push("mandatory");
  const name = random.pick(names);
  const value = name === "mandatory" ? random.chance(0.5) : name === "linger" ? -random.below(2) : random.pick(MARKS);
  return { act: "set", socket, name, value };
}
