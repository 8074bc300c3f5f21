/**
 * RADIO and DISH: messages to everybody who joined their group.
 *
 * @module
 */

import { ZmqError } from "../transports/error.ts";
import { configure, type SocketOptions } from "./configure.ts";
import { ReadableSocket, WritableSocket } from "./direction.ts";
import { DishPattern } from "./dish_pattern.ts";
import type { GroupName, MessageLike } from "./message.ts";
import { integer } from "./option.ts";
import type { PatternHost } from "./pattern.ts";
import { RadioPattern } from "./radio_pattern.ts";
import { groupName, singleFrame } from "./single_frame.ts";
import { coreOf } from "./socket.ts";
import { type StreamOptions, writableStream } from "./streams.ts";
import type { WaitOptions } from "./waiter.ts";

/** Which group a message goes to. */
export interface GroupOptions {
  /** Its name, up to 255 bytes: text is sent as UTF-8. To libzmq a name ends at a zero byte. */
  group: string | Uint8Array;
}

/** What {@linkcode Radio.waitForMembers} takes. */
export interface MemberOptions extends WaitOptions {
  /** Count the members of this group alone. Default: of any. */
  group?: string | Uint8Array | undefined;
}

/** What a {@linkcode Dish} receives: a frame, and the group that it was sent to. */
export type DishMessage = [frame: Uint8Array<ArrayBuffer>, to: GroupName];

/**
 * Sends each message to all peers that have joined its group (RFC 48). `send()` never waits: a peer whose queue is full misses
 * the message. Messages are single frames. A draft of libzmq.
 *
 * @example
 * ```ts
 * import { Dish, Radio } from "@denomq/zmq";
 *
 * await using radio = new Radio();
 * await using dish = new Dish();
 * await radio.bind("ipc://*");
 * dish.connect(radio.lastEndpoint!);
 * dish.join("weather");
 * await radio.waitForMembers();
 * await radio.send("sunny", { group: "weather" });
 * const [frame] = await dish.receive();
 * console.log(new TextDecoder().decode(frame)); // sunny
 * ```
 */
export class Radio extends WritableSocket<readonly [MessageLike, GroupOptions]> {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Radio> = {}) {
    super(options.context, (host: PatternHost) => new RadioPattern(host));
    configure<Radio>(this, options, new.target === Radio);
  }

  /**
   * How many groups one peer may join; one that joins more is disconnected, which the event `disconnect` tells with an
   * error. 0 for no limit. It does not count over inproc, whose peers are the program's own. libzmq has no such option.
   * Default 1,000,000.
   */
  get maxSubscriptions(): number {
    return coreOf(this).get("maxSubscriptions");
  }
  set maxSubscriptions(value: number) {
    coreOf(this).set("maxSubscriptions", value);
  }

  /**
   * Sends a message of one frame to a group, as {@linkcode Writable.send} says.
   *
   * @param message The frame.
   * @param options The group.
   * @throws TypeError for a message of several frames, or without a group.
   * @throws RangeError for a group of more than 255 bytes.
   */
  override send(message: MessageLike, options: WaitOptions & GroupOptions): Promise<void> {
    try {
      return super.send([groupName(options?.group), singleFrame(message)], options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@linkcode Writable.trySend} says, for a message of one frame to a group. */
  override trySend(message: MessageLike, options: GroupOptions): boolean {
    return super.trySend([groupName(options?.group), singleFrame(message)]);
  }

  /** As {@linkcode Writable.writableStream} says. What is written is a frame, and its group: what a stream of a {@linkcode Dish} gives. */
  override writableStream(options?: StreamOptions): WritableStream<readonly [MessageLike, GroupOptions]> {
    return writableStream(coreOf(this), ([frame, to]) => [groupName(to?.group), singleFrame(frame)], options);
  }

  /** How many peers have joined a group. */
  get memberCount(): number {
    return (coreOf(this).pattern as RadioPattern).members(undefined);
  }

  /**
   * Waits until peers have joined: what is sent before is lost to them.
   *
   * @param count How many.
   * @param options What they joined, and how long to wait.
   * @throws ZmqError `EAGAIN` when the time is over or the socket is closed.
   */
  async waitForMembers(count: number = 1, options: MemberOptions = {}): Promise<void> {
    const core = coreOf(this);
    const group = options.group === undefined ? undefined : groupName(options.group);
    integer("count", count, 0);
    await core.until(() => (core.pattern as RadioPattern).members(group) >= count, options);
  }
}

/**
 * Receives from all peers in turn what is sent to the groups that it has joined (RFC 48). Without one it receives nothing. A
 * draft of libzmq.
 *
 * @example
 * ```ts
 * import { Dish, Radio } from "@denomq/zmq";
 *
 * await using radio = new Radio();
 * await using dish = new Dish();
 * await radio.bind("ipc://*");
 * dish.connect(radio.lastEndpoint!);
 * dish.join("weather", "sport");
 * dish.leave("sport");
 * await radio.waitForMembers(1, { group: "weather" });
 * await radio.send("sunny", { group: "weather" });
 * for await (const [frame, { group }] of dish) {
 *   console.log(new TextDecoder().decode(group), frame.length); // weather 5
 *   break;
 * }
 * ```
 */
export class Dish extends ReadableSocket<DishMessage> {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Dish> = {}) {
    super(options.context, (host: PatternHost) => new DishPattern(host));
    configure<Dish>(this, options, new.target === Dish);
  }

  /**
   * Joins groups.
   *
   * @param groups Their names, up to 255 bytes each; the empty one is a group like any other.
   * @throws ZmqError `EINVAL` for one that is joined already; `EBADF` when the socket is closed.
   * @throws RangeError for a name that is too long.
   */
  join(...groups: (string | Uint8Array)[]): void {
    this.#join(groups, true);
  }

  /**
   * Leaves groups: what waits of theirs is not received any more.
   *
   * @param groups Their names.
   * @throws ZmqError `EINVAL` for one that is not joined; `EBADF` when the socket is closed.
   * @throws RangeError for a name that is too long.
   */
  leave(...groups: (string | Uint8Array)[]): void {
    this.#join(groups, false);
  }

  #join(groups: (string | Uint8Array)[], join: boolean): void {
    const core = coreOf(this);
    core.alive("EBADF");
    for (const name of groups.map(groupName)) {
      if ((core.pattern as DishPattern).join(name, join)) continue;
      throw new ZmqError("EINVAL", { detail: join ? "the group is joined already" : "the group is not joined" });
    }
  }
}
