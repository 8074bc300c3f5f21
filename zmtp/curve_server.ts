/**
 * The server of CURVE: lets in whoever knows its key, and whom somebody else finds good where there is somebody to ask.
 *
 * @module
 */

import { type Authenticate, obey } from "./authentication.ts";
import { concat } from "./concat.ts";
import { CurveCipher } from "./curve_cipher.ts";
import { type CurveCrypto, KEY_SIZE, sameSecret } from "./curve_crypto.ts";
import { Cookie, Hello, Initiate, NonceName, Proof, sharedKey, unbox } from "./curve_handshake.ts";
import { LONG_NONCE, nonceOf, OwnNonce, PeerNonce, SHORT_NONCE } from "./curve_nonce.ts";
import { malformed, ProtocolError, ProtocolErrorValue, unexpected } from "./error.ts";
import type { Mechanism, MechanismHost } from "./mechanism.ts";

/** The long-term keys of a server, 32 bytes each. */
export interface CurveServerKeys {
  /** The one that clients must know. */
  readonly publicKey: Uint8Array;
  /** The one that belongs to it. */
  readonly secretKey: Uint8Array;
}

/** What is known between WELCOME and INITIATE. */
interface Welcomed {
  /** C'. */
  readonly client: Uint8Array;
  /** s'. */
  readonly secretKey: Uint8Array;
  /** What the cookie is boxed with: good for this connection only. */
  readonly cookieKey: Uint8Array;
}

/** One run of the server. */
export class CurveServer implements Mechanism {
  /** The name in the greeting. */
  readonly name = "CURVE";
  /** This side is the server. */
  readonly asServer = true;
  readonly #crypto: CurveCrypto;
  readonly #keys: CurveServerKeys | null;
  readonly #authenticate: Authenticate | null;
  readonly #own = new OwnNonce();
  readonly #peer = new PeerNonce();
  #host: MechanismHost | null = null;
  #due: "HELLO" | "INITIATE" | "nothing" = "HELLO";
  #welcomed: Welcomed | null = null;

  /**
   * Makes a server.
   *
   * @param crypto The cryptography.
   * @param keys The long-term keys; `null` when nobody has set them.
   * @param authenticate Whom to ask about clients; `null` when every client that knows the public key may come in.
   */
  constructor(crypto: CurveCrypto, keys: CurveServerKeys | null, authenticate: Authenticate | null) {
    this.#crypto = crypto;
    this.#keys = keys;
    this.#authenticate = authenticate;
  }

