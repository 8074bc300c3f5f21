/**
 * The PLAIN mechanism (RFC 24): a user name and a password, which whoever listens on the wire can read.
 *
 * ```text
 * client                              server
 *    HELLO user name, password  ────▶   asks whether the two are right
 *                               ◀────   WELCOME, or ERROR and the end
 *    INITIATE properties        ────▶
 *                               ◀────   READY properties
 * ```
 *
 * @module
 */

import { type Authenticate, nobodyToAsk, obey } from "./authentication.ts";
import { decodeReason } from "./command.ts";
import { malformed, ProtocolError, ProtocolErrorValue, unexpected } from "./error.ts";
import type { Mechanism, MechanismHost } from "./mechanism.ts";

const NAME = "PLAIN";
const EMPTY = new Uint8Array();

/** What the PLAIN server of every libzmq sends in place of an ERROR: `"\x05ERROR"` in C, where `\x05E` is one character. */
const GARBLED_ERROR = Uint8Array.from("^RROR", (character) => character.charCodeAt(0));

/** The side that shows its user name and password. */
export class PlainClient implements Mechanism {
  /** The name in the greeting. */
  readonly name = NAME;
  /** This side is no server. */
  readonly asServer = false;
  readonly #hello: Uint8Array;
  #host: MechanismHost | null = null;
  #expected: "WELCOME" | "READY" = "WELCOME";

  /**
   * Makes one run.
   *
   * @param username The user name, at most 255 bytes.
   * @param password The password, at most 255 bytes.
   */
  constructor(username: Uint8Array, password: Uint8Array) {
    const hello = new Uint8Array(2 + username.length + password.length);
    hello[0] = username.length;
    hello.set(username, 1);
    hello[1 + username.length] = password.length;
    hello.set(password, 2 + username.length);
    this.#hello = hello;
  }

  /**
   * Sends HELLO.
   *
   * @param host The machine.
   */
  start(host: MechanismHost): void {
    this.#host = host;
    host.send("HELLO", this.#hello);
  }

  /**
   * Takes WELCOME, then READY.
   *
   * @param name The name of the command.
   * @param data Its data.
   */
  receive(name: string, data: Uint8Array): void {
    if (name !== this.#expected) throw unexpected(name, this.#expected);
    const host = this.#host!;
    if (name === "READY") return host.done(data);
    if (data.length > 0) throw malformed("WELCOME", ProtocolErrorValue.MALFORMED_COMMAND_WELCOME);
    this.#expected = "READY";
    host.send("INITIATE", host.metadata);
  }

  /**
   * Sees whether that is libzmq's ERROR.
   *
   * @param body The body of the frame.
   */
  receiveNameless(body: Uint8Array): void {
    if (!GARBLED_ERROR.every((byte, i) => byte === body[i])) return;
    const reason = decodeReason(body.subarray(GARBLED_ERROR.length));
    if (reason === null) return;
    throw new ProtocolError("peer-error", `Peer refused the connection: ${reason}`, { reason });
  }
}

/** The side that asks whether user name and password are right. */
export class PlainServer implements Mechanism {
  /** The name in the greeting. */
  readonly name = NAME;
  /** This side is the server. */
  readonly asServer = true;
  readonly #authenticate: Authenticate | null;
  #host: MechanismHost | null = null;
  #expected: "HELLO" | "INITIATE" | null = "HELLO";

  /**
   * Makes one run.
   *
   * @param authenticate Whom to ask. With nobody to ask every peer is refused, for there is no use in a password that
   * nobody looks at.
   */
  constructor(authenticate: Authenticate | null) {
    this.#authenticate = authenticate;
  }

  /**
   * Waits for HELLO.
   *
   * @param host The machine.
   */
  start(host: MechanismHost): void {
    this.#host = host;
  }

  /**
   * Takes HELLO, then, once the peer is welcome, INITIATE.
   *
   * @param name The name of the command.
   * @param data Its data.
   */
  receive(name: string, data: Uint8Array): void {
    if (name !== this.#expected) throw unexpected(name, this.#expected ?? "nothing");
    const host = this.#host!;
    if (name === "INITIATE") {
      host.check(data);
      host.send("READY", host.metadata);
      return host.done(data);
    }
    const credentials = readHello(data);
    if (this.#authenticate === null) throw nobodyToAsk();
    this.#expected = null;
    this.#authenticate({ mechanism: NAME, credentials }, (answer) =>
      obey(host, answer, () => {
        this.#expected = "INITIATE";
        host.send("WELCOME", EMPTY);
      }));
  }
}

/** The user name and the password, as copies: whoever is asked may take its time. */
function readHello(data: Uint8Array): [Uint8Array, Uint8Array] {
  const middle = 1 + (data[0] ?? 0);
  const length = data[middle];
  if (length === undefined || middle + 1 + length !== data.length) {
    throw malformed("HELLO", ProtocolErrorValue.MALFORMED_COMMAND_HELLO);
  }
  return [data.slice(1, middle), data.slice(middle + 1)];
}
