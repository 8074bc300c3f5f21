/**
 * SCATTER and GATHER: a pipeline of single frames.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { ReadableSocket, WritableSocket } from "./direction.ts";
import type { MessageLike } from "./message.ts";
import type { PatternHost } from "./pattern.ts";
import { PullPattern, PushPattern } from "./pipeline_pattern.ts";
import { singleFrame } from "./single_frame.ts";
import { coreOf } from "./socket.ts";
import { type StreamOptions, writableStream } from "./streams.ts";
import type { WaitOptions } from "./waiter.ts";

/**
 * Sends each message to one of its peers, in turn among those that have room (RFC 49). `send()` waits while none has. Messages
 * are single frames. A draft of libzmq.
 *
 * @example
 * ```ts
 * import { Gather, Scatter } from "@denomq/zmq";
 *
 * await using scatter = new Scatter();
 * await using gather = new Gather();
 * await scatter.bind("ipc://*");
 * gather.connect(scatter.lastEndpoint!);
 * await scatter.send("work");
 * const [frame] = await gather.receive();
 * console.log(new TextDecoder().decode(frame)); // work
 * ```
 */
export class Scatter extends WritableSocket<MessageLike> {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Scatter> = {}) {
    super(options.context, (host: PatternHost) => new PushPattern(host, "SCATTER"));
    configure<Scatter>(this, options, new.target === Scatter);
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

  /** Whether only the newest message is kept for and of each peer, whatever the high water marks. Acts at the next bind or connect. Default `false`. */
  set conflate(value: boolean) {
    coreOf(this).set("conflate", value);
  }
}

/**
 * Receives from all of its peers, a message of each in turn (RFC 49). Messages are single frames: one of several is dropped
 * when it comes. A draft of libzmq.
 *
 * @example
 * ```ts
 * import { Gather, Scatter } from "@denomq/zmq";
 *
 * await using gather = new Gather();
 * await using scatter = new Scatter();
 * await gather.bind("ipc://*");
 * scatter.connect(gather.lastEndpoint!);
 * await scatter.send("result");
 * console.log((await gather.receive()).length); // 1
 * ```
 */
export class Gather extends ReadableSocket {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Gather> = {}) {
    super(options.context, (host: PatternHost) => new PullPattern(host, "GATHER"));
    configure<Gather>(this, options, new.target === Gather);
  }

  /** Whether only the newest message is kept for and of each peer, whatever the high water marks. Acts at the next bind or connect. Default `false`. */
  set conflate(value: boolean) {
    coreOf(this).set("conflate", value);
  }
}
