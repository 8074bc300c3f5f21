/**
 * PAIR: an exclusive connection of two sockets.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { DuplexSocket } from "./direction.ts";
import { PairPattern } from "./pair_pattern.ts";
import type { PatternHost } from "./pattern.ts";

/**
 * Exchanges messages with one peer (RFC 31). A second peer is refused until the first has gone. `send()` waits while no
 * peer is there or its queue is full.
 *
 * @example
 * ```ts
 * import { Pair } from "@denomq/zmq";
 *
 * await using one = new Pair();
 * await using other = new Pair();
 * await one.bind("ipc://*");
 * other.connect(one.lastEndpoint!);
 * await other.send(["question", 42]);
 * console.log((await one.receive()).length); // 2
 * ```
 */
export class Pair extends DuplexSocket {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Pair> = {}) {
    super(options.context, (host: PatternHost) => new PairPattern(host));
    configure<Pair>(this, options, new.target === Pair);
  }
}
