/**
 * PUB and SUB: messages to everybody who subscribed to their beginning.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { ReadableSocket, WritableSocket } from "./direction.ts";
import { type MessageLike, toFrame } from "./message.ts";
import { integer } from "./option.ts";
import type { PatternHost } from "./pattern.ts";
import { PublishPattern } from "./publish_pattern.ts";
import { coreOf, type Socket } from "./socket.ts";
import { SubscribePattern } from "./subscribe_pattern.ts";
import type { WaitOptions } from "./waiter.ts";

/** What `waitForSubscribers()` takes. */
export interface SubscriberOptions extends WaitOptions {
  /** Count those alone that would get a message that begins so. Default: all that have a subscription. */
  topic?: string | Uint8Array | undefined;
}

/**
 * Sends each message to all peers that have subscribed to its beginning (RFC 29). `send()` never waits: a peer whose queue
 * is full misses the message, unless {@linkcode Publisher.noDrop}.
 *
 * @example
 * ```ts
 * import { Publisher, Subscriber } from "@denomq/zmq";
 *
 * await using publisher = new Publisher();
 * await using subscriber = new Subscriber();
 * await publisher.bind("ipc://*");
 * subscriber.connect(publisher.lastEndpoint!);
 * subscriber.subscribe("weather");
 * await publisher.waitForSubscribers();
 * await publisher.send(["weather", "sunny"]);
 * console.log((await subscriber.receive()).length); // 2
 * ```
 */
export class Publisher extends WritableSocket {
  #pattern: PublishPattern;

  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Publisher> = {}) {
    super(options.context, (host: PatternHost) => new PublishPattern(host));
    this.#pattern = coreOf(this).pattern as PublishPattern;
    configure<Publisher>(this, options, new.target === Publisher);
  }

  /** Whether only the newest message is kept for and of each peer, whatever the high water marks. Acts at the next bind or connect. Default `false`. */
  set conflate(value: boolean) {
    coreOf(this).set("conflate", value);
  }

  /** Whether messages go to those whose subscriptions do not match. Both sides have to set it. Default `false`. */
  get invertMatching(): boolean {
    return coreOf(this).get("invertMatching");
  }
  set invertMatching(value: boolean) {
    coreOf(this).set("invertMatching", value);
  }

  /** Whether `send()` waits for peers whose queue is full instead of leaving them out. Default `false`. */
  set noDrop(value: boolean) {
    coreOf(this).set("noDrop", value);
  }

  /** Whether only the first frame of a message can be a subscription. Default `false`. */
  set onlyFirstSubscribe(value: boolean) {
    coreOf(this).set("onlyFirstSubscribe", value);
  }

  /**
   * How many different topics one peer may subscribe to; one that subscribes to more is disconnected, which the event
   * `disconnect` tells with an error. 0 for no limit. It does not count over inproc, whose peers are the program's own.
   * A subscription takes about half a KiB, besides its topic. libzmq has no such option. Default 1,000,000.
   */
  get maxSubscriptions(): number {
    return coreOf(this).get("maxSubscriptions");
  }
  set maxSubscriptions(value: number) {
    coreOf(this).set("maxSubscriptions", value);
  }

  /** How many bytes the topics of one peer may have together, as {@linkcode maxSubscriptions}. 0 for no limit. Default 67,108,864. */
  get maxSubscriptionBytes(): number {
    return coreOf(this).get("maxSubscriptionBytes");
  }
  set maxSubscriptionBytes(value: number) {
    coreOf(this).set("maxSubscriptionBytes", value);
  }

  /** How many different topics are subscribed to. */
  get topicsCount(): number {
    return this.#pattern.topics;
  }

  /** How many peers have a subscription. */
  get subscriberCount(): number {
    return this.#pattern.subscribers();
  }

  /**
   * Waits until peers have subscribed: what is published before is lost to them.
   *
   * @param count How many.
   * @param options What they subscribed to, and how long to wait.
   * @throws ZmqError `EAGAIN` when the time is over or the socket is closed.
   */
  waitForSubscribers(count: number = 1, options: SubscriberOptions = {}): Promise<void> {
    return waitForSubscribers(this, this.#pattern, count, options);
  }
}

/**
 * Receives from all peers in turn what begins with one of its subscriptions (RFC 29). Without a subscription it receives
 * nothing.
 *
 * @example
 * ```ts
 * import { Publisher, Subscriber } from "@denomq/zmq";
 *
 * await using publisher = new Publisher();
 * await using subscriber = new Subscriber();
 * await publisher.bind("ipc://*");
 * subscriber.connect(publisher.lastEndpoint!);
 * subscriber.subscribe("a", "b");
 * subscriber.unsubscribe("a");
 * await publisher.waitForSubscribers(1, { topic: "b" });
 * await publisher.send("before");
 * console.log(new TextDecoder().decode((await subscriber.receive())[0])); // before
 * ```
 */
export class Subscriber extends ReadableSocket {
  #pattern: SubscribePattern;

  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Subscriber> = {}) {
    super(options.context, (host: PatternHost) => new SubscribePattern(host));
    this.#pattern = coreOf(this).pattern as SubscribePattern;
    configure<Subscriber>(this, options, new.target === Subscriber);
  }

  /** Whether only the newest message is kept for and of each peer, whatever the high water marks. Acts at the next bind or connect. Default `false`. */
  set conflate(value: boolean) {
    coreOf(this).set("conflate", value);
  }

  /** Whether messages go to those whose subscriptions do not match. Both sides have to set it. Default `false`. */
  get invertMatching(): boolean {
    return coreOf(this).get("invertMatching");
  }
  set invertMatching(value: boolean) {
    coreOf(this).set("invertMatching", value);
  }

  /** How many different topics are subscribed to. */
  get topicsCount(): number {
    return this.#pattern.topics;
  }

  /**
   * Subscribes to messages that begin with these bytes; without an argument to all messages. A topic that is subscribed
   * to twice has to be unsubscribed from twice.
   *
   * @param topics The beginnings.
   */
  subscribe(...topics: MessageLike[]): void {
    subscribe(this, this.#pattern, topics, true);
  }

  /**
   * Ends subscriptions; without an argument the one to all messages. To end one that does not exist does nothing.
   *
   * @param topics The beginnings.
   */
  unsubscribe(...topics: MessageLike[]): void {
    subscribe(this, this.#pattern, topics, false);
  }
}

function subscribe(socket: Subscriber, pattern: SubscribePattern, topics: MessageLike[], on: boolean): void {
  coreOf(socket).alive("EBADF");
  const frames = topics.length === 0 ? [toFrame(null)] : topics.map(toFrame);
  for (const frame of frames) pattern.subscribe(frame, on);
}

/** Waits until so many peers have subscribed. */
export async function waitForSubscribers(
  socket: Socket,
  pattern: PublishPattern,
  count: number,
  options: SubscriberOptions,
): Promise<void> {
  const topic = options.topic === undefined ? undefined : toFrame(options.topic);
  integer("count", count, 0);
  await coreOf(socket).until(() => pattern.subscribers(topic) >= count, options);
}
