/**
 * What the reference model is made of: sockets, links between them, and messages on their way.
 *
 * A message knows every link that it may have gone by. What is observed narrows that down; where nothing is left,
 * something was observed that ZeroMQ does not allow.
 *
 * @module
 */

import type { Options, Type } from "./steps.ts";

/** A message that was sent and not received. */
export class Sent {
  readonly from: Model;
  /** What it carries, as labels, and as it is on the wire. */
  readonly wire: readonly string[];
  /** What its first frame begins with. */
  readonly topic: string;
  readonly bytes: number;
  /** How it may have gone. */
  readonly by: Set<Link>;
  /** Whether it may be lost. */
  doubtful: boolean;
  /** Whether it tells of a subscription: such notices may overtake each other. */
  readonly notice: boolean;
  /** Messages that went by other links than this one, as they were sent in turn. */
  readonly others = new Set<Sent>();
  /** The link that it has come by. */
  came: Link | null = null;

  constructor(from: Model, wire: readonly string[], topic: string, bytes: number, by: Iterable<Link>, kind: {
    readonly doubtful?: boolean;
    readonly notice?: boolean;
  } = {}) {
    this.from = from;
    this.wire = wire;
    this.topic = topic;
    this.bytes = bytes;
    this.by = new Set(by);
    this.doubtful = kind.doubtful ?? false;
    this.notice = kind.notice ?? false;
  }
}

/** A socket. */
export class Model {
  readonly index: number;
  readonly type: Type;
  readonly options: { -readonly [Name in keyof Required<Options>]: Required<Options>[Name] };
  /** Whether libzmq plays it, whose queues take note of what is read later than ours. */
  readonly foreign: boolean;
  closed = false;
  readonly bound = new Set<number>();
  readonly links = new Set<Link>();
  /** What it has sent and nobody has received, in order. */
  readonly sent: Sent[] = [];
  /** SUB, XSUB: how often each topic is subscribed to. */
  readonly topics = new Map<string, number>();
  /** REQ: the request that waits for its reply. */
  request: Sent | null = null;
  /** REP: where the request came from. */
  asker: { readonly link: Link; readonly generation: number } | null = null;
  /** Calls that wait to receive. */
  pending = 0;
  /** What calls wait to send. */
  held: { readonly frames: readonly string[]; readonly bytes: number }[] = [];
  /** What was sent last in turn, while nothing else has changed. */
  turn: { readonly ready: readonly Link[]; readonly sent: Sent[] } | null = null;

  constructor(index: number, type: Type, options: Options, foreign: boolean) {
    this.index = index;
    this.type = type;
    this.foreign = foreign;
    this.options = {
      sendHighWaterMark: 1000,
      receiveHighWaterMark: 1000,
      linger: type === "SUB" || type === "XSUB" ? 0 : -1,
      immediate: false,
      mandatory: false,
      ...options,
    };
  }

  /** The topics, once each. */
  matches(topic: string): boolean {
    for (const each of this.topics.keys()) if (topic.startsWith(each)) return true;
    return false;
  }
}

/** What `connect()` began, and where it led. */
export class Link {
  readonly at: number;
  readonly dialer: Model;
  binder: Model | null = null;
  state: "waiting" | "joined" | "over" = "waiting";
  /** How often it was joined. */
  generation = 0;
  /** Whether there is a queue before it is joined. */
  readonly early: boolean;
  /** Senders whose queue was full, and that may find it so until it is half empty. */
  readonly brim = new Set<Model>();
  /** How many messages each side has put into its queue. */
  readonly put = new Map<Model, number>();
  /** XPUB: the topics that its peer has subscribed to. */
  readonly asked = new Set<string>();

  constructor(at: number, dialer: Model, early: boolean) {
    this.at = at;
    this.dialer = dialer;
    this.early = early;
  }

  /** Who is at the other end. */
  peer(model: Model): Model | null {
    return model === this.dialer ? this.binder : this.dialer;
  }

  /** Messages of a sender that may be on this link. */
  *underway(sender: Model): IterableIterator<Sent> {
    for (const sent of sender.sent) if (sent.by.has(this)) yield sent;
  }

  /** How many messages are on their way: at least, and at most. */
  count(sender: Model): { least: number; most: number; bytes: number } {
    let [least, most, bytes] = [0, 0, 0];
    for (const sent of this.underway(sender)) {
      if (sent.notice) continue;
      most++;
      bytes += sent.bytes;
      if (sent.by.size === 1 && !sent.doubtful) least++;
    }
    return { least, most, bytes };
  }
}
