/**
 * What a machine takes, calls and tells.
 *
 * @module
 */

import type { Authenticate } from "./authentication.ts";
import type { MechanismFactory } from "./mechanism.ts";
import type { SocketTypeName } from "./socket_type.ts";

/** Where the machine is. */
export type Phase = "greeting" | "handshake" | "traffic" | "failed";

/** What the handshake has told about the peer. */
export interface Peer {
  /** The major version that both sides speak. */
  readonly major: 3;
  /** The minor version that both sides speak. */
  readonly minor: 0 | 1;
  /** The peer's socket type; empty where it did not say. */
  readonly socketType: string;
  /** The peer's routing id; empty where it has none. */
  readonly routingId: Uint8Array;
  /** Who the peer is, as the authenticator (ZAP) says; empty where none was asked or it did not say. */
  readonly userId: string;
  /**
   * All of the peer's properties, `Socket-Type` and `Identity` included, and what the authenticator says of it, which
   * takes the place of what it says itself.
   */
  readonly metadata: ReadonlyMap<string, Uint8Array>;
}

/** What the machine calls. */
export interface MachineSink {
  /** The handshake is done: `machine.peer` is set, and traffic may be sent. */
  ready(): void;
  /** A whole message has come. Small frames are views that share a buffer with others, and keep it in memory. */
  message(frames: Uint8Array[]): void;
  /** A command has come that the machine has no use for itself, in order with the messages. The body is the sink's own. */
  command(name: string, body: Uint8Array): void;
}

/** What the machine has to know. Times are in milliseconds. */
export interface MachineOptions {
  /** This side's socket type. */
  socketType: SocketTypeName;
  /** This side's routing id, which REQ, DEALER and ROUTER send. */
  routingId: Uint8Array;
  /** Further properties to tell the peer, such as `X-…`. */
  metadata?: ReadonlyMap<string, Uint8Array>;
  /** The largest body of a frame, handshake included; −1 for no limit. */
  maxMessageSize: number;
  /** How long the handshake may take; 0 for ever. */
  handshakeInterval: number;
  /** The time between two PINGs; 0 for none. */
  heartbeatInterval: number;
  /** How long the peer may hear nothing before it gives us up: our PINGs tell it; 0 for ever. */
  heartbeatTimeToLive: number;
  /** How long to wait for bytes after a PING; −1 for as long as the interval. */
  heartbeatTimeout: number;
  /** The security mechanism; NULL unless given. */
  mechanism?: MechanismFactory;
  /** Whom the mechanism of a server asks about peers; nobody unless given. */
  authenticate?: Authenticate | null;
}
