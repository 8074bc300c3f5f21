/**
 * Runs a program, and compares what comes of each step with what the reference allows.
 *
 * @module
 */

import { label } from "../../interop/side.ts";
import { body } from "../../peer/payload.ts";
import type { Sendable } from "../../peer/peer.ts";
import type { Model } from "./parts.ts";
import { type Content, type Ground, type Outcome, Reference } from "./reference.ts";
import { nameOf } from "./reference.ts";
import type { Pending, Seat } from "./seats.ts";
import { type Options, receives, sends, show, type Step, type Steps, type Type } from "./steps.ts";

/** Milliseconds that a call waits which may wait in vain. */
const MOMENT = 2;
/** Numbers of messages from here on are the runner's own. */
const OWN = 1_000_000;
/** Topics that a publisher is asked about. */
const TOPICS = ["", "a", "ab", "b"];

/** Where a program runs. */
export interface Arena {
  readonly ground: Ground;
  /** Whether libzmq plays a socket. */
  foreign(socket: number): boolean;
  seat(socket: number, type: Type, options: Options): Promise<Seat>;
  /** The endpoint of a number; it is this program's own. */
  endpoint(at: number): string;
}

/** Changes what has come of a step: to see whether it is noticed. */
export type Tamper = (step: Step, outcome: Outcome) => Outcome;

/** What has come of a program. */
export interface Report {
  /** What was wrong, `null` if nothing. */
  readonly failure: string | null;
  /** How many messages were received and compared. */
  readonly checked: number;
  /** How many messages the reference has let go. */
  readonly allowed: number;
}

/** Something that ZeroMQ does not allow. */
class Violation extends Error {}

/** Runs a program; `limit` is how long (ms) something may take which has to happen. */
export async function execute(steps: Steps, arena: Arena, tamper: Tamper | null, limit: number): Promise<Report> {
  const run = new Run(arena, tamper ?? ((_, outcome) => outcome), limit);
  let failure: string | null = null;
  try {
    for (const step of steps) if (run.reference.applicable(step)) await run.step(step);
    await run.finish();
  } catch (error) {
    failure = error instanceof Violation ? error.message : `${run.at}: ${error instanceof Error ? error.stack : error}`;
  }
  try {
    await run.end();
  } catch (error) {
    failure ??= `at the end: ${error instanceof Error ? error.stack : error}`;
  }
  return { failure, checked: run.checked, allowed: run.allowed };
}

class Run {
  readonly reference: Reference;
  readonly #arena: Arena;
  readonly #tamper: Tamper;
  readonly #seats = new Map<number, Seat>();
  readonly #pending = new Map<number, Pending[]>();
  readonly #held = new Map<number, Pending[]>();
  /** The step that is under way. */
  at = "the beginning";
  checked = 0;
  #serial = OWN;
  readonly #limit: number;

  constructor(arena: Arena, tamper: Tamper, limit: number) {
    this.#limit = limit;
    this.#arena = arena;
    this.#tamper = tamper;
    this.reference = new Reference(arena.ground);
  }

  /** What was sent and neither received nor owed. */
  get allowed(): number {
    let count = 0;
    for (const { sent } of this.reference.models.values()) count += sent.length;
    return count;
  }

