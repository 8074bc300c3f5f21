/**
 * PEER: equals that talk to each other by number.
 *
 * @module
 */

import { ZmqError } from "../transports/error.ts";
import { configure, type SocketOptions } from "./configure.ts";
import { DuplexSocket } from "./direction.ts";
import type { MessageLike, PeerId } from "./message.ts";
import type { PatternHost } from "./pattern.ts";
import { ServerPattern } from "./server_pattern.ts";
import { idFrame, singleFrame } from "./single_frame.ts";
import { coreOf } from "./socket.ts";
import { type StreamOptions, writableStream } from "./streams.ts";
import type { WaitOptions } from "./waiter.ts";

/** What a {@linkcode Peer} receives: a frame, and who sent it. */
export type PeerMessage = [frame: Uint8Array<ArrayBuffer>, from: PeerId];

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
export class Peer extends DuplexSocket<PeerMessage, readonly [MessageLike, PeerId]> {
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

  /**
   * Sends a message of one frame to one peer, as {@linkcode Writable.send} says.
   *
   * @param message The frame.
   * @param options Which peer, and how long to wait for room in its queue.
   * @throws ZmqError also `EHOSTUNREACH`, when there is no such peer, or not any more.
   * @throws TypeError for a message of several frames, or without a peer.
   */
  override send(message: MessageLike, options: WaitOptions & PeerId): Promise<void> {
    try {
      return super.send([idFrame(options?.routingId), singleFrame(message)], options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@linkcode Writable.trySend} says, for a message of one frame to one peer. */
  override trySend(message: MessageLike, options: PeerId): boolean {
    return super.trySend([idFrame(options?.routingId), singleFrame(message)]);
  }

  /** As {@linkcode Writable.writableStream} says. What is written is a frame, and whom it is for: what a stream of such messages gives. */
  override writableStream(options?: StreamOptions): WritableStream<readonly [MessageLike, PeerId]> {
    return writableStream(coreOf(this), ([frame, to]) => [idFrame(to?.routingId), singleFrame(frame)], options);
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
