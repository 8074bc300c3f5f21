/**
 * XPUB and XSUB: publishing and subscribing with the subscriptions in the open, for what stands between others.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { ZmqError } from "../transports/error.ts";
import { DuplexSocket } from "./direction.ts";
import { type MessageLike, toFrame } from "./message.ts";
import type { PatternHost } from "./pattern.ts";
import { XPublishPattern } from "./publish_pattern.ts";
import { type SubscriberOptions, waitForSubscribers } from "./publish_subscribe.ts";
import { coreOf } from "./socket.ts";
import { XSubscribePattern } from "./subscribe_pattern.ts";

/**
 * A `Publisher` that receives the subscriptions of its peers: a byte 1 for a subscription or 0 for its end, then
 * the topic (RFC 29).
 *
 * @example
 * ```ts
 * import { Subscriber, XPublisher } from "@denomq/zmq";
 *
 * await using publisher = new XPublisher();
 * await using subscriber = new Subscriber();
 * await publisher.bind("ipc://*");
 * subscriber.connect(publisher.lastEndpoint!);
 * subscriber.subscribe("a");
 * const [wish] = await publisher.receive();
 * console.log(wish); // Uint8Array(2) [ 1, 97 ]
 * ```
 */
export class XPublisher extends DuplexSocket {
  #pattern: XPublishPattern;

  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<XPublisher> = {}) {
    super(options.context, (host: PatternHost) => new XPublishPattern(host));
    this.#pattern = coreOf(this).pattern as XPublishPattern;
    configure<XPublisher>(this, options, new.target === XPublisher);
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

  /** Whether every subscription is received and not only the first to a topic, and every end and not only the last. Default `null`. */
  set verbosity(value: "allSubs" | "allSubsUnsubs" | null) {
    coreOf(this).set("verbosity", value);
  }

  /** Whether {@linkcode subscribe} and {@linkcode unsubscribe} decide what peers get, and their wishes are only received. Default `false`. */
  set manual(value: boolean) {
    coreOf(this).set("manual", value);
  }

  /** As {@linkcode manual}; besides, the next message after a received subscription goes to its peer alone, as a last value cache needs it. Default `false`. */
  set manualLastValue(value: boolean) {
    coreOf(this).set("manualLastValue", value);
  }

  /** A message of one frame that each new peer is sent, if it subscribes to it. Default `null`. */
  set welcomeMessage(value: MessageLike) {
    coreOf(this).set("welcomeMessage", value);
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

  /** Whether only the first frame of a message can be a subscription. Default `false`. */
  set onlyFirstSubscribe(value: boolean) {
    coreOf(this).set("onlyFirstSubscribe", value);
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
   * Waits until peers have subscribed, see `Publisher.waitForSubscribers()`.
   *
   * @param count How many.
   * @param options What they subscribed to, and how long to wait.
   * @throws ZmqError `EAGAIN` when the time is over or the socket is closed.
   */
  waitForSubscribers(count: number = 1, options: SubscriberOptions = {}): Promise<void> {
    return waitForSubscribers(this, this.#pattern, count, options);
  }

  /**
   * With {@linkcode manual}, subscribes the peer whose wish was received last. If it has gone, nothing is done.
   *
   * @param topics The beginnings of the messages that it gets.
   * @throws ZmqError `EINVAL` without `manual`; `EBADF`.
   */
  subscribe(...topics: MessageLike[]): void {
    decide(this, this.#pattern, topics, true);
  }

  /**
   * With {@linkcode manual}, ends subscriptions of the peer whose wish was received last. If it has gone, nothing is done.
   *
   * @param topics The beginnings of the messages that it no longer gets.
   * @throws ZmqError `EINVAL` without `manual`; `EBADF`.
   */
  unsubscribe(...topics: MessageLike[]): void {
    decide(this, this.#pattern, topics, false);
  }
}

/**
 * A `Subscriber` that sends its subscriptions as messages: a byte 1 for a subscription or 0 for its end, then the
 * topic (RFC 29). It receives what its peers send it; other messages that it sends go to all peers.
 *
 * @example
 * ```ts
 * import { Publisher, XSubscriber } from "@denomq/zmq";
 *
 * await using publisher = new Publisher();
 * await using subscriber = new XSubscriber();
 * await publisher.bind("ipc://*");
 * subscriber.connect(publisher.lastEndpoint!);
 * await subscriber.send(new Uint8Array([1, 97]));
 * await publisher.waitForSubscribers(1, { topic: "a" });
 * await publisher.send("a message");
 * await subscriber.receive();
 * ```
 */
export class XSubscriber extends DuplexSocket {
  #pattern: XSubscribePattern;

  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<XSubscriber> = {}) {
    super(options.context, (host: PatternHost) => new XSubscribePattern(host));
    this.#pattern = coreOf(this).pattern as XSubscribePattern;
    configure<XSubscriber>(this, options, new.target === XSubscriber);
  }

  /** Whether every end of a subscription is passed on and not only the last of a topic. Default `false`. */
  set verboseUnsubscribe(value: boolean) {
    coreOf(this).set("verboseUnsubscribe", value);
  }

  /** Whether only the first frame of a message can be a subscription. Default `false`. */
  set onlyFirstSubscribe(value: boolean) {
    coreOf(this).set("onlyFirstSubscribe", value);
  }

  /** How many different topics are subscribed to. */
  get topicsCount(): number {
    return this.#pattern.topics;
  }
}

function decide(socket: XPublisher, pattern: XPublishPattern, topics: MessageLike[], on: boolean): void {
  coreOf(socket).alive("EBADF");
  const frames = topics.length === 0 ? [toFrame(null)] : topics.map(toFrame);
  for (const frame of frames) {
    if (!pattern.decide(frame, on)) {
      throw new ZmqError("EINVAL", { detail: "subscriptions are the peers' to make unless manual is set" });
    }
  }
}