  async step(step: Step): Promise<void> {
    this.at = show(step);
    const { reference } = this;
    if (step.act === "open") {
      reference.open(step, this.#arena.foreign(step.socket));
      this.#seats.set(step.socket, await this.#arena.seat(step.socket, step.type, step.options));
      return;
    }
    const model = reference.models.get(step.socket)!;
    const seat = this.#seats.get(step.socket)!;
    switch (step.act) {
      case "bind": {
        let outcome = await seat.endpoint("bind", this.#arena.endpoint(step.at));
        const allowed = reference.bind(model, step.at);
        // Who was bound before and has closed may need a moment to let go.
        const late = performance.now() + this.#limit;
        while (outcome === "EADDRINUSE" && allowed[0] === "ok" && performance.now() < late) {
          await sleep(2);
          outcome = await seat.endpoint("bind", this.#arena.endpoint(step.at));
        }
        this.#check(step, outcome, allowed);
        break;
      }
      case "connect": {
        const outcome = await seat.endpoint("connect", this.#arena.endpoint(step.at));
        this.#check(step, outcome, reference.connect(model, step.at));
        break;
      }
      case "unbind":
      case "disconnect": {
        const outcome = await seat.endpoint(step.act, this.#arena.endpoint(step.at));
        this.#check(step, outcome, reference.part(model, step.at, step.act));
        break;
      }
      case "close":
        this.#check(step, await seat.close(), reference.part(model, null, "close"));
        break;
      case "set":
        await seat.set(step.name, step.value);
        reference.set(model, step);
        break;
      case "subscribe":
      case "unsubscribe": {
        const on = step.act === "subscribe";
        this.#check(step, await seat.subscribe(step.topic, on), reference.subscribe(model, step.topic, on));
        break;
      }
      case "send":
      case "trySend":
        await this.#send(step, model, seat);
        break;
      case "pend":
        model.pending = step.count;
        this.#pending.set(step.socket, Array.from({ length: step.count }, () => seat.pend()));
        break;
      case "hold":
        await this.#hold(step, model, seat);
        break;
      case "gather":
        await this.#gather(step, model);
        break;
      default:
        await this.#receive(step, model, seat);
    }
    await this.#settle();
    await this.#letGo(step);
  }

  async #hold(step: Step & { act: "hold" }, model: Model, seat: Seat): Promise<void> {
    const contents = [0, 1, 2].map((i) =>
      contentOf({ act: "send", socket: step.socket, id: step.id + i, topic: "h", sizes: [i * 300], to: -1 }, model.type)
    );
    const calls = contents.map(([frames]) => seat.hold(frames));
    const [back] = calls.splice(1, 1);
    this.#held.set(step.socket, calls);
    back!.abort();
    this.#check(step, await within(back!.outcome, this.#limit), ["aborted"]);
    this.reference.hold(model, [contents[0]![1], contents[2]![1]]);
  }

  /** Calls that have waited to send have ended, where there is a peer now or the socket was closed. */
  async #letGo(step: Step): Promise<void> {
    for (const [socket, calls] of this.#held) {
      const model = this.reference.models.get(socket)!;
      if (model.held.length > 0) continue;
      this.#held.delete(socket);
      for (const call of calls) {
        this.#check(step, await within(call.outcome, this.#limit), [model.closed ? "EAGAIN" : "ok"], true);
      }
    }
  }

  async #send(step: Step & { act: "send" | "trySend" }, model: Model, seat: Seat): Promise<void> {
    const { reference } = this;
    const [frames, content] = contentOf(step, model.type);
    const decided = reference.decided(model, step);
    let outcome: Outcome;
    if (step.act === "send") outcome = await seat.send(frames, decided ? this.#limit : MOMENT);
    else outcome = await seat.trySend(frames);
    // Over a wire a queue that has room may learn so only when the system has taken what it had.
    const late = performance.now() + this.#limit;
    while (outcome === "EAGAIN" && decided && step.act === "trySend" && performance.now() < late) {
      if (!reference.ground.wire) break;
      await sleep(1);
      outcome = await seat.trySend(frames);
    }
    outcome = this.#tamper(step, outcome);
    this.#check(step, outcome, reference.send(model, step, content, outcome), true);
  }

  async #receive(
    step: Step & { act: "receive" | "tryReceive" | "abortReceive" },
    model: Model,
    seat: Seat,
  ): Promise<void> {
    const { reference } = this;
    const due = reference.due(model) > 0;
    let outcome: Outcome;
    if (step.act === "receive") outcome = await seat.receive(due ? this.#limit : MOMENT);
    else if (step.act === "tryReceive") outcome = await seat.tryReceive();
    else {
      const pending = seat.pend();
      pending.abort();
      outcome = await pending.outcome;
    }
    if (step.act === "tryReceive" && due) outcome = await this.#await(seat, outcome);
    outcome = this.#tamper(step, outcome);
    this.#judge(step, model, outcome, step.act !== "abortReceive", step.act !== "tryReceive");
  }

  /** Tries to receive until something is there. */
  async #await(seat: Seat, outcome: Outcome): Promise<Outcome> {
    const late = performance.now() + this.#limit;
    while (outcome === "nothing" && performance.now() < late) {
      await sleep(1);
      outcome = await seat.tryReceive();
    }
    return outcome;
  }

  /** Takes what has come for the calls that wait, in their order, and aborts the others. */
  async #gather(step: Step & { act: "gather" }, model: Model): Promise<void> {
    const waiting = this.#pending.get(step.socket)!;
    this.#pending.delete(step.socket);
    model.pending = 0;
    for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) {
      const due = this.reference.due(model) > 0;
      if (!due) { for (const each of [call, ...waiting]) each.abort(); }
      const outcome = this.#tamper(step, await within(call.outcome, this.#limit));
      this.#judge(step, model, outcome, due, true);
      // Where one was aborted in vain, for its message was there, the others were aborted as well.
    }
  }

