/**
 * PUB and XPUB: every message to all peers that subscribed to its beginning (RFC 29).
 *
 * @module
 */

import { Notice, type Pipe } from "../link/pipe.ts";
import { Pattern } from "./pattern.ts";
import { limitSubscriptions } from "./subscription_limit.ts";
import { Subscriptions } from "./subscriptions.ts";

/** So many notices of one peer may wait to be read before they count as messages and slow the peer down. */
const MOST_NOTICES = 1_000_000;

/** Publishes; what peers send besides subscriptions is ignored. */
export class PublishPattern extends Pattern {
  override readonly type: "PUB" | "XPUB" = "PUB";
  override readonly intercepts = true;
  /** Who gets what. */
  protected readonly subscriptions: Subscriptions = new Subscriptions();

  override attach(pipe: Pipe): boolean {
    this.subscriptions.admit(pipe);
    return true;
  }

  /** Until it was back its messages were queued; now it says anew what it wants. */
  override returning(pipe: Pipe): void {
    this.dropSubscriptions(pipe);
    this.subscriptions.admit(pipe);
  }

  override ended(pipe: Pipe): void {
    this.dropSubscriptions(pipe);
    this.host.wakeSenders();
  }

  /** Ends all subscriptions of a peer. */
  protected dropSubscriptions(pipe: Pipe): void {
    this.subscriptions.drop(pipe, () => {});
  }

  override subscription(pipe: Pipe, topic: Uint8Array, subscribe: boolean): void {
    if (subscribe) {
      this.subscriptions.add(pipe, topic);
      this.limit(pipe, this.subscriptions);
    } else this.subscriptions.remove(pipe, topic);
    // With noDrop a message may have waited for this peer alone.
    if (!subscribe) this.host.wakeSenders();
  }

  /** Drops a peer that has subscribed to more than it may. */
  protected limit(pipe: Pipe, subscriptions: Subscriptions): void {
    const { count, bytes } = subscriptions.held(pipe);
    limitSubscriptions(pipe, count, bytes, this.host.options);
  }

  override intercept(pipe: Pipe, frames: Uint8Array[]): boolean {
    // The form of ZMTP 3.0: a message that begins with 1 or 0.
    const whole = !this.host.options.onlyFirstSubscribe;
    for (let i = 0; i < (whole ? frames.length : 1); i++) {
      const frame = frames[i]!;
      if (isSubscription(frame)) this.subscription(pipe, frame.subarray(1), frame[0] === 1);
    }
    return true;
  }

  override send(frames: Uint8Array[]): boolean {
    const { invertMatching, noDrop } = this.host.options;
    const targets = this.subscriptions.match(frames[0]!, invertMatching);
    if (noDrop) { for (const pipe of targets) if (pipe.full) return false; }
    for (let i = 0; i < targets.length; i++) {
      const pipe = targets[i]!;
      // Each pipe gets an array of its own, for over inproc its receiver will have it.
      if (pipe.full) this.dropping = true;
      else if (pipe.open) pipe.write(i === 0 ? frames : frames.slice());
      if (pipe.full && pipe.moving) this.pressed = true;
    }
    return true;
  }

  override get sendable(): boolean {
    return true;
  }

  /** How many connected peers have a subscription, or one that matches a topic. */
  subscribers(topic?: Uint8Array): number {
    const pipes = topic === undefined ? this.subscriptions.pipes : this.subscriptions.match(topic, false);
    let count = 0;
    for (const pipe of pipes) if (pipe.connected) count++;
    return count;
  }

  /** How many different topics are subscribed to. */
  get topics(): number {
    return this.subscriptions.topics;
  }
}

/** Publishes, and lets its user read and decide the subscriptions. */
export class XPublishPattern extends PublishPattern {
  override readonly type = "XPUB";
  /** What the peers asked for, where the user decides what they get. */
  #asked = new Subscriptions();
  /** The peer of the last notice that was read. */
  #last: Pipe | null = null;
  /** The next message goes to the last peer alone. */
  #only: Pipe | null = null;

  override attach(pipe: Pipe): boolean {
    this.#welcome(pipe);
    return super.attach(pipe);
  }

  override ready(pipe: Pipe, again: boolean): void {
    if (again) this.#welcome(pipe);
  }

