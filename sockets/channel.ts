/**
 * CHANNEL: an exclusive connection of two sockets, for single frames.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { DuplexSocket } from "./direction.ts";
import type { Message, MessageLike } from "./message.ts";
import { PairPattern } from "./pair_pattern.ts";
import type { PatternHost } from "./pattern.ts";
import { singleFrame } from "./single_frame.ts";
import { coreOf } from "./socket.ts";
import { type StreamOptions, writableStream } from "./streams.ts";
import type { WaitOptions } from "./waiter.ts";

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
export class Channel extends DuplexSocket<Message, MessageLike> {
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

  /**
   * Sends a message of one frame, as {@linkcode Writable.send} says.
   *
   * @throws TypeError for a message of several frames.
   */
  override send(message: MessageLike, options?: WaitOptions): Promise<void> {
    try {
      return super.send(singleFrame(message), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@linkcode Writable.trySend} says, for a message of one frame. */
  override trySend(message: MessageLike): boolean {
    return super.trySend(singleFrame(message));
  }

  /** As {@linkcode Writable.writableStream} says, for messages of one frame. */
  override writableStream(options?: StreamOptions): WritableStream<MessageLike> {
    return writableStream(coreOf(this), singleFrame, options);
  }
}
