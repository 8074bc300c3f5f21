/**
 * CLIENT and SERVER: requests and replies of single frames, without an order to keep.
 *
 * @module
 */

import { configure, type SocketOptions } from "./configure.ts";
import { DealerPattern } from "./dealer_pattern.ts";
import type { MessageLike } from "./message.ts";
import type { PatternHost } from "./pattern.ts";
import { ServerPattern } from "./server_pattern.ts";
import { type AddressedMessage, AddressedSocket, SingleFrameSocket } from "./single_frame_socket.ts";
import { coreOf } from "./socket.ts";

/** What a {@linkcode Server} receives: a frame, and who sent it. */
export type ServerMessage = AddressedMessage;

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
export class Client extends SingleFrameSocket {
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
export class Server extends AddressedSocket {
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

  /** What each new peer receives first; `null` for nothing. Acts at the next bind or connect. Default `null`. */
  set helloMessage(value: MessageLike) {
    coreOf(this).set("helloMessage", value);
  }

  /** What is received when an accepted peer has gone; `null` for nothing. Acts at the next bind. Default `null`. */
  set disconnectMessage(value: MessageLike) {
    coreOf(this).set("disconnectMessage", value);
  }
}
