/**
 * The reference: what ZeroMQ allows to come of each call, given what has come of those before.
 *
 * It knows nothing of time. Whoever runs a program waits after each step that joins or parts sockets until both sides
 * know; then it is the state of queues and peers that decides. Where it cannot be known how much of a queue has left
 * it, both outcomes are allowed.
 *
 * @module
 */

import { label } from "../../interop/side.ts";
import { Link, Model, Sent } from "./parts.ts";
import { joinable, receives, sends, type Step, type Type } from "./steps.ts";

/** What a transport means for the model. */
export interface Ground {
  /** Whether there is a wire: with buffers that nobody knows the size of, and connections that are made anew. */
  readonly wire: boolean;
  /** Whether another socket's binding is replaced and not in the way. */
  readonly override: boolean;
  /** Whether sockets live in different Workers. */
  readonly apart: boolean;
}

/** What has come of a call: `ok`, its error code, `nothing` of `tryReceive()`, `aborted`, or labels of frames. */
export type Outcome = string | readonly string[];

/** Whether there is room for a message. */
type Room = "yes" | "no" | "maybe";

/** Types for which a second `connect()` to the same endpoint does nothing (zmq_connect(3)). */
const ONCE: ReadonlySet<Type> = new Set(["DEALER", "SUB", "PUB", "REQ"]);
/** Types that send to their peers in turn. */
const BALANCED: ReadonlySet<Type> = new Set(["PUSH", "DEALER", "REQ"]);
/** An empty frame. */
const EMPTY = label("");
/** So many bytes are taken by any connection whose other side reads. */
const LITTLE = 32 * 1024;
/** Between Workers so many messages may be read before the other side is told. */
const LATE = 16;

/** Whether a socket drops what there is no room for. */
function drops({ type, options }: Model): boolean {
  return type === "REP" || type === "PUB" || type === "XPUB" || type === "ROUTER" && !options.mandatory;
}

/** A message to send: its frames as labels. */
export interface Content {
  readonly frames: readonly string[];
  readonly bytes: number;
}

/** The name that a socket gives itself for ROUTER peers. */
export function nameOf(socket: number): string {
  return `s${socket}`;
}

/** The state of all sockets. */
export class Reference {
  readonly ground: Ground;
  readonly models = new Map<number, Model>();
  /** Whether sockets were joined or parted, or subscriptions changed, so that others have to learn of it. */
  unsettled = false;

  constructor(ground: Ground) {
    this.ground = ground;
  }

  /** A socket is opened. */
  open(step: Step & { act: "open" }, foreign: boolean): void {
    this.models.set(step.socket, new Model(step.socket, step.type, step.options, foreign));
  }

  /** Who is bound to an endpoint. */
  binder(at: number): Model | undefined {
    for (const model of this.models.values()) if (!model.closed && model.bound.has(at)) return model;
    return undefined;
  }

  /** The links of all sockets. */
  *links(): IterableIterator<Link> {
    for (const model of this.models.values()) {
      for (const link of model.links) if (link.dialer === model) yield link;
    }
  }

  /** With how many peers a socket is connected. */
  peers(model: Model): number {
    let count = 0;
    for (const link of model.links) if (link.state === "joined") count++;
    return count;
  }

  // Whether a step means something here, and something that can be known.

