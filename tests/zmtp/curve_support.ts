/**
 * What the tests of CURVE share: keys, sides, and a peer played by hand.
 *
 * @module
 */

import { loadCurveCrypto } from "../../sockets/curve_crypto.ts";
import type { Authenticate } from "../../zmtp/authentication.ts";
import { CurveClient, type CurveClientKeys } from "../../zmtp/curve_client.ts";
import type { CurveCrypto } from "../../zmtp/curve_crypto.ts";
import { CurveServer, type CurveServerKeys } from "../../zmtp/curve_server.ts";
import type { MachineOptions } from "../../zmtp/machine.ts";
import { bytes, command, property, Side } from "./support.ts";

/** The cryptography. */
export const crypto: CurveCrypto = await loadCurveCrypto();

/** The long-term keys of the server. */
export const serverKeys: CurveServerKeys = crypto.keyPair();
const own = crypto.keyPair();
/** The keys of the client. */
export const clientKeys: CurveClientKeys & CurveServerKeys = { ...own, serverKey: serverKeys.publicKey };

/** What a client tells of itself. */
export const metadata: Uint8Array = property("Socket-Type", "DEALER");

/** A server. */
export function server(
  options: Partial<MachineOptions> & { keys?: CurveServerKeys | null; authenticate?: Authenticate } = {},
): Side {
  const { keys = serverKeys, ...machine } = options;
  return new Side({ mechanism: (authenticate) => new CurveServer(crypto, keys, authenticate), ...machine });
}

/** A client. */
export function client(options: Partial<MachineOptions> & { keys?: CurveClientKeys } = {}): Side {
  const { keys = clientKeys, ...machine } = options;
  return new Side({ mechanism: () => new CurveClient(crypto, keys), ...machine });
}

/** Eight bytes that count. */
export function number(count: number | bigint): Uint8Array {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, BigInt(count));
  return data;
}

/** A greeting as libzmq sends it. */
export function greeting(asServer = 0): Uint8Array {
  return bytes(0xff, new Uint8Array(8), 0x7f, 3, 1, "CURVE", new Uint8Array(15), asServer, new Uint8Array(31));
}

/** The key that belongs to a nonce and a box. */
export function seal(key: Uint8Array, name: string, rest: Uint8Array, ...plain: Uint8Array[]): Uint8Array {
  return crypto.seal(key, bytes(name, rest), bytes(...plain));
}

/** Opens a box that must be genuine. */
export function open(key: Uint8Array, name: string, rest: Uint8Array, box: Uint8Array): Uint8Array {
  const plain = crypto.open(key, bytes(name, rest), box);
  if (plain === null) throw new Error(`The box of ${name} is not genuine`);
  return plain;
}

/** What the hand-made client does differently. */
export interface Whims {
  version?: [number, number];
  helloNumber?: number;
  /** What is in the box of HELLO. */
  zeros?: Uint8Array;
  serverKey?: Uint8Array;
  initiateNumber?: number;
  /** Who vouches, and for what. */
  vouchKey?: Uint8Array;
  vouched?: Uint8Array;
  longTerm?: Uint8Array;
  metadata?: Uint8Array;
}

/** A client by hand, from RFC 26 alone. */
export class HandClient {
  readonly transient = crypto.keyPair();
  readonly #whims: Whims;
  /** What is shared with S. */
  readonly shared: Uint8Array;
  /** What is shared with S'. */
  session!: Uint8Array;

  constructor(whims: Whims = {}) {
    this.#whims = whims;
    this.shared = crypto.shared(whims.serverKey ?? serverKeys.publicKey, this.transient.secretKey)!;
  }

  /** The data of HELLO. */
  hello(): Uint8Array {
    const { version = [1, 0], helloNumber = 1, zeros = new Uint8Array(64) } = this.#whims;
    const count = number(helloNumber);
    const box = seal(this.shared, "CurveZMQHELLO---", count, zeros);
    return bytes(...version, new Uint8Array(72), this.transient.publicKey, count, box);
  }

  /** The data of INITIATE, from that of WELCOME. */
  initiate(welcome: Uint8Array): Uint8Array {
    const opened = open(this.shared, "WELCOME-", welcome.subarray(0, 16), welcome.subarray(16));
    const theirs = opened.subarray(0, 32);
    const whims = this.#whims;
    this.session = crypto.shared(theirs, this.transient.secretKey)!;
    const vouchNonce = crypto.random(16);
    const vouchKey = crypto.shared(theirs, whims.vouchKey ?? clientKeys.secretKey)!;
    const vouched = whims.vouched ?? bytes(this.transient.publicKey, serverKeys.publicKey);
    const vouch = seal(vouchKey, "VOUCH---", vouchNonce, vouched);
    const count = number(whims.initiateNumber ?? 2);
    const proof = [whims.longTerm ?? clientKeys.publicKey, vouchNonce, vouch, whims.metadata ?? metadata];
    return bytes(opened.subarray(32), count, seal(this.session, "CurveZMQINITIATE", count, ...proof));
  }

  /** A MESSAGE frame. */
  message(count: number | bigint, flags: number, body: Uint8Array | string): Uint8Array {
    const box = seal(this.session, "CurveZMQMESSAGEC", number(count), bytes(flags, body));
    return frame(bytes(7, "MESSAGE", number(count), box));
  }
}

/** A frame that is no command. */
export function frame(body: Uint8Array): Uint8Array {
  const { length } = body;
  return length > 255 ? bytes(2, 0, 0, 0, 0, 0, 0, length >> 8, length & 255, body) : bytes(0, length, body);
}

/** The frame of a command whatever its size. */
export function longCommand(name: string, data: Uint8Array): Uint8Array {
  const length = 1 + name.length + data.length;
  if (length <= 255) return command(name, data);
  return bytes(6, 0, 0, 0, 0, 0, 0, length >> 8, length & 255, name.length, name, data);
}

/** The data of the only command in a side's output. */
export function commandOf(output: Uint8Array, name: string): Uint8Array {
  const long = (output[0]! & 2) !== 0;
  const start = (long ? 9 : 2) + 1 + name.length;
  return output.subarray(start);
}

/** A server that waits for INITIATE, and its client with what WELCOME says. */
export function welcomed(whims: Whims = {}, options: Parameters<typeof server>[0] = {}): {
  side: Side;
  hand: HandClient;
  welcome: Uint8Array;
} {
  const side = server(options);
  const hand = new HandClient(whims);
  side.feed(greeting());
  side.output();
  side.feed(longCommand("HELLO", hand.hello()));
  return { side, hand, welcome: commandOf(side.output(), "WELCOME") };
}

/** A server in its traffic, and its client. */
export function admitted(): { side: Side; hand: HandClient } {
  const { side, hand, welcome } = welcomed();
  side.feed(longCommand("INITIATE", hand.initiate(welcome)));
  side.output();
  return { side, hand };
}
