/**
 * What the two kinds of link (an accepting one and a dialing one) share with the socket above.
 *
 * @module
 */

import type { AuthenticationRequest, Verdict } from "../zmtp/authentication.ts";
import type { MachineOptions } from "../zmtp/machine.ts";
import type { BindOptions } from "../transports/transport.ts";
import { ZmqError } from "../transports/error.ts";
import { systemError } from "../transports/system_error.ts";
import { ProtocolError } from "../zmtp/error.ts";
import type { Pipe, PipeLimits, PipeOwner } from "./pipe.ts";

/**
 * Asks somebody whether a peer may come in. The answer comes later, once.
 *
 * @param request What the mechanism knows of the peer.
 * @param address The peer's address.
 * @param answer Takes the verdict, or why there is none.
 * @returns Gives the question up: no answer comes any more.
 */
export type Authenticator = (
  request: AuthenticationRequest,
  address: string,
  answer: (verdict: Verdict | ProtocolError) => void,
) => () => void;

/** The options of a socket as they were when it was bound or connected. */
export interface LinkSettings {
  /** What the protocol is told. */
  readonly machine: MachineOptions;
  /** Loads what the protocol needs, before the first connection is made; `null` once it is there. */
  readonly prepare?: () => Promise<unknown> | null;
  /** Whom the mechanism may ask about peers; `null` for nobody. */
  readonly authenticator: Authenticator | null;
  /** What the transport is told. */
  readonly transport: BindOptions;
  /** The high water marks of the socket: shared, for they act at once. */
  readonly limits: PipeLimits;
  /** How many connections a bound endpoint holds at a time; 0 for no limit. */
  readonly maxConnections: number;
  /** Whether pipes keep only the newest message. */
  readonly conflate: boolean;
  /** Whether messages are queued only for connected peers. */
  readonly immediate: boolean;
  /** First wait before a connection is tried again, ms; 0 or less: never. */
  readonly reconnectInterval: number;
  /** Longest wait, ms; 0: every wait is about as long as the first. */
  readonly reconnectMaxInterval: number;
  /** What ends the attempts to connect before their time: bits of {@linkcode STOP}. */
  readonly reconnectStop: number;
  /** A message that the socket receives when an accepted peer is gone. */
  readonly disconnectMessage: readonly Uint8Array[] | null;
  /** A message that the socket receives when a connection that it made is lost. */
  readonly hiccupMessage: readonly Uint8Array[] | null;
}

/** What may end the attempts to connect (ZMQ_RECONNECT_STOP). */
export const STOP = { REFUSED: 1, HANDSHAKE_FAILED: 2, AFTER_DISCONNECT: 4 } as const;

/** What happens to a link, by zeromq.js's names. */
export type LinkEventType =
  | "accept"
  | "accept:error"
  | "bind"
  | "bind:error"
  | "connect"
  | "connect:delay"
  | "connect:retry"
  | "close"
  | "close:error"
  | "disconnect"
  | "handshake"
  | "handshake:error:protocol"
  | "handshake:error:auth"
  | "handshake:error:other";

/** One thing that happened. */
export interface LinkEvent {
  readonly type: LinkEventType;
  /** The endpoint that it happened at. */
  readonly address: string;
  /** What went wrong. */
  readonly error?: Error;
  /** The wait before the next attempt, ms. */
  readonly interval?: number;
}

/** The socket as its links see it. */
export interface LinkHost extends PipeOwner {
  /** Takes a new pipe; `false` refuses its peer. */
  adopt(pipe: Pipe): boolean;
  /** Something happened. */
  emit(event: LinkEvent): void;
  /** The link has ended by itself or was ended, and holds nothing any more. */
  released(link: Link): void;
}

/** One bound or connected endpoint of a socket. */
export interface Link {
  /** What `unbind()` and `disconnect()` know it by. */
  readonly key: string;
  /** Whether messages wait that no peer has taken. */
  readonly unsent: boolean;
  /**
   * Ends the link; what is queued may take `linger` ms (-1 without limit).
   *
   * @returns When no further peer can connect.
   */
  close(linger: number): Promise<void> | undefined;
}

/** The event of a handshake that fails. */
export function failureEvent(address: string, cause: unknown): LinkEvent {
  if (cause instanceof ProtocolError) {
    const kind = cause.passing ? "other" : cause.status !== undefined ? "auth" : "protocol";
    return { type: `handshake:error:${kind}`, address, error: cause };
  }
  const error = cause === undefined
    ? new ZmqError("EPIPE", { address, detail: "the peer has closed the connection during the handshake" })
    : systemError(cause, address);
  return { type: "handshake:error:other", address, error };
}

/** The event of a connection that has ended, for whatever reason and however far it has come. */
export function endEvent(address: string, error: unknown): LinkEvent {
  return { type: "disconnect", address, ...(error instanceof Error && { error }) };
}