  #judge(step: Step, model: Model, outcome: Outcome, patient: boolean, waited: boolean): void {
    const wrong = this.reference.received(model, outcome, patient, waited);
    if (wrong !== null) throw new Violation(`${show(step)} = ${text(outcome)}: ${wrong}`);
    if (typeof outcome !== "string") this.checked++;
  }

  #check(step: Step, seen: Outcome, allowed: readonly string[], tampered = false): void {
    const outcome = tampered ? seen : this.#tamper(step, seen);
    if (typeof outcome === "string" && allowed.includes(outcome)) return;
    throw new Violation(`${show(step)} = ${text(outcome)}, not ${allowed.join(" or ")}`);
  }

  /** Waits until all sockets know of their peers and their subscriptions. */
  async #settle(): Promise<void> {
    const { reference } = this;
    if (!reference.unsettled) return;
    reference.unsettled = false;
    for (const [socket, model] of reference.models) {
      if (model.closed) continue;
      const seat = this.#seats.get(socket)!;
      const peers = reference.peers(model);
      await this.#until(
        `s${socket} has ${peers} peers`,
        async () => await seat.peers() === peers,
      );
      if (model.type !== "PUB" && model.type !== "XPUB") continue;
      for (const topic of TOPICS) {
        const { peers, subscriptions } = reference.subscribers(model, topic);
        const what = `s${socket} has ${peers} subscribers to ${JSON.stringify(topic)}`;
        await this.#until(what, () => seat.hasSubscribers(topic, peers, subscriptions));
      }
    }
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const late = performance.now() + this.#limit;
    while (!await holds()) {
      if (performance.now() > late) {
        throw new Violation(`${this.at}: it is not seen within ${this.#limit} ms that ${what}`);
      }
      await sleep(1);
    }
  }

  /** Receives all that is owed; then a further message goes every way, so that what is too much comes before it. */
  async finish(): Promise<void> {
    for (const socket of [...this.#pending.keys()]) await this.step({ act: "gather", socket });
    await this.#drain();
    for (const model of [...this.reference.models.values()]) {
      if (model.closed || !sends(model.type) || model.type === "XSUB" || model.type === "REP") continue;
      for (const { index, type } of this.reference.models.values()) {
        if (model.type === "ROUTER" && index === model.index || type === "PUB" && model.type !== "ROUTER") continue;
        await this.#say(model, index);
      }
      await this.#drain();
    }
    for (const model of this.reference.models.values()) {
      if (!model.closed && receives(model.type)) await this.step({ act: "tryReceive", socket: model.index });
    }
  }

  async #say(model: Model, to: number): Promise<void> {
    const [topic = ""] = [...this.reference.models.get(to)!.topics.keys()];
    const address = model.type === "ROUTER" ? to : -1;
    const step = { act: "trySend", socket: model.index, id: this.#serial++, topic, sizes: [], to: address } as const;
    if (this.reference.applicable(step)) await this.step(step);
  }

  async #drain(): Promise<void> {
    const { reference } = this;
    let late = performance.now() + this.#limit;
    for (let owed = reference.outstanding; owed.length > 0; owed = reference.outstanding) {
      const before = this.checked;
      for (const model of reference.models.values()) {
        if (model.closed || !receives(model.type)) continue;
        if (model.type === "REP" && model.asker !== null) await this.#say(model, model.index);
        await this.step({ act: "tryReceive", socket: model.index });
      }
      if (this.checked > before) late = performance.now() + this.#limit;
      else if (performance.now() > late) {
        throw new Violation(`lost: ${owed.map((sent) => `${text(sent.wire)} of s${sent.from.index}`).join()}`);
      } else await sleep(1);
    }
  }

  async end(): Promise<void> {
    const waiting = [...this.#pending.values(), ...this.#held.values()].flat();
    for (const call of waiting) call.abort();
    await Promise.allSettled(waiting.map(({ outcome }) => outcome));
    await Promise.all(Array.from(this.#seats.values(), (seat) => within(seat.end(), this.#limit)));
  }
}

/** A message of a step: what is sent, and its labels. */
function contentOf(step: Step & { act: "send" | "trySend" }, type: Type): [Sendable[], Content] {
  const { id, topic, sizes, to } = step;
  const frames: Sendable[] = [topic + id, ...sizes.map((size, part) => body(size, id, 0, part))];
  // What a REP takes the way back from.
  if (type === "DEALER" || type === "ROUTER") frames.unshift("");
  if (type === "ROUTER") frames.unshift(nameOf(to));
  const bytes = sizes.reduce((sum, size) => sum + size, 20);
  return [frames, { frames: frames.map(label), bytes }];
}

function text(outcome: Outcome): string {
  return typeof outcome === "string" ? outcome : `[${outcome.join()}]`;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function within<T>(promise: Promise<T>, limit: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Violation(`a call does not end within ${limit} ms`)), limit);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
