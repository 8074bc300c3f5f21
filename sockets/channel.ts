/**
 * CHANNEL: an exclusive connection of two sockets, for single frames.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { PairPattern } from "./pair_pattern.ts";
import type { PatternHost } from "./pattern.ts";
import { SingleFrameSocket } from "./single_frame_socket.ts";

/**
 * Exchanges messages with one peer (RFC 52). A second peer is refused until the first has gone. Messages are single frames:
 * one of several is dropped when it comes. A draft of libzmq.
 *
 * @example
 * ```ts
 * import { Channel } from "@denomq/zmq";
 *
 * await using one = new Channel();
 * await using other = new Channel();
 * await one.bind("ipc://*");
 * other.connect(one.lastEndpoint!);
 * await other.send("question");
 * const [question] = await one.receive();
 * console.log(new TextDecoder().decode(question)); // question
 * ```
 */
export class Channel extends SingleFrameSocket {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Channel> = {}) {
    super(options.context, (host: PatternHost) => new PairPattern(host, "CHANNEL"));
    configure<Channel>(this, options, new.target === Channel);
  }
}
