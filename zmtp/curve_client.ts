/**
 * The client of CURVE: knows the server by its key, and shows its own.
 *
 * @module
 */

import { concat } from "./concat.ts";
import { CurveCipher } from "./curve_cipher.ts";
import type { CurveCrypto, CurveKeyPair } from "./curve_crypto.ts";
import { KEY_SIZE } from "./curve_crypto.ts";
import { Hello, NonceName, Ready, sharedKey, unbox, Welcome } from "./curve_handshake.ts";
import { LONG_NONCE, nonceOf, OwnNonce, PeerNonce, SHORT_NONCE } from "./curve_nonce.ts";
import { malformed, ProtocolError, ProtocolErrorValue, unexpected } from "./error.ts";
import type { Mechanism, MechanismHost } from "./mechanism.ts";

/** The long-term keys that a client needs, 32 bytes each; `null` for one that nobody has set. */
export interface CurveClientKeys {
  /** The client's own. */
  readonly publicKey: Uint8Array | null;
  /** The client's own. */
  readonly secretKey: Uint8Array | null;
  /** The server's public key. */
  readonly serverKey: Uint8Array | null;
}

/** One run of the client. */
export class CurveClient implements Mechanism {
  /** The name in the greeting. */
  readonly name = "CURVE";
  /** The other side is the server. */
  readonly asServer = false;
  readonly #crypto: CurveCrypto;
  readonly #keys: CurveClientKeys;
  readonly #own = new OwnNonce();
  readonly #peer = new PeerNonce();
  #host: MechanismHost | null = null;
  /** The keys of this connection, as long as they are needed. */
  #transient: CurveKeyPair | null = null;
  /** What is shared by c' and S. */
  #hello: Uint8Array | null = null;
  /** What is shared by c' and S'. */
  #session: Uint8Array | null = null;

  /**
   * Makes a client.
   *
   * @param crypto The cryptography.
   * @param keys The long-term keys.
   */
  constructor(crypto: CurveCrypto, keys: CurveClientKeys) {
    this.#crypto = crypto;
    this.#keys = keys;
  }

  /**
   * Sends HELLO.
   *
   * @param host The machine.
   * @throws ProtocolError where a key is missing.
   */
  start(host: MechanismHost): void {
    const { publicKey, secretKey, serverKey } = this.#keys;
    if (publicKey === null || secretKey === null || serverKey === null) {
      const missing = serverKey === null ? "serverKey" : secretKey === null ? "secretKey" : "publicKey";
      throw new ProtocolError("cryptographic", `Client of CURVE has no ${missing}`);
    }
    this.#host = host;
    this.#transient = this.#crypto.keyPair();
    this.#hello = sharedKey(this.#crypto, serverKey, this.#transient.secretKey);
    const hello = new Uint8Array(Hello.SIZE);
    hello[Hello.VERSION] = 1;
    hello.set(this.#transient.publicKey, Hello.KEY);
    this.#own.next(hello, Hello.NONCE);
    const nonce = nonceOf(NonceName.HELLO, hello.subarray(Hello.NONCE, Hello.BOX));
    hello.set(this.#crypto.seal(this.#hello, nonce, new Uint8Array(Hello.PROOF)), Hello.BOX);
    host.send("HELLO", hello);
  }

  /**
   * Takes WELCOME and READY.
   *
   * @param name The name of the command.
   * @param data Its data.
   */
  receive(name: string, data: Uint8Array): void {
    if (this.#session === null) this.#welcome(name, data);
    else this.#ready(name, data);
  }

  #welcome(name: string, data: Uint8Array): void {
    if (name !== "WELCOME") throw unexpected(name, "WELCOME");
    if (data.length !== Welcome.SIZE) throw malformed(name, ProtocolErrorValue.MALFORMED_COMMAND_WELCOME);
    const nonce = nonceOf(NonceName.WELCOME, data.subarray(0, LONG_NONCE));
    const welcome = unbox(this.#crypto, this.#hello!, nonce, data.subarray(Welcome.BOX), name);
    const { publicKey, secretKey } = this.#transient!;
    const theirs = welcome.subarray(0, KEY_SIZE);
    this.#session = sharedKey(this.#crypto, theirs, secretKey);
    this.#initiate(theirs, welcome.subarray(KEY_SIZE), publicKey);
    secretKey.fill(0);
    this.#hello!.fill(0);
    this.#transient = this.#hello = null;
  }

  #initiate(theirs: Uint8Array, cookie: Uint8Array, transient: Uint8Array): void {
    const { publicKey, secretKey, serverKey } = this.#keys;
    const vouchKey = sharedKey(this.#crypto, theirs, secretKey!);
    const vouchNonce = this.#crypto.random(LONG_NONCE);
    const vouch = this.#crypto.seal(vouchKey, nonceOf(NonceName.VOUCH, vouchNonce), concat([transient, serverKey!]));
    vouchKey.fill(0);
    const number = new Uint8Array(SHORT_NONCE);
    this.#own.next(number, 0);
    const proof = concat([publicKey!, vouchNonce, vouch, this.#host!.metadata]);
    const box = this.#crypto.seal(this.#session!, nonceOf(NonceName.INITIATE, number), proof);
    this.#host!.send("INITIATE", concat([cookie, number, box]));
  }

  #ready(name: string, data: Uint8Array): void {
    if (name !== "READY") throw unexpected(name, "READY");
    if (data.length < Ready.SHORTEST) throw malformed(name, ProtocolErrorValue.MALFORMED_COMMAND_READY);
    this.#peer.check(data, 0);
    const nonce = nonceOf(NonceName.READY, data.subarray(0, SHORT_NONCE));
    const metadata = unbox(this.#crypto, this.#session!, nonce, data.subarray(Ready.BOX), name);
    this.#peer.accept(data, 0);
    const nonces = { own: this.#own, peer: this.#peer };
    this.#host!.done(metadata, new CurveCipher(this.#crypto, this.#session!, false, nonces));
  }
}
