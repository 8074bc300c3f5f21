/**
 * What a security mechanism is: the conversation between the greeting and the traffic, and perhaps a cipher for the traffic.
 *
 * @module
 */

import type { Authenticate } from "./authentication.ts";
import type { ProtocolError } from "./error.ts";

/** What the machine does for a mechanism. */
export interface MechanismHost {
  /** The minor version of ZMTP 3 that both sides speak. */
  readonly minor: 0 | 1;
  /** This side's encoded properties, for the command that carries them. */
  readonly metadata: Uint8Array;
  /**
   * Checks the peer's properties before anything is said that would welcome it.
   *
   * @param metadata The peer's encoded properties.
   * @throws ProtocolError as {@linkcode done}.
   */
  check(metadata: Uint8Array): void;
  /** Queues a command of the handshake. */
  send(name: string, data: Uint8Array): void;
  /**
   * Ends the handshake well: the machine checks the peer's properties, and traffic begins. A mechanism that waits for a third
   * party (ZAP) may call it outside of {@linkcode Mechanism.receive}; whoever makes it do so then takes the output and calls
   * `advance()` of the machine again.
   *
   * @param metadata The peer's encoded properties.
   * @param cipher What the traffic goes through; none where it is sent as it is.
   * @throws ProtocolError where the properties are malformed or the peer's socket type is wrong.
   */
  done(metadata: Uint8Array, cipher?: Cipher): void;
  /**
   * Ends the handshake badly from outside of {@linkcode Mechanism.receive}, which just throws: the next `advance()` throws the
   * error.
   */
  fail(error: ProtocolError): void;
}

/** One run of a mechanism, for one connection. */
export interface Mechanism {
  /** The name in the greeting: at most 20 ASCII characters. */
  readonly name: string;
  /** Whether this side is the server. */
  readonly asServer: boolean;
  /** The greetings have been exchanged; the host is good until the handshake ends. */
  start(host: MechanismHost): void;
  /**
   * A command of the handshake has come; to a client never ERROR.
   *
   * @throws ProtocolError where the command is malformed or has no place at this point.
   */
  receive(name: string, data: Uint8Array): void;
  /**
   * The body of a command has come that begins with no name. The mechanism may know what is meant; else it is an error.
   *
   * @throws ProtocolError where the mechanism knows it.
   */
  receiveNameless?(body: Uint8Array): void;
}

/**
 * Makes the mechanism of one connection.
 *
 * @param authenticate Whom a server asks about the peer; `null` when nobody is to be asked.
 */
export type MechanismFactory = (authenticate: Authenticate | null) => Mechanism;

/** What the frames of the traffic go through where the mechanism protects them. */
export interface Cipher {
  /**
   * Protects a frame. Frames are given in the order in which they are sent.
   *
   * @param flags `MORE`, `COMMAND` or 0.
   * @param body The body of the frame.
   * @returns The whole frame to send in its place, header included.
   * @throws ProtocolError of the kind `"worn-out"` where that would take what may be used once only.
   */
  seal(flags: number, body: Uint8Array): Uint8Array;
  /**
   * Undoes what the peer's {@linkcode Cipher.seal} did.
   *
   * @param flags The flags of the outer frame.
   * @param body The body of the outer frame: a view that must not be kept, and may be written to.
   * @returns The inner frame, which shares no bytes with the outer one.
   * @throws ProtocolError where the frame is not genuine.
   */
  open(flags: number, body: Uint8Array): OpenedFrame;
}

/** A frame that came out of a {@linkcode Cipher}. */
export interface OpenedFrame {
  /** `MORE`, `COMMAND` or 0. */
  readonly flags: number;
  /** The body. */
  readonly body: Uint8Array;
}
