/**
 * PUSH and PULL: work goes out to whoever has room, results come in from everybody.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { ReadableSocket, WritableSocket } from "./direction.ts";
import type { PatternHost } from "./pattern.ts";
import { PullPattern, PushPattern } from "./pipeline_pattern.ts";
import { coreOf } from "./socket.ts";

/**
 * Sends each message to one of its peers, in turn among those that have room (RFC 30). `send()` waits while none has.
 *
 * @example
 * ```ts
 * import { Pull, Push } from "@denomq/zmq";
 *
 * await using push = new Push({ sendHighWaterMark: 100 });
 * await using pull = new Pull();
 * await push.bind("ipc://*");
 * pull.connect(push.lastEndpoint!);
 * await push.send("work");
 * await pull.receive({ timeout: 1000 });
 * ```
 */
export class Push extends WritableSocket {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Push> = {}) {
    super(options.context, (host: PatternHost) => new PushPattern(host));
    configure<Push>(this, options, new.target === Push);
  }

  /** Whether only the newest message is kept for and of each peer, whatever the high water marks. Acts at the next bind or connect. Default `false`. */
  set conflate(value: boolean) {
    coreOf(this).set("conflate", value);
  }
}

/**
 * Receives from all of its peers, a message of each in turn (RFC 30).
 *
 * @example
 * ```ts
 * import { Pull, Push } from "@denomq/zmq";
 *
 * await using pull = new Pull();
 * await using push = new Push();
 * await pull.bind("ipc://*");
 * push.connect(pull.lastEndpoint!);
 * await push.send("work");
 * for await (const [frame] of pull) {
 *   console.log(new TextDecoder().decode(frame)); // work
 *   break;
 * }
 * ```
 */
export class Pull extends ReadableSocket {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Pull> = {}) {
    super(options.context, (host: PatternHost) => new PullPattern(host));
    configure<Pull>(this, options, new.target === Pull);
  }

  /** Whether only the newest message is kept for and of each peer, whatever the high water marks. Acts at the next bind or connect. Default `false`. */
  set conflate(value: boolean) {
    coreOf(this).set("conflate", value);
  }
}
