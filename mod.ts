/**
 * ZeroMQ for Deno, in TypeScript from the wire up: no libzmq, no native addon. It speaks ZMTP 3.1, so that every program
 * with libzmq is a peer.
 *
 * @example
 * ```ts
 * import { Reply, Request } from "@denomq/zmq";
 *
 * await using reply = new Reply();
 * await using request = new Request();
 * await reply.bind("ipc://*");
 * request.connect(reply.lastEndpoint!);
 *
 * await request.send("hello");
 * const question = await reply.receive();
 * await reply.send([...question, "world"]);
 * const answer = await request.receive();
 * console.log(answer.map((frame) => new TextDecoder().decode(frame))); // [ "hello", "world" ]
 * ```
 *
 * @module
 */

export { Pair } from "./sockets/pair.ts";
export { Pull, Push } from "./sockets/pipeline.ts";
export { Reply, Request } from "./sockets/request_reply.ts";
export { Dealer, Router } from "./sockets/dealer_router.ts";
export { Publisher, Subscriber, type SubscriberOptions } from "./sockets/publish_subscribe.ts";
export { XPublisher, XSubscriber } from "./sockets/xpublish_xsubscribe.ts";
export { Context, context, type ContextHandle, type ContextOptions } from "./sockets/context.ts";
export {
  type EventHandler,
  type EventType,
  Observer,
  SocketEvent,
  type SocketEventDetails,
} from "./sockets/observer.ts";
export { Authenticator, type AuthenticatorOptions } from "./sockets/authenticator.ts";
export type { LinkEventType } from "./link/link.ts";
export type { Settable, SocketOptions } from "./sockets/configure.ts";
export { Socket } from "./sockets/socket.ts";
export { DuplexSocket, type Readable, ReadableSocket, type Writable, WritableSocket } from "./sockets/direction.ts";
export type { Message, MessageLike, Sendable } from "./sockets/message.ts";
export type { WaitOptions } from "./sockets/waiter.ts";
export { type ErrorCode, ZmqError, type ZmqErrorOptions } from "./transports/error.ts";
