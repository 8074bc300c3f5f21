/**
 * The traffic of CURVE: each frame goes in a MESSAGE of its own, which is numbered, encrypted and authenticated.
 *
 * @module
 */

import { BOX_OVERHEAD, BOX_ROOM, type BoxSeries, type CurveCrypto } from "./curve_crypto.ts";
import { type OwnNonce, type PeerNonce, SHORT_NONCE } from "./curve_nonce.ts";
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
/** Long words can be encrypted at a time where they are aligned. */
const WORD = 4;

/** What the nonces of either side begin with. */
const [CLIENT, SERVER] = ["CurveZMQMESSAGEC", "CurveZMQMESSAGES"].map((name) => new TextEncoder().encode(name)) as [
  Uint8Array,
  Uint8Array,
];

/** The numbers of both directions. They go on from those of the handshake. */
export interface CurveNonces {
  /** The numbers of what is sent. */
  readonly own: OwnNonce;
  /** The numbers of what is received. */
  readonly peer: PeerNonce;
}

/** The two directions of one connection. */
export class CurveCipher implements Cipher {
  readonly #nonces: CurveNonces;
  readonly #sealing: BoxSeries;
  readonly #opening: BoxSeries;
  readonly #number: Uint8Array = new Uint8Array(SHORT_NONCE);

  /**
   * Makes the cipher.
   *
   * @param crypto The cryptography.
   * @param key What client and server share, from the two keys of this connection.
   * @param asServer Whether this side is the server.
   * @param nonces The numbers.
   */
  constructor(crypto: CurveCrypto, key: Uint8Array, asServer: boolean, nonces: CurveNonces) {
    this.#nonces = nonces;
    this.#sealing = crypto.series(key, asServer ? SERVER : CLIENT);
    this.#opening = crypto.series(key, asServer ? CLIENT : SERVER);
  }

  /**
   * Makes a MESSAGE.
   *
   * @param flags `MORE`, `COMMAND` or 0.
   * @param body The body of the frame.
   * @returns The frame to send.
   */
  seal(flags: number, body: Uint8Array): Uint8Array {
    const number = this.#number;
    this.#nonces.own.next(number, 0);
    const size = BOX_ROOM + 1 + body.length;
    const header = headerSize(size);
    const frame = new Uint8Array(new ArrayBuffer(WORD + header + size), -header & (WORD - 1)).subarray(
      0,
      header + size,
    );
    const start = writeHeader(frame, 0, 0, size);
    const room = frame.subarray(start);
    room[BOX_ROOM] = ((flags & MORE) !== 0 ? INNER_MORE : 0) | ((flags & COMMAND) !== 0 ? INNER_COMMAND : 0);
    room.set(body, BOX_ROOM + 1);
    this.#sealing.seal(number, room);
    // What is in front of the box takes just the room that the series wants there.
    room.set(NAME);
    room.set(number, NAME.length);
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
    const number = this.#number;
    for (let i = 0; i < SHORT_NONCE; i++) number[i] = body[NAME.length + i]!;
    // The decoder has no more use for these bytes.
    const plain = this.#opening.open(number, body);
    if (plain === null) throw new ProtocolError("cryptographic", "MESSAGE of the peer is not genuine");
    this.#nonces.peer.accept(number, 0);
    const inner = plain[0]!;
    const flags = ((inner & INNER_MORE) !== 0 ? MORE : 0) | ((inner & INNER_COMMAND) !== 0 ? COMMAND : 0);
    return { flags, body: plain.subarray(1) };
  }
}
