/**
 * What is known of the peer that a message came from.
 *
 * @module
 */

import type { Origin } from "../link/pipe.ts";

/** What is known of the peer that a message came from: see {@linkcode metadataOf}. */
export interface MessageMetadata {
  /**
   * The peer's address, as events and ZAP have it: over tcp its host, over ipc `localhost`, over vmci `cid:port`.
   * Empty over inproc.
   */
  readonly peerAddress: string;
  /** Who the peer is, as the ZAP handler says that let it in; empty where none was asked, or it did not say. */
  readonly userId: string;
  /** The peer's type, such as `DEALER`; empty where it is no ZeroMQ socket. */
  readonly socketType: string;
  /** The peer's own routing id; empty where it has none. */
  readonly routingId: Uint8Array;
  /**
   * All properties by their names: what the peer has told in the handshake, such as `Socket-Type`, `Identity` and those
   * that begin with `X-`, what the ZAP handler has added, `User-Id` where it is known, and `Peer-Address`. Values are
   * read as UTF-8. Over inproc, where there is no handshake, there are none.
   */
  readonly properties: ReadonlyMap<string, string>;
}

const origins = new WeakMap<object, Origin>();
const described = new WeakMap<Origin, MessageMetadata>();

const decoder = new TextDecoder();

/** Remembers where a message came from. */
export function remember(message: object, origin: Origin): void {
  origins.set(message, origin);
}

/**
 * Tells what is known of the peer that a message came from: its address, who it is, and the properties that it has told in
 * the handshake. All messages of one connection have the same object. See zmq_msg_gets(3).
 *
 * @param message A message as it was received, of a socket with `receiveMetadata`.
 * @throws TypeError for anything else: such a message could be anybody's.
 * @example
 * ```ts
 * import { Dealer, metadataOf, Router } from "@denomq/zmq";
 *
 * await using router = new Router({ receiveMetadata: true });
 * await using dealer = new Dealer({ metadata: { "X-Version": "7" } });
 * await router.bind("ipc://*");
 * dealer.connect(router.lastEndpoint!);
 * await dealer.send("hello");
 *
 * const message = await router.receive();
 * const { peerAddress, socketType, properties } = metadataOf(message);
 * console.log(peerAddress, socketType, properties.get("X-Version")); // localhost DEALER 7
 * ```
 */
export function metadataOf(message: readonly unknown[]): MessageMetadata {
  const origin = origins.get(message);
  if (origin === undefined) {
    throw new TypeError(
      "Cannot tell the metadata: the value must be a message as it was received, by a socket with receiveMetadata",
    );
  }
  let metadata = described.get(origin);
  if (metadata === undefined) described.set(origin, metadata = describe(origin));
  return metadata;
}

function describe({ peer, address }: Origin): MessageMetadata {
  const properties = new Map<string, string>();
  for (const [name, value] of peer?.metadata ?? []) {
    // Nobody says of itself where it is.
    if (name.toLowerCase() !== "peer-address") properties.set(name, decoder.decode(value));
  }
  const userId = peer?.userId ?? "";
  if (userId !== "") properties.set("User-Id", userId);
  if (address !== "") properties.set("Peer-Address", address);
  const { socketType = "", routingId = new Uint8Array() } = peer ?? {};
  // Over inproc the peer has the very same bytes.
  return Object.freeze({ peerAddress: address, userId, socketType, routingId: routingId.slice(), properties });
}
