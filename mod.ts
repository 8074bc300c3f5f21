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
export { Stream } from "./sockets/stream.ts";
export { Publisher, Subscriber, type SubscriberOptions } from "./sockets/publish_subscribe.ts";
export { XPublisher, XSubscriber } from "./sockets/xpublish_xsubscribe.ts";
export { Client, Server, type ServerMessage } from "./sockets/client_server.ts";
export { Dish, type DishMessage, type GroupOptions, type MemberOptions, Radio } from "./sockets/radio_dish.ts";
export { Gather, Scatter } from "./sockets/scatter_gather.ts";
export { Peer, type PeerMessage } from "./sockets/peer.ts";
export { Channel } from "./sockets/channel.ts";
export { Context, context, type ContextHandle, type ContextOptions } from "./sockets/context.ts";
export { type Capability, capability, version } from "./sockets/capability.ts";
export { Proxy, type ProxyOptions, type ProxyRunOptions, type ProxyStatistics } from "./sockets/proxy.ts";
export type { SocketTraffic, Traffic } from "./sockets/relay.ts";
export {
  type EventContents,
  type EventError,
  type EventHandler,
  type EventOfType,
  type EventType,
  Observer,
  SocketEvent,
  type SocketEventDetails,
  type SocketEventListener,
} from "./sockets/observer.ts";
export { curveKeyPair, curvePublicKey } from "./sockets/curve_keys.ts";
export type { CurveKeyPair } from "./zmtp/curve_crypto.ts";
export { z85Decode, z85Encode } from "./zmtp/z85.ts";
export { Authenticator, type AuthenticatorOptions } from "./sockets/authenticator.ts";
export type { LinkEventType } from "./link/link.ts";
export type { Settable, SocketOptions } from "./sockets/configure.ts";
export { Socket } from "./sockets/socket.ts";
export { DuplexSocket, type Readable, ReadableSocket, type Writable, WritableSocket } from "./sockets/direction.ts";
export { type AddressedMessage, AddressedSocket, SingleFrameSocket } from "./sockets/single_frame_socket.ts";
export type { GroupName, Message, MessageLike, PeerId, Sendable } from "./sockets/message.ts";
export type { Properties } from "./sockets/metadata.ts";
export { type MessageMetadata, metadataOf } from "./sockets/message_metadata.ts";
export type { StreamOptions } from "./sockets/streams.ts";
export type { WaitOptions } from "./sockets/waiter.ts";
export { type ErrorCode, ZmqError, type ZmqErrorOptions } from "./transports/error.ts";