  applicable(step: Step): boolean {
    if (step.act === "open") return !this.models.has(step.socket);
    const model = this.models.get(step.socket);
    if (model === undefined) return false;
    const { type } = model;
    switch (step.act) {
      case "bind":
        return model.closed || model.pending === 0 && this.#bindable(model, step.at);
      case "connect":
        return model.closed || this.#connectable(model, step.at);
      case "unbind":
        return model.closed || !this.#dials(model, step.at) && this.#losable(model, step.at, step.act);
      case "disconnect":
        return model.closed || !model.bound.has(step.at) && this.#losable(model, step.at, step.act);
      case "subscribe":
        if (model.topics.has(step.topic) && [...this.models.values()].some(({ foreign }) => foreign)) return false;
        return (type === "SUB" || type === "XSUB") && model.pending === 0;
      case "unsubscribe":
        return (type === "SUB" || type === "XSUB") && model.pending === 0;
      case "send":
      case "trySend":
        if (!sends(type) || type === "XSUB" || model.held.length > 0) return false;
        return type !== "ROUTER" || step.to >= 0 && step.to !== step.socket;
      case "receive":
      case "tryReceive":
      case "abortReceive":
        return receives(type) && model.pending === 0;
      case "pend":
        return receives(type) && !model.closed && model.pending === 0 && type !== "REQ" && type !== "REP";
      case "hold": {
        if (type !== "PUSH" && type !== "DEALER" && type !== "PAIR" || model.closed || model.held.length > 0) {
          return false;
        }
        const { sendHighWaterMark } = model.options;
        const room = sendHighWaterMark === 0 || sendHighWaterMark >= 3;
        return room && [...model.links].every(({ state }) => state === "over");
      }
      case "gather":
        return model.pending > 0 && !model.closed;
      case "close":
        return model.pending === 0 && (model.closed || this.#losable(model, null, "close"));
      case "set":
        return !model.closed && model.held.length === 0 && !(step.name === "receiveHighWaterMark" && !receives(type)) &&
          !(step.name === "sendHighWaterMark" && !sends(type)) && !(step.name === "mandatory" && type !== "ROUTER");
    }
  }

  #dials(model: Model, at: number): boolean {
    for (const link of model.links) if (link.dialer === model && link.at === at && link.state !== "over") return true;
    return false;
  }

