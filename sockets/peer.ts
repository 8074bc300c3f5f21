/**
 * PEER: equals that talk to each other by number.
 *
 * @module
 */

import { ZmqError } from "../transports/error.ts";
import { configure, type SocketOptions } from "./configure.ts";
import type { MessageLike } from "./message.ts";
import type { PatternHost } from "./pattern.ts";
import { ServerPattern } from "./server_pattern.ts";
import { type AddressedMessage, AddressedSocket } from "./single_frame_socket.ts";
import { coreOf } from "./socket.ts";

/** What a {@linkcode Peer} receives: a frame, and who sent it. */
export type PeerMessage = AddressedMessage;

/**
 * Exchanges messages with any number of others of its type, and names each by a number: that of one it connects to is what
 * {@linkcode connectPeer} returns, that of any other comes with its messages (RFC 51). Messages are single frames: one of
 * several is dropped when it comes. A draft of libzmq.
 *
 * @example
 * ```ts
 * import { Peer } from "@denomq/zmq";
 *
 * await using one = new Peer();
 * await using other = new Peer();
 * await one.bind("ipc://*");
 * const routingId = other.connectPeer(one.lastEndpoint!);
 * await other.send("hello", { routingId });
 * const [, from] = await one.receive();
 * await one.send("hello yourself", from);
 * const [answer] = await other.receive();
 * console.log(new TextDecoder().decode(answer)); // hello yourself
 * ```
 */
export class Peer extends AddressedSocket {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Peer> = {}) {
    super(options.context, (host: PatternHost) => new ServerPattern(host, "PEER"));
    configure<Peer>(this, options, new.target === Peer);
  }

  /**
   * Connects as {@linkcode connect} does, and says how to name the peer. See zmq_connect_peer(3).
   *
   * @param address The endpoint.
   * @returns The number of the peer, for `send()`.
   * @throws ZmqError as {@linkcode connect}; `EFAULT` when {@linkcode immediate} is set, for then there is no peer before
   * there is a connection.
   */
  connectPeer(address: string): number {
    const core = coreOf(this);
    if (core.get("immediate")) {
      throw new ZmqError("EFAULT", {
        address,
        detail: "with the option immediate a peer is there once it is connected",
      });
    }
    this.connect(address);
    return (core.pattern as ServerPattern).latest;
  }

  /** What each new peer receives first; `null` for nothing. Acts at the next bind or connect. Default `null`. */
  set helloMessage(value: MessageLike) {
    coreOf(this).set("helloMessage", value);
  }

  /** What is received when an accepted peer has gone; `null` for nothing. Acts at the next bind. Default `null`. */
  set disconnectMessage(value: MessageLike) {
    coreOf(this).set("disconnectMessage", value);
  }

  /** What is received when a connection that was made is lost; `null` for nothing. Acts at the next connect. Default `null`. */
  set hiccupMessage(value: MessageLike) {
    coreOf(this).set("hiccupMessage", value);
  }
}
