/**
 * The traffic of CURVE: each frame goes in a MESSAGE of its own, which is numbered, encrypted and authenticated.
 *
 * @module
 */

import { BOX_OVERHEAD, type CurveCrypto } from "./curve_crypto.ts";
import { nonceOf, type OwnNonce, type PeerNonce, SHORT_NONCE } from "./curve_nonce.ts";
import { ProtocolError, ProtocolErrorValue } from "./error.ts";
import { COMMAND, headerSize, MORE, writeHeader } from "./framing.ts";
import type { Cipher, OpenedFrame } from "./mechanism.ts";

/** The name of the command, its length in front. A MESSAGE travels in a frame that is no command nevertheless. */
const NAME = Uint8Array.of(7, 77, 69, 83, 83, 65, 71, 69);
const BOX = NAME.length + SHORT_NONCE;
/** The flags within the box. There COMMAND is another bit than on the wire; it is libzmq's addition to RFC 26. */
const INNER_MORE = 1;
const INNER_COMMAND = 2;
const SHORTEST = BOX + BOX_OVERHEAD + 1;
/** Where the number is in a nonce. */
const NUMBER = 16;

const CLIENT = "CurveZMQMESSAGEC";
const SERVER = "CurveZMQMESSAGES";

/** The numbers of both directions. They go on from those of the handshake. */
export interface CurveNonces {
  /** The numbers of what is sent. */
  readonly own: OwnNonce;
  /** The numbers of what is received. */
  readonly peer: PeerNonce;
}

/** The two directions of one connection. */
export class CurveCipher implements Cipher {
  readonly #crypto: CurveCrypto;
  readonly #key: Uint8Array;
  readonly #nonces: CurveNonces;
  readonly #sealing: Uint8Array;
  readonly #opening: Uint8Array;

  /**
   * Makes the cipher.
   *
   * @param crypto The cryptography.
   * @param key What client and server share, from the two keys of this connection.
   * @param asServer Whether this side is the server.
   * @param nonces The numbers.
   */
  constructor(crypto: CurveCrypto, key: Uint8Array, asServer: boolean, nonces: CurveNonces) {
    this.#crypto = crypto;
    this.#key = key;
    this.#nonces = nonces;
    const none = new Uint8Array(SHORT_NONCE);
    this.#sealing = nonceOf(asServer ? SERVER : CLIENT, none);
    this.#opening = nonceOf(asServer ? CLIENT : SERVER, none);
  }

  /**
   * Makes a MESSAGE.
   *
   * @param flags `MORE`, `COMMAND` or 0.
   * @param body The body of the frame.
   * @returns The frame to send.
   */
  seal(flags: number, body: Uint8Array): Uint8Array {
    const plain = new Uint8Array(1 + body.length);
    plain[0] = ((flags & MORE) !== 0 ? INNER_MORE : 0) | ((flags & COMMAND) !== 0 ? INNER_COMMAND : 0);
    plain.set(body, 1);
    this.#nonces.own.next(this.#sealing, NUMBER);
    const box = this.#crypto.seal(this.#key, this.#sealing, plain);
    const size = BOX + box.length;
    const frame = new Uint8Array(headerSize(size) + size);
    const start = writeHeader(frame, 0, 0, size);
    frame.set(NAME, start);
    frame.set(this.#sealing.subarray(NUMBER), start + NAME.length);
    frame.set(box, start + BOX);
    return frame;
  }

  /**
   * Opens a MESSAGE.
   *
   * @param _ The flags of the frame, which nobody has authenticated.
   * @param body The body of the frame.
   * @returns The frame within.
   * @throws ProtocolError where it is no MESSAGE, not genuine, or out of order.
   */
  open(_: number, body: Uint8Array): OpenedFrame {
    for (let i = 0; i < NAME.length; i++) {
      if (body[i] !== NAME[i]) throw new ProtocolError("unexpected-command", "Peer sent something other than MESSAGE");
    }
    if (body.length < SHORTEST) {
      const value = ProtocolErrorValue.MALFORMED_COMMAND_MESSAGE;
      throw new ProtocolError("malformed-command", `MESSAGE of ${body.length} bytes is too short`, { value });
    }
    this.#nonces.peer.check(body, NAME.length);
    this.#opening.set(body.subarray(NAME.length, BOX), NUMBER);
    const plain = this.#crypto.open(this.#key, this.#opening, body.subarray(BOX));
    if (plain === null) throw new ProtocolError("cryptographic", "MESSAGE of the peer is not genuine");
    this.#nonces.peer.accept(body, NAME.length);
    const inner = plain[0]!;
    const flags = ((inner & INNER_MORE) !== 0 ? MORE : 0) | ((inner & INNER_COMMAND) !== 0 ? COMMAND : 0);
    return { flags, body: plain.subarray(1) };
  }
}