  /**
   * Waits for HELLO.
   *
   * @param host The machine.
   * @throws ProtocolError where the key is missing.
   */
  start(host: MechanismHost): void {
    if (this.#keys === null) throw new ProtocolError("cryptographic", "Server of CURVE has no secretKey");
    this.#host = host;
  }

  /**
   * Takes HELLO and INITIATE.
   *
   * @param name The name of the command.
   * @param data Its data.
   */
  receive(name: string, data: Uint8Array): void {
    if (name !== this.#due) throw unexpected(name, this.#due);
    if (name === "HELLO") this.#hello(data);
    else this.#initiate(data);
  }

  #hello(data: Uint8Array): void {
    if (data.length !== Hello.SIZE || data[Hello.VERSION] !== 1 || data[Hello.VERSION + 1] !== 0) {
      throw malformed("HELLO", ProtocolErrorValue.MALFORMED_COMMAND_HELLO);
    }
    const client = data.slice(Hello.KEY, Hello.NONCE);
    const key = sharedKey(this.#crypto, client, this.#keys!.secretKey);
    this.#peer.check(data, Hello.NONCE);
    const nonce = nonceOf(NonceName.HELLO, data.subarray(Hello.NONCE, Hello.BOX));
    const proof = unbox(this.#crypto, key, nonce, data.subarray(Hello.BOX), "HELLO");
    if (!sameSecret(proof, new Uint8Array(Hello.PROOF))) {
      throw malformed("HELLO", ProtocolErrorValue.MALFORMED_COMMAND_HELLO);
    }
    this.#peer.accept(data, Hello.NONCE);
    this.#welcome(client, key);
    key.fill(0);
    this.#due = "INITIATE";
  }

  #welcome(client: Uint8Array, key: Uint8Array): void {
    const { publicKey, secretKey } = this.#crypto.keyPair();
    const cookieKey = this.#crypto.random(KEY_SIZE);
    const cookieNonce = this.#crypto.random(LONG_NONCE);
    const content = concat([client, secretKey]);
    const cookie = this.#crypto.seal(cookieKey, nonceOf(NonceName.COOKIE, cookieNonce), content);
    content.fill(0);
    const nonce = this.#crypto.random(LONG_NONCE);
    const welcome = concat([publicKey, cookieNonce, cookie]);
    const box = this.#crypto.seal(key, nonceOf(NonceName.WELCOME, nonce), welcome);
    this.#welcomed = { client, secretKey, cookieKey };
    this.#host!.send("WELCOME", concat([nonce, box]));
  }

  #initiate(data: Uint8Array): void {
    if (data.length < Initiate.SHORTEST) throw malformed("INITIATE", ProtocolErrorValue.MALFORMED_COMMAND_INITIATE);
    const welcomed = this.#welcomed!;
    this.#checkCookie(data.subarray(0, Cookie.SIZE), welcomed);
    const { client, secretKey } = welcomed;
    const session = sharedKey(this.#crypto, client, secretKey);
    this.#peer.check(data, Initiate.NONCE);
    const nonce = nonceOf(NonceName.INITIATE, data.subarray(Initiate.NONCE, Initiate.BOX));
    const proof = unbox(this.#crypto, session, nonce, data.subarray(Initiate.BOX), "INITIATE");
    this.#peer.accept(data, Initiate.NONCE);
    const longTerm = proof.slice(0, KEY_SIZE);
    this.#checkVouch(proof, longTerm, welcomed);
    secretKey.fill(0);
    welcomed.cookieKey.fill(0);
    this.#welcomed = null;
    this.#due = "nothing";
    const metadata = proof.slice(Proof.METADATA);
    if (this.#authenticate === null) return this.#ready(metadata, session);
    this.#authenticate(
      { mechanism: this.name, credentials: [longTerm] },
      (answer) => obey(this.#host!, answer, () => this.#ready(metadata, session)),
    );
  }

  #checkCookie(cookie: Uint8Array, { client, secretKey, cookieKey }: Welcomed): void {
    const nonce = nonceOf(NonceName.COOKIE, cookie.subarray(0, LONG_NONCE));
    const content = unbox(this.#crypto, cookieKey, nonce, cookie.subarray(Cookie.BOX), "Cookie");
    const expected = concat([client, secretKey]);
    const same = sameSecret(content, expected);
    content.fill(0);
    expected.fill(0);
    if (!same) throw new ProtocolError("cryptographic", "Cookie of the peer is another's");
  }

  /** C must have vouched for C' and for S: else somebody could hand on what a client has shown to another server. */
  #checkVouch(proof: Uint8Array, longTerm: Uint8Array, { client, secretKey }: Welcomed): void {
    const key = sharedKey(this.#crypto, longTerm, secretKey);
    const nonce = nonceOf(NonceName.VOUCH, proof.subarray(Proof.VOUCH_NONCE, Proof.VOUCH));
    const vouch = unbox(this.#crypto, key, nonce, proof.subarray(Proof.VOUCH, Proof.METADATA), "Voucher");
    key.fill(0);
    if (sameSecret(vouch, concat([client, this.#keys!.publicKey]))) return;
    const value = ProtocolErrorValue.KEY_EXCHANGE;
    throw new ProtocolError("cryptographic", "Voucher of the peer is for other keys", { value });
  }

  #ready(metadata: Uint8Array, session: Uint8Array): void {
    const number = new Uint8Array(SHORT_NONCE);
    this.#own.next(number, 0);
    const box = this.#crypto.seal(session, nonceOf(NonceName.READY, number), this.#host!.metadata);
    this.#host!.send("READY", concat([number, box]));
    const nonces = { own: this.#own, peer: this.#peer };
    this.#host!.done(metadata, new CurveCipher(this.#crypto, session, true, nonces));
  }
}
