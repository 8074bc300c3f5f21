/**
 * DEALER and ROUTER: requests and replies with many under way.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { DealerPattern } from "./dealer_pattern.ts";
import { DuplexSocket } from "./direction.ts";
import type { Sendable } from "./message.ts";
import type { PatternHost } from "./pattern.ts";
import { RouterPattern } from "./router_pattern.ts";
import { coreOf } from "./socket.ts";

/**
 * Sends to its peers in turn and receives from them in turn (RFC 28). A Reply peer expects an empty frame in front.
 *
 * @example
 * ```ts
 * import { Dealer, Reply } from "@denomq/zmq";
 *
 * await using dealer = new Dealer();
 * await using reply = new Reply();
 * await reply.bind("ipc://*");
 * dealer.connect(reply.lastEndpoint!);
 * await dealer.send([null, "hello"]);
 * await reply.receive();
 * await reply.send("world");
 * console.log((await dealer.receive()).length); // 2: the empty frame and the reply
 * ```
 */
export class Dealer extends DuplexSocket {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Dealer> = {}) {
    super(options.context, (host: PatternHost) => new DealerPattern(host));
    configure<Dealer>(this, options, new.target === Dealer);
  }

  /** The name that Router peers know this socket by, 1 to 255 bytes; `null` lets them choose one. Acts at the next bind or connect. */
  get routingId(): string | null {
    return coreOf(this).get("routingId");
  }
  set routingId(value: string | null) {
    coreOf(this).set("routingId", value);
  }

  /** Whether an empty message goes out with each new connection, so that a Router knows of this socket. Default `false`. */
  set probeRouter(value: boolean) {
    coreOf(this).set("probeRouter", value);
  }

  /** Whether only the newest message is kept for and of each peer, whatever the high water marks. Acts at the next bind or connect. Default `false`. */
  set conflate(value: boolean) {
    coreOf(this).set("conflate", value);
  }

  /** A message that each new peer is sent first. Default `null`. */
  set helloMessage(value: Sendable | null) {
    coreOf(this).set("helloMessage", value);
  }

  /** A message that is received, as if from the peer, when an accepted peer has gone. Default `null`. */
  set disconnectMessage(value: Sendable | null) {
    coreOf(this).set("disconnectMessage", value);
  }

  /**
   * A message that is received when a connection that this socket made is lost. Where nobody reads, it is not received twice
   * in a row above the high water mark. Default `null`.
   */
  set hiccupMessage(value: Sendable | null) {
    coreOf(this).set("hiccupMessage", value);
  }
}

/**
 * Receives from all peers in turn, with the peer's routing id as first frame, and sends to the peer that the first frame
 * names (RFC 28). Messages to unknown peers and to those whose queue is full are dropped, unless
 * {@linkcode Router.mandatory}.
 *
 * @example
 * ```ts
 * import { Dealer, Router } from "@denomq/zmq";
 *
 * await using router = new Router();
 * await using dealer = new Dealer({ routingId: "worker-1" });
 * await router.bind("ipc://*");
 * dealer.connect(router.lastEndpoint!);
 * await router.waitForPeers();
 * await router.send(["worker-1", "work"]);
 * console.log((await dealer.receive()).length); // 1
 * ```
 */
export class Router extends DuplexSocket {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Router> = {}) {
    super(options.context, (host: PatternHost) => new RouterPattern(host));
    configure<Router>(this, options, new.target === Router);
  }

  /** The name that Router peers know this socket by, 1 to 255 bytes; `null` lets them choose one. Acts at the next bind or connect. */
  get routingId(): string | null {
    return coreOf(this).get("routingId");
  }
  set routingId(value: string | null) {
    coreOf(this).set("routingId", value);
  }

  /** Whether an empty message goes out with each new connection, so that a Router knows of this socket. Default `false`. */
  set probeRouter(value: boolean) {
    coreOf(this).set("probeRouter", value);
  }

  /** A message that each new peer is sent first. Default `null`. */
  set helloMessage(value: Sendable | null) {
    coreOf(this).set("helloMessage", value);
  }

  /** A message that is received, as if from the peer, when an accepted peer has gone. Default `null`. */
  set disconnectMessage(value: Sendable | null) {
    coreOf(this).set("disconnectMessage", value);
  }

  /** Whether a message that cannot be delivered is an error: `EHOSTUNREACH` to an unknown peer, waiting while the queue is full. Default `false`. */
  set mandatory(value: boolean) {
    coreOf(this).set("mandatory", value);
  }

  /** Whether a peer takes the routing id over from an older one, which is disconnected. Otherwise it is not listened to. Default `false`. */
  set handover(value: boolean) {
    coreOf(this).set("handover", value);
  }

  /**
   * Whether an empty message is received when a peer connects (1), disconnects (2), or both (3). Where the router connects to
   * a peer and nobody reads, what such messages say above the high water mark is left out as far as the next one undoes or
   * repeats it: the last one is always true. Default 0.
   */
  get notify(): number {
    return coreOf(this).get("notify");
  }
  set notify(value: number) {
    coreOf(this).set("notify", value);
  }

  /**
   * Connects to an endpoint, see {@linkcode Socket.connect}.
   *
   * @param endpoint The endpoint.
   * @param options `routingId` names the peer, 1 to 255 bytes, whatever it says itself: messages can be sent to it at once.
   * @throws ZmqError as `connect()` of every socket; `EINVAL` when another peer has the routing id.
   */
  override connect(endpoint: string, options: { routingId?: string | Uint8Array } = {}): void {
    coreOf(this).endpoints.connect(endpoint, options.routingId);
  }
}