  #linked(one: Model, other: Model): boolean {
    for (const link of one.links) if (link.state === "joined" && link.peer(one) === other) return true;
    return false;
  }

  #alone(model: Model): boolean {
    if (model.type !== "PAIR") return true;
    for (const link of model.links) if (link.state !== "over") return false;
    return true;
  }

  #waiting(at: number): Link[] {
    return [...this.links()].filter((link) => link.at === at && link.state === "waiting");
  }

  #bindable(model: Model, at: number): boolean {
    const other = this.binder(at);
    if (other !== undefined) return !this.ground.override;
    const waiting = this.#waiting(at);
    if (waiting.some(({ dialer }) => dialer === model || !joinable(dialer.type, model.type))) return false;
    if (waiting.some(({ dialer }) => this.#linked(dialer, model))) return false;
    return model.type !== "PAIR" || waiting.length === 0 || waiting.length === 1 && this.#alone(model);
  }

  #connectable(model: Model, at: number): boolean {
    if (model.bound.has(at)) return false;
    // For libzmq's PUB plays its XPUB, which connects again.
    const once = ONCE.has(model.type) && !(model.foreign && model.type === "PUB");
    if (this.#dials(model, at)) return this.ground.wire && once;
    if (!this.#alone(model)) return false;
    const binder = this.binder(at);
    const waiting = this.#waiting(at);
    if (binder === undefined) return model.type !== "PAIR" || waiting.length === 0;
    return joinable(model.type, binder.type) && !this.#linked(model, binder) && this.#alone(binder);
  }

  /** Whether it can be known what is lost, and both sides notice. */
  #losable(model: Model, at: number | null, act: "unbind" | "disconnect" | "close"): boolean {
    for (const link of model.links) {
      if (!this.#ends(link, model, at, act)) continue;
      const { most } = link.count(link.dialer);
      if (link.state === "waiting") {
        // It would go on, for what is queued, and meet whoever binds next.
        if (link.dialer === model && most > 0 && (!this.ground.wire || model.options.linger !== 0)) return false;
        continue;
      }
      const peer = link.peer(model)!;
      if (peer.pending > 0 || peer.type === "XPUB" || model.type === "XPUB" && act !== "close") return false;
      if (!this.ground.wire) continue;
      // A socket that does not read does not see either that its peer has gone.
      for (const [from, to] of [[model, peer], [peer, model]] as const) {
        const { most, bytes } = link.count(from);
        const mark = to.options.receiveHighWaterMark;
        if (bytes > LITTLE || mark > 0 && most >= mark) return false;
      }
    }
    return true;
  }

  /** Whether a call ends a link, or its connection. */
  #ends(link: Link, model: Model, at: number | null, act: "unbind" | "disconnect" | "close"): boolean {
    if (link.state === "over") return false;
    if (act === "close") return true;
    if (link.at !== at) return false;
    return act === "disconnect" ? link.dialer === model : this.ground.wire && link.binder === model;
  }

  // Endpoints.

  /** What may come of `bind()`. */
  bind(model: Model, at: number): string[] {
    if (model.closed) return ["EBADF"];
    if (this.binder(at) !== undefined) return ["EADDRINUSE"];
    model.bound.add(at);
    const waiting = this.#waiting(at);
    for (const link of waiting) this.#join(link, model);
    for (const link of waiting) this.#release(link.dialer, [link]);
    this.#release(model, waiting);
    return ["ok"];
  }

  /** What may come of `connect()`. */
  connect(model: Model, at: number): string[] {
    if (model.closed) return ["EBADF"];
    if (this.#dials(model, at)) return ["ok"];
    const link = new Link(at, model, !model.options.immediate || !this.ground.wire);
    model.links.add(link);
    const binder = this.binder(at);
    if (binder !== undefined) this.#join(link, binder);
    this.#stir(model);
    if (link.early || binder !== undefined) this.#release(model, [link]);
    if (binder !== undefined) this.#release(binder, [link]);
    return ["ok"];
  }

  /** What calls wait to send goes to the first of new peers. */
  #release(model: Model, links: readonly Link[]): void {
    if (links.length === 0) return;
    for (const content of model.held) this.#put(model, content.frames, { topic: "" }, content, links);
    model.held = [];
  }

  /** Calls wait to send. */
  hold(model: Model, contents: readonly Content[]): void {
    model.held = [...contents];
  }

  #join(link: Link, binder: Model): void {
    link.binder = binder;
    link.state = "joined";
    link.generation++;
    // A queue may be full by the measure that it had before there was a peer.
    if (link.count(link.dialer).most > 0) link.brim.add(link.dialer);
    binder.links.add(link);
    this.#stir(link.dialer);
    this.#stir(binder);
    link.asked.clear();
    for (const side of [link.dialer, binder]) {
      for (const topic of side.topics.keys()) this.#ask(side, link, topic, true);
    }
  }

  /** What may come of `unbind()`, `disconnect()` or `close()`. */
  part(model: Model, at: number | null, act: "unbind" | "disconnect" | "close"): string[] {
    if (model.closed) return act === "close" ? ["ok"] : ["EBADF"];
    if (act === "unbind" && !model.bound.delete(at!)) return ["ENOENT"];
    if (act === "disconnect" && !this.#dials(model, at!)) return ["ENOENT"];
    if (act === "close") {
      model.closed = true;
      model.held = [];
      model.bound.clear();
    }
    for (const link of [...model.links]) {
      if (this.#ends(link, model, at, act)) this.#lose(link, model, act);
      else if (act === "close") this.#forget(link, model);
    }
    return ["ok"];
  }

  #lose(link: Link, model: Model, act: "unbind" | "disconnect" | "close"): void {
    const peer = link.peer(model);
    if (peer === null) {
      for (const sent of [...link.underway(model)]) this.#lost(sent, link);
      link.state = "over";
      return this.#stir(model);
    }
    const reverse = link.count(peer).most > 0;
    // Whoever closes with something unread may have the system tear the connection down.
    if (this.ground.wire && (model.options.linger === 0 || reverse)) {
      for (const sent of link.underway(model)) sent.doubtful = true;
    }
    if (act === "close") this.#forget(link, model);
    else if (this.ground.wire || this.ground.apart) { for (const sent of link.underway(peer)) sent.doubtful = true; }
    this.#stir(model);
    this.#stir(peer);
    if (!this.ground.wire || link.dialer === model) {
      link.state = "over";
      return;
    }
    // The other side dials again, with what it has left; what has come can still be read where it came.
    const rest = new Link(link.at, link.dialer, true);
    rest.binder = model;
    rest.state = "over";
    rest.dialer.links.add(rest);
    model.links.add(rest);
    for (const sent of [...link.underway(peer), ...link.underway(model)]) sent.by.add(rest);
    if (act === "close") this.#forget(rest, model);
    model.links.delete(link);
    link.binder = null;
    link.state = "waiting";
    link.brim.add(peer);
    if (!link.early || peer.options.immediate) {
      for (const sent of [...link.underway(peer)]) this.#lost(sent, link);
    }
  }

  /** What was on its way to a socket that is closed is lost, unless its sender has kept it for the next. */
  #forget(link: Link, model: Model): void {
    const peer = link.peer(model);
    if (peer === null) return;
    const kept = this.ground.wire && link.state === "joined" && link.dialer === peer;
    for (const sent of [...link.underway(peer)]) {
      if (kept) sent.doubtful = true;
      else this.#lost(sent, link);
    }
  }

  /** What has gone by a link is lost: whether a message has, that may have gone by others, is not known. */
  #lost(sent: Sent, link: Link): void {
    sent.doubtful ||= sent.by.size > 1;
    this.#drop(sent, link);
  }

  /** A message has not gone by a link; by none is to be lost, which whoever calls this has found to be right. */
  #drop(sent: Sent, link: Link): void {
    sent.by.delete(link);
    if (sent.by.size === 0) sent.from.sent.splice(sent.from.sent.indexOf(sent), 1);
  }

  /** The peers of a socket have changed: what it sends in turn begins anew. */
  #stir(model: Model): void {
    model.turn = null;
    this.unsettled = true;
  }

  // Subscriptions.

  /** What may come of `subscribe()`. */
  subscribe(model: Model, topic: string, on: boolean): string[] {
    if (model.closed) return ["EBADF"];
    const count = model.topics.get(topic) ?? 0;
    if (on) model.topics.set(topic, count + 1);
    else if (count > 1) model.topics.set(topic, count - 1);
    else model.topics.delete(topic);
    const changed = on ? count === 0 : count === 1;
    if (!changed) return ["ok"];
    for (const link of model.links) if (link.state === "joined") this.#ask(model, link, topic, on);
    this.unsettled = true;
    if (on || model.type !== "SUB") return ["ok"];
    // What came for the subscription that has ended is passed over.
    for (const link of model.links) {
      const peer = link.peer(model);
      if (peer === null) continue;
      for (const sent of link.underway(peer)) if (!model.matches(sent.topic)) sent.doubtful = true;
    }
    return ["ok"];
  }

  /** A peer learns of a subscription or its end. */
  #ask(model: Model, link: Link, topic: string, on: boolean): void {
    const peer = link.peer(model)!;
    const others = [...peer.links].some((each) => each.state === "joined" && each !== link && each.asked.has(topic));
    if (on) link.asked.add(topic);
    else link.asked.delete(topic);
    if (peer.type !== "XPUB" || others) return;
    const wire = [label(new Uint8Array([Number(on), ...new TextEncoder().encode(topic)]))];
    model.sent.push(new Sent(model, wire, topic, 1 + topic.length, [link], { notice: true }));
  }

  /** How many peers get what begins with a topic, and for how many subscriptions. */
  subscribers(model: Model, topic: string): { peers: number; subscriptions: number } {
    let [peers, subscriptions] = [0, 0];
    for (const link of model.links) {
      if (link.state !== "joined") continue;
      const matching = [...link.peer(model)!.topics.keys()].filter((each) => topic.startsWith(each)).length;
      if (matching > 0) peers++;
      subscriptions += matching;
    }
    return { peers, subscriptions };
  }

  // Options.

  /** An option is set. */
  set(model: Model, step: Step & { act: "set" }): void {
    Object.assign(model.options, { [step.name]: step.value });
    for (const link of model.links) {
      const peer = link.peer(model);
      for (const side of [model, peer]) if (side !== null && link.count(side).most > 0) link.brim.add(side);
    }
    model.turn = null;
  }

  // Sending.

  #room(link: Link, model: Model, attempt: "send" | "trySend"): Room {
    if (
      link.state === "over" || link.state === "waiting" && (!link.early || model.options.immediate && this.ground.wire)
    ) {
      return "no";
    }
    const { least: unread, most } = link.count(model);
    const mark = model.options.sendHighWaterMark;
    const peer = link.peer(model);
    // Calls that wait may have taken theirs.
    const least = unread - (peer?.pending ?? 0);
    const half = (limit: number) => Math.floor(limit / 2);
    if (link.state === "waiting" || this.ground.wire) {
      if (mark === 0) return "yes";
      if (most <= half(mark)) link.brim.delete(model);
      // While there is no connection nothing leaves the queue.
      if (link.generation === 0 && least >= mark) return "no";
      if (link.brim.has(model) || most >= mark) return "maybe";
      // libzmq hears of what has left a queue now and then only, and what it would drop it does not ask for before.
      if (model.foreign && drops(model)) return (link.put.get(model) ?? 0) < mark ? "yes" : "maybe";
      return !model.foreign || link.generation === 0 || most <= half(mark) ? "yes" : "maybe";
    }
    const other = peer!.options.receiveHighWaterMark;
    if (mark === 0 || other === 0) return "yes";
    const limit = mark + other;
    if (most <= half(limit)) link.brim.delete(model);
    if (least >= limit) return "no";
    if (link.brim.has(model) || most >= limit) return "maybe";
    return this.ground.apart && attempt === "trySend" && most + LATE >= limit ? "maybe" : "yes";
  }

  /**
   * What may come of sending a message.
   *
   * @param seen What has come of it, which decides what is known from now on.
   */
  send(model: Model, step: Step & { act: "send" | "trySend" }, content: Content, seen: Outcome): string[] {
    if (model.closed) return ["EBADF"];
    const patient = step.act === "send" || model.foreign;
    const { type } = model;
    if (type === "REQ" && model.request !== null) return patient ? ["EAGAIN", "EFSM"] : ["EFSM"];
    if (type === "REP") return this.#reply(model, step, content, patient);
    if (type === "ROUTER") return this.#route(model, step, content, patient);
    if (type === "PUB" || type === "XPUB") return this.#publish(model, step, content);
    const rooms = new Map([...model.links].map((link) => [link, this.#room(link, model, step.act)]));
    const ready = [...rooms.keys()].filter((link) => rooms.get(link) !== "no");
    const sure = ready.filter((link) => rooms.get(link) === "yes");
    const allowed = [...(ready.length > 0 ? ["ok"] : []), ...(sure.length === 0 ? ["EAGAIN"] : [])];
    if (seen !== "ok" || ready.length === 0) return allowed;
    if (type === "REQ") this.#stale(model);
    const sent = this.#put(model, type === "REQ" ? [EMPTY, ...content.frames] : content.frames, step, content, ready);
    if (type === "REQ") model.request = sent;
    if (BALANCED.has(type)) this.#takeTurn(model, sent, ready, sure.length === ready.length);
    return allowed;
  }

  /** Whether a call to send has to succeed, or to fail, without waiting. */
  decided(model: Model, step: Step & { act: "send" | "trySend" }): boolean {
    const { type } = model;
    if (model.closed) return true;
    if (type === "REP") return model.asker !== null;
    if (type === "PUB" || type === "XPUB" || type === "ROUTER" && !model.options.mandatory) return true;
    if (type === "REQ" && model.request !== null) return false;
    for (const link of model.links) {
      if (type === "ROUTER" && link.peer(model)?.index !== step.to) continue;
      if (this.#room(link, model, "send") === "yes") return true;
    }
    return false;
  }

  #put(
    model: Model,
    wire: readonly string[],
    { topic }: { readonly topic: string },
    { bytes }: Content,
    by: readonly Link[],
    doubtful = false,
  ): Sent {
    const sent = new Sent(model, wire, topic, bytes, by, { doubtful });
    model.sent.push(sent);
    for (const link of by) {
      link.put.set(model, (link.put.get(model) ?? 0) + 1);
      const { most } = link.count(model);
      const mark = model.options.sendHighWaterMark;
      const limit = this.ground.wire || link.state === "waiting"
        ? mark
        : mark === 0 || link.peer(model)!.options.receiveHighWaterMark === 0
        ? 0
        : mark + link.peer(model)!.options.receiveHighWaterMark;
      if (limit > 0 && most >= limit) link.brim.add(model);
    }
    return sent;
  }

  /** Of messages that follow each other while all peers have room, each goes by another link until all have had one. */
  #takeTurn(model: Model, sent: Sent, ready: readonly Link[], calm: boolean): void {
    const before = model.turn;
    const same = before !== null && before.ready.length === ready.length &&
      ready.every((link) => before.ready.includes(link));
    if (!calm) model.turn = null;
    else if (!same) model.turn = { ready, sent: [sent] };
    else {
      const last = before.sent.slice(1 - ready.length || before.sent.length);
      for (const other of last) {
        sent.others.add(other);
        other.others.add(sent);
        if (other.came !== null) sent.by.delete(other.came);
      }
      model.turn = { ready, sent: [...last, sent] };
    }
  }

  #reply(model: Model, step: Step & { act: "send" | "trySend" }, content: Content, patient: boolean): string[] {
    if (model.asker === null) return patient ? ["EAGAIN", "EFSM"] : ["EFSM"];
    const { link, generation } = model.asker;
    model.asker = null;
    if (link.state === "over") return ["ok"];
    const room = this.#room(link, model, "trySend");
    if (room === "no") return ["ok"];
    const doubtful = room === "maybe" || link.generation !== generation || link.state !== "joined" ||
      this.#unasked(link.peer(model)!, link, model);
    this.#put(model, [EMPTY, ...content.frames], step, content, [link], doubtful);
    return ["ok"];
  }

  /** Whether a peer may not want an answer: a REQ that has not asked this one, or has its answer. */
  #unasked(peer: Model, link: Link, model: Model): boolean {
    if (peer.type !== "REQ") return false;
    return peer.request === null || peer.request.came !== link || link.count(model).most > 0;
  }

  #route(model: Model, step: Step & { act: "send" | "trySend" }, content: Content, patient: boolean): string[] {
    const { mandatory } = model.options;
    let known: Link | undefined;
    for (const link of model.links) {
      if (link.state === "joined" && link.peer(model)!.index === step.to) known = link;
    }
    // One that has been connected before keeps its name until it comes back.
    const former = [...model.links].find(({ state, generation }) => state === "waiting" && generation > 0);
    if (known === undefined) {
      if (former !== undefined) {
        this.#put(model, content.frames.slice(1), step, content, [former], true);
        return mandatory ? ["ok", "EAGAIN", "EHOSTUNREACH"] : ["ok"];
      }
      return !mandatory ? ["ok"] : patient ? ["EHOSTUNREACH", "EAGAIN"] : ["EHOSTUNREACH"];
    }
    const room = this.#room(known, model, step.act);
    const doubtful = room === "maybe" && !mandatory || this.#unasked(known.peer(model)!, known, model);
    if (!mandatory) {
      if (room !== "no") this.#put(model, content.frames.slice(1), step, content, [known], doubtful);
      return ["ok"];
    }
    if (room === "no") return ["EAGAIN"];
    this.#put(model, content.frames.slice(1), step, content, [known], doubtful || room === "maybe");
    return room === "yes" ? ["ok"] : ["ok", "EAGAIN"];
  }

  #publish(model: Model, step: Step & { act: "send" | "trySend" }, content: Content): string[] {
    for (const link of model.links) {
      const peer = link.peer(model);
      const former = link.state === "waiting" && link.generation > 0;
      if (link.state !== "joined" && !former) continue;
      if (!former && !peer!.matches(step.topic)) continue;
      const room = this.#room(link, model, "trySend");
      if (room !== "no") this.#put(model, content.frames, step, content, [link], former || room === "maybe");
    }
    return ["ok"];
  }

  // Receiving.

  /** What has not been received and has to be, by this socket and no other. */
  due(model: Model): number {
    let count = 0;
    for (const sent of this.#inbound(model)) {
      if (!sent.doubtful && [...sent.by].every((link) => link.peer(sent.from) === model)) count++;
    }
    return this.#refused(model) === null ? count : 0;
  }

  /** What has been sent and has to be received by somebody, now. */
  get outstanding(): Sent[] {
    const owed = (sent: Sent) =>
      !sent.doubtful && [...sent.by].every((link) => link.peer(sent.from) !== null && !link.peer(sent.from)!.closed);
    return [...this.models.values()].flatMap(({ sent }) => sent.filter(owed));
  }

  *#inbound(model: Model): IterableIterator<Sent> {
    const seen = new Set<Sent>();
    for (const link of model.links) {
      const peer = link.peer(model);
      if (peer === null) continue;
      for (const sent of link.underway(peer)) {
        if (seen.has(sent)) continue;
        seen.add(sent);
        yield sent;
      }
    }
  }

  /** Why nothing can be received, whatever there is. */
  #refused(model: Model): string | null {
    if (model.closed) return "EBADF";
    if (model.type === "REQ" && model.request === null) return "EFSM";
    return model.type === "REP" && model.asker !== null ? "EFSM" : null;
  }

  /**
   * What is wrong with what has come of receiving; `null` if nothing.
   *
   * @param patient Whether the call has waited until what is due could have come.
   * @param waited Whether it would have waited on, so that the state of the socket was no error but a reason to wait.
   */
  received(model: Model, seen: Outcome, patient: boolean, waited: boolean): string | null {
    if (typeof seen !== "string") return this.#take(model, seen);
    const refused = this.#refused(model);
    if (refused === "EBADF") return seen === "EBADF" ? null : `${seen}, not EBADF`;
    const lenient = waited || model.foreign;
    if (refused !== null) {
      return seen === refused || lenient && (seen === "EAGAIN" || seen === "aborted")
        ? null
        : `${seen}, not ${refused}`;
    }
    if (seen !== "nothing" && seen !== "EAGAIN" && seen !== "aborted") return `${seen}, not EAGAIN`;
    if (patient && this.due(model) > 0) return `${seen}, though ${this.due(model)} messages are due`;
    return null;
  }

  #take(model: Model, frames: readonly string[]): string | null {
    const refused = this.#refused(model);
    if (refused !== null) return `a message, not ${refused}`;
    const key = frames.join(" ");
    for (const link of model.links) {
      const peer = link.peer(model);
      if (peer === null) continue;
      for (const sent of link.underway(peer)) {
        if (this.#seen(sent, model) !== key) continue;
        // libzmq has taken the next message before it is asked for, where it was asked whether there is one.
        if (model.type === "SUB" && !model.foreign && !model.matches(sent.topic)) {
          return "a message that no subscription matches";
        }
        if (model.type === "REQ" && !this.#answers(model, link)) continue;
        return this.#came(sent, link, model);
      }
    }
    return "a message that is not on its way: it has come before, was never sent, or was changed";
  }

  #answers(model: Model, link: Link): boolean {
    return model.request!.came === null || model.request!.came.dialer === link.dialer;
  }

  /** A message as its receiver is to see it. */
  #seen(sent: Sent, model: Model): string {
    const { type } = model;
    const strip = type === "REQ" || type === "REP";
    const wire = strip ? sent.wire.slice(1) : sent.wire;
    return (type === "ROUTER" ? [label(nameOf(sent.from.index)), ...wire] : wire).join(" ");
  }

  #came(sent: Sent, link: Link, model: Model): string | null {
    const peer = sent.from;
    for (const earlier of [...link.underway(peer)]) {
      if (earlier === sent) break;
      if (earlier.notice || sent.notice) continue;
      if (earlier.by.size === 1 && !earlier.doubtful) return `overtakes ${earlier.wire.join(" ").slice(0, 80)}`;
      this.#drop(earlier, link);
    }
    sent.came = link;
    peer.sent.splice(peer.sent.indexOf(sent), 1);
    for (const other of sent.others) {
      if (other.came !== null || !other.by.has(link)) continue;
      if (other.by.size === 1 && !other.doubtful) return `is out of turn: ${other.wire.join(" ")} went by this link`;
      this.#drop(other, link);
    }
    if (model.type === "REP") model.asker = { link, generation: link.generation };
    if (model.type === "REQ") {
      model.request = null;
      this.#stale(model);
    }
    return null;
  }

  /** What else has been sent to a REQ answers no question of its. */
  #stale(model: Model): void {
    for (const sent of this.#inbound(model)) sent.doubtful = true;
  }
}
