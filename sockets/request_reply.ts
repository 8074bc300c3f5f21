/**
 * REQ and REP: a question, then its answer.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { DuplexSocket } from "./direction.ts";
import type { PatternHost } from "./pattern.ts";
import { ReplyPattern, RequestPattern } from "./request_pattern.ts";
import { coreOf } from "./socket.ts";

/**
 * Sends a request to one of its peers in turn, then receives the reply (RFC 28). `send()` waits while a reply is due,
 * unless {@linkcode Request.relaxed}; `receive()` waits for a request to be sent.
 *
 * @example
 * ```ts
 * import { Reply, Request } from "@denomq/zmq";
 *
 * await using reply = new Reply();
 * await using request = new Request();
 * await reply.bind("ipc://*");
 * request.connect(reply.lastEndpoint!);
 * await request.send("4 + 4");
 * await reply.receive();
 * await reply.send("8");
 * console.log(new TextDecoder().decode((await request.receive())[0])); // 8
 * ```
 */
export class Request extends DuplexSocket {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Request> = {}) {
    super(options.context, (host: PatternHost) => new RequestPattern(host));
    configure<Request>(this, options, new.target === Request);
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

  /** Whether requests are numbered, so that a late reply to an older one is not taken for this one's. Default `false`. */
  set correlate(value: boolean) {
    coreOf(this).set("correlate", value);
  }

  /** Whether a new request can be sent before the reply has come, which is then ignored. Best with `correlate`. Default `false`. */
  set relaxed(value: boolean) {
    coreOf(this).set("relaxed", value);
  }
}

/**
 * Receives a request, then sends the reply to the peer that it came from (RFC 28). `send()` waits for a request to be
 * received, `receive()` for the reply to be sent. A reply to a peer that has gone is dropped.
 *
 * @example
 * ```ts
 * import { Reply, Request } from "@denomq/zmq";
 *
 * await using reply = new Reply();
 * await using request = new Request();
 * await reply.bind("ipc://*");
 * request.connect(reply.lastEndpoint!);
 * await request.send("hello");
 * const question = await reply.receive();
 * await reply.send(question);
 * await request.receive();
 * ```
 */
export class Reply extends DuplexSocket {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Reply> = {}) {
    super(options.context, (host: PatternHost) => new ReplyPattern(host));
    configure<Reply>(this, options, new.target === Reply);
  }

  /** The name that Router peers know this socket by, 1 to 255 bytes; `null` lets them choose one. Acts at the next bind or connect. */
  get routingId(): string | null {
    return coreOf(this).get("routingId");
  }
  set routingId(value: string | null) {
    coreOf(this).set("routingId", value);
  }
}
