// This library's end of a conversation.

import {
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Stream,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../mod.ts";
import type { SocketTypeName } from "../peer/libzmq_names.ts";
import { message, type Plan, Verifier } from "../peer/payload.ts";
import type { Sendable } from "../peer/peer.ts";
import type { ReceivePlan, SendPlan } from "../peer/protocol.ts";
import {
  bytesOf,
  type CurveKeys,
  eventually,
  label,
  labels,
  type Side,
  type SideOptions,
  STEP,
  subscription,
} from "./side.ts";

type DenomqSocket =
  | Pair
  | Publisher
  | Subscriber
  | XPublisher
  | XSubscriber
  | Request
  | Reply
  | Dealer
  | Router
  | Push
  | Pull
  | Stream;

type Writable = Exclude<DenomqSocket, Subscriber | Pull>;
type Readable = Exclude<DenomqSocket, Publisher | Push>;

function security({ publicKey, secretKey, serverKey }: CurveKeys) {
  if (serverKey === undefined) return { curveServer: true, curveSecretKey: secretKey };
  return { curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey: serverKey };
}

function create(type: SocketTypeName, options: SideOptions): DenomqSocket {
  const { highWaterMark, routingId, handover, probeRouter, curve, ...timing } = options;
  const common = { linger: 0, ...timing, ...(curve && security(curve)) };
  const sending = { ...common, ...(highWaterMark === undefined ? {} : { sendHighWaterMark: highWaterMark }) };
  const receiving = { ...common, ...(highWaterMark === undefined ? {} : { receiveHighWaterMark: highWaterMark }) };
  const both = { ...sending, ...receiving };
  const id = routingId === undefined ? {} : { routingId };
  const probe = probeRouter === undefined ? {} : { probeRouter };
  const router = { mandatory: true, ...(handover === undefined ? {} : { handover }) };
  switch (type) {
    case "PAIR":
      return new Pair(both);
    case "PUB":
      return new Publisher(sending);
    case "SUB":
      return new Subscriber(receiving);
    case "XPUB":
      return new XPublisher(both);
    case "XSUB":
      return new XSubscriber(both);
    case "REQ":
      return new Request({ ...both, ...id, ...probe });
    case "REP":
      return new Reply(both);
    case "DEALER":
      return new Dealer({ ...both, ...id, ...probe });
    case "ROUTER":
      return new Router({ ...both, ...id, ...probe, ...router });
    case "PUSH":
      return new Push(sending);
    case "PULL":
      return new Pull(receiving);
    case "STREAM":
      return new Stream(both);
  }
}

/** This library's end. */
export class DenomqSide implements Side {
  readonly player = "denomq";
  readonly type: SocketTypeName;
  readonly socket: DenomqSocket;
  #lost = false;

  constructor(type: SocketTypeName, options: SideOptions = {}) {
    this.type = type;
    this.socket = create(type, options);
    this.socket.events.on("disconnect", () => this.#lost = true);
  }

  async bind(endpoint: string): Promise<string> {
    await this.socket.bind(endpoint);
    return this.socket.lastEndpoint ?? "";
  }

  connect(endpoint: string, routingId?: string): Promise<void> {
    if (routingId === undefined) this.socket.connect(endpoint);
    else if (this.socket instanceof Router) this.socket.connect(endpoint, { routingId });
    else throw new TypeError(`${this.type} gives no routing ids`);
    return Promise.resolve();
  }

  async connected(): Promise<void> {
    await this.socket.waitForPeers(1, { timeout: STEP });
    this.#lost = false;
  }

  abandoned(limit: number = STEP): Promise<void> {
    return eventually("the peer is lost", () => this.#lost, limit);
  }

  async subscribe(topic: string | Uint8Array): Promise<void> {
    if (this.socket instanceof Subscriber) this.socket.subscribe(topic);
    else await this.send([subscription(1, topic)]);
  }

  async unsubscribe(topic: string | Uint8Array): Promise<void> {
    if (this.socket instanceof Subscriber) this.socket.unsubscribe(topic);
    else await this.send([subscription(0, topic)]);
  }

  async subscribed(topic?: string): Promise<boolean> {
    if (!(this.socket instanceof Publisher)) return false;
    await this.socket.waitForSubscribers(1, { timeout: STEP, ...(topic === undefined ? {} : { topic }) });
    return true;
  }

  async send(frames: readonly Sendable[]): Promise<void> {
    await this.#writable.send(frames.map(bytesOf), { timeout: STEP });
  }

  async receive(): Promise<string[]> {
    return labels(await this.#readable.receive({ timeout: STEP }));
  }

  async receiveWithin(milliseconds: number): Promise<string[] | null> {
    const deadline = performance.now() + milliseconds;
    const socket = this.#readable;
    while (true) {
      const frames = socket.tryReceive();
      if (frames !== null) return labels(frames);
      if (performance.now() > deadline) return null;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  async sendMany(plan: SendPlan): Promise<void> {
    const socket = this.#writable;
    const envelope = (plan.envelope ?? []).map(bytesOf);
    for (let sequence = 0; sequence < plan.count; sequence++) {
      await socket.send([...envelope, ...message(plan, sequence)], { timeout: STEP });
    }
  }

  async receiveMany(plan: ReceivePlan): Promise<void> {
    const socket = this.#readable;
    const verifier = new Verifier(plan);
    const skipped = plan.skip === undefined ? null : label(plan.skip);
    while (!verifier.done) {
      const frames = await socket.receive({ timeout: STEP });
      const [first] = frames;
      if (skipped !== null && verifier.count === 0 && first !== undefined && label(first) === skipped) continue;
      verifier.accept(frames.slice(plan.envelope ?? 0));
    }
  }

  async echo(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      await this.#writable.send(await this.#readable.receive({ timeout: STEP }), { timeout: STEP });
    }
  }

  async ask(plan: Plan): Promise<void> {
    const verifier = new Verifier(plan);
    while (!verifier.done) {
      await this.#writable.send(message(plan, verifier.count), { timeout: STEP });
      verifier.accept(await this.#readable.receive({ timeout: STEP }));
    }
  }

  async close(): Promise<void> {
    await this.socket[Symbol.asyncDispose]();
  }

  get #writable(): Writable {
    const { socket } = this;
    if (socket instanceof Subscriber || socket instanceof Pull) throw new TypeError(`${this.type} sends nothing`);
    return socket;
  }

  get #readable(): Readable {
    const { socket } = this;
    if (socket instanceof Publisher || socket instanceof Push) throw new TypeError(`${this.type} receives nothing`);
    return socket;
  }
}
