/**
 * CLIENT and SERVER: requests and replies of single frames, without an order to keep.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { DealerPattern } from "./dealer_pattern.ts";
import { DuplexSocket } from "./direction.ts";
import type { Message, MessageLike, PeerId } from "./message.ts";
import type { PatternHost } from "./pattern.ts";
import { ServerPattern } from "./server_pattern.ts";
import { idFrame, singleFrame } from "./single_frame.ts";
import { coreOf } from "./socket.ts";
import { type StreamOptions, writableStream } from "./streams.ts";
import type { WaitOptions } from "./waiter.ts";

/** What a {@linkcode Server} receives: a frame, and who sent it. */
export type ServerMessage = [frame: Uint8Array<ArrayBuffer>, from: PeerId];

/**
 * Sends to its servers in turn, and receives from all of them (RFC 41). Messages are single frames: one of several is dropped
 * when it comes. A draft of libzmq.
 *
 * @example
 * ```ts
 * import { Client, Server } from "@denomq/zmq";
 *
 * await using server = new Server();
 * await using client = new Client();
 * await server.bind("ipc://*");
 * client.connect(server.lastEndpoint!);
 * await client.send("question");
 * const [, { routingId }] = await server.receive();
 * await server.send("answer", { routingId });
 * const [answer] = await client.receive();
 * console.log(new TextDecoder().decode(answer)); // answer
 * ```
 */
export class Client extends DuplexSocket<Message, MessageLike> {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Client> = {}) {
    super(options.context, (host: PatternHost) => new DealerPattern(host, "CLIENT"));
    configure<Client>(this, options, new.target === Client);
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

  /** What each new peer receives first; `null` for nothing. Acts at the next bind or connect. Default `null`. */
  set helloMessage(value: MessageLike) {
    coreOf(this).set("helloMessage", value);
  }

  /** What is received when a connection that was made is lost; `null` for nothing. Acts at the next connect. Default `null`. */
  set hiccupMessage(value: MessageLike) {
    coreOf(this).set("hiccupMessage", value);
  }
}

/**
 * Receives from its clients in turn, and sends to whom it names by the number that the client's messages came with (RFC 41).
 * Messages are single frames: one of several is dropped when it comes. A draft of libzmq.
 *
 * @example
 * ```ts
 * import { Client, Server } from "@denomq/zmq";
 *
 * await using server = new Server();
 * await using client = new Client();
 * await server.bind("ipc://*");
 * client.connect(server.lastEndpoint!);
 * await client.send("question");
 * for await (const [question, { routingId }] of server) {
 *   console.log(new TextDecoder().decode(question)); // question
 *   await server.send("answer", { routingId });
 *   break;
 * }
 * ```
 */
export class Server extends DuplexSocket<ServerMessage, readonly [MessageLike, PeerId]> {
  /**
   * Makes a socket.
   *
   * @param options Its options.
   * @throws ZmqError `EMFILE` when the context has as many sockets as it may.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: SocketOptions<Server> = {}) {
    super(options.context, (host: PatternHost) => new ServerPattern(host, "SERVER"));
    configure<Server>(this, options, new.target === Server);
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
}