  override ended(pipe: Pipe): void {
    super.ended(pipe);
    if (this.#last === pipe) this.#last = null;
    if (this.#only === pipe) this.#only = null;
  }

  protected override dropSubscriptions(pipe: Pipe): void {
    const { verbosity } = this.host.options;
    const manual = this.#manual;
    this.subscriptions.drop(pipe, (topic, last) => {
      if (!manual && (last || verbosity === "allSubsUnsubs")) this.#notify(pipe, topic, 0);
    });
    // The user has been told of every wish, whoever else had it, and so is told of every end.
    this.#asked.drop(pipe, (topic) => {
      if (manual) this.#notify(pipe, topic, 0);
    });
  }

  override subscription(pipe: Pipe, topic: Uint8Array, subscribe: boolean): void {
    const { verbosity } = this.host.options;
    if (this.#manual) {
      if (subscribe) this.#asked.add(pipe, topic);
      else this.#asked.remove(pipe, topic);
      this.#notify(pipe, topic, subscribe ? 1 : 0);
      if (subscribe) this.limit(pipe, this.#asked);
    } else if (subscribe) {
      const first = this.subscriptions.add(pipe, topic);
      if (first || verbosity !== null) this.#notify(pipe, topic, 1);
      this.limit(pipe, this.subscriptions);
    } else {
      const last = this.subscriptions.remove(pipe, topic);
      if (last || verbosity === "allSubsUnsubs") this.#notify(pipe, topic, 0);
      this.host.wakeSenders();
    }
  }

  override intercept(pipe: Pipe, frames: Uint8Array[]): boolean {
    if (!isSubscription(frames[0]!)) return false;
    const whole = !this.host.options.onlyFirstSubscribe;
    const rest: Uint8Array[] = [];
    for (const [i, frame] of frames.entries()) {
      if ((i === 0 || whole) && isSubscription(frame)) this.subscription(pipe, frame.subarray(1), frame[0] === 1);
      else rest.push(frame);
    }
    if (rest.length > 0) pipe.receive(rest);
    return true;
  }

  override send(frames: Uint8Array[]): boolean {
    const only = this.#only;
    if (only === null) return super.send(frames);
    if (this.host.options.noDrop && only.full) return false;
    this.#only = null;
    const { invertMatching } = this.host.options;
    if (!only.full && this.subscriptions.match(frames[0]!, invertMatching).includes(only)) only.write(frames);
    return true;
  }

  override receive(): Uint8Array[] | undefined {
    const frames = this.in.read();
    if (!(frames instanceof Notice)) return frames;
    const pipe = this.in.from!;
    this.#last = pipe.open ? pipe : null;
    // The end of a subscription asks for no value: the next message is everybody's.
    if (this.host.options.manualLastValue) this.#only = frames[0]![0] === 1 ? this.#last : null;
    return [frames[0]!];
  }

  /** Subscribes the peer of the last notice, or ends its subscription; `false` where that is not the user's to decide. */
  decide(topic: Uint8Array, subscribe: boolean): boolean {
    if (!this.#manual) return false;
    const pipe = this.#last;
    // A peer may go at any time: its user cannot know, and there is nothing left to do.
    if (pipe === null) return true;
    if (subscribe) this.subscriptions.add(pipe, topic);
    else this.subscriptions.remove(pipe, topic);
    this.host.wakeSenders();
    return true;
  }

  #welcome(pipe: Pipe): void {
    const { welcomeMessage } = this.host.options;
    if (welcomeMessage !== null) pipe.write([welcomeMessage.slice()]);
  }

  /** Whether the user decides who gets what. */
  get #manual(): boolean {
    const { manual, manualLastValue } = this.host.options;
    return manual || manualLastValue;
  }

  #notify(pipe: Pipe, topic: Uint8Array, first: 0 | 1): void {
    const frame = new Uint8Array(topic.length + 1);
    frame[0] = first;
    frame.set(topic, 1);
    const notice = Notice.of(frame) as Notice;
    notice.exempt = pipe.notices < MOST_NOTICES;
    pipe.receive(notice);
    this.in.activate(pipe);
    this.host.wakeReceivers();
  }
}

function isSubscription(frame: Uint8Array): boolean {
  return frame.length > 0 && frame[0]! <= 1;
}
