/**
 * What can go wrong with a peer.
 *
 * @module
 */

/** The kinds of {@linkcode ProtocolError}. */
export type ProtocolErrorKind =
  /** What came is no greeting of ZMTP. */
  | "greeting"
  /** The peer speaks ZMTP 1.0 or 2.x, which this library does not. */
  | "old-version"
  /** The peer wants another security mechanism. */
  | "mechanism-mismatch"
  /** The peer's socket type does not go with ours. */
  | "type-mismatch"
  /** A message or a command came that has no place at this point. */
  | "unexpected-command"
  /** A command contradicts its own grammar. */
  | "malformed-command"
  /** The properties of a handshake command contradict their grammar. */
  | "malformed-metadata"
  /** A frame declares a length that no frame can have. */
  | "malformed-frame"
  /** A frame declares a length above the limit. */
  | "message-too-large"
  /** The peer has subscribed to more than it may. */
  | "too-many-subscriptions"
  /** A message of a security mechanism does not authenticate, or comes out of sequence. */
  | "cryptographic"
  /** The peer sent an ERROR command. */
  | "peer-error"
  /** The authenticator (ZAP) says that the peer may not come in. */
  | "refused"
  /** There is no authenticator to ask about the peer, or it has gone before it could answer. */
  | "no-authenticator"
  /** What the authenticator has answered contradicts ZAP. */
  | "authenticator"
  /** The handshake did not end in time. */
  | "handshake-timeout"
  /** Nothing came from the peer for too long. */
  | "heartbeat-timeout"
  /** A mechanism can number no further message of this connection; another one can. */
  | "worn-out";

/** The numbers by which libzmq's monitor reports protocol errors. */
export const ProtocolErrorValue = {
  UNSPECIFIED: 0x10000000,
  UNEXPECTED_COMMAND: 0x10000001,
  INVALID_SEQUENCE: 0x10000002,
  KEY_EXCHANGE: 0x10000003,
  MALFORMED_COMMAND_UNSPECIFIED: 0x10000011,
  MALFORMED_COMMAND_MESSAGE: 0x10000012,
  MALFORMED_COMMAND_HELLO: 0x10000013,
  MALFORMED_COMMAND_INITIATE: 0x10000014,
  MALFORMED_COMMAND_ERROR: 0x10000015,
  MALFORMED_COMMAND_READY: 0x10000016,
  MALFORMED_COMMAND_WELCOME: 0x10000017,
  INVALID_METADATA: 0x10000018,
  CRYPTOGRAPHIC: 0x11000001,
  MECHANISM_MISMATCH: 0x11000002,
  ZAP_UNSPECIFIED: 0x20000000,
  ZAP_MALFORMED_REPLY: 0x20000001,
  ZAP_BAD_REQUEST_ID: 0x20000002,
  ZAP_BAD_VERSION: 0x20000003,
  ZAP_INVALID_STATUS_CODE: 0x20000004,
  ZAP_INVALID_METADATA: 0x20000005,
} as const;

const VALUES: { readonly [kind in ProtocolErrorKind]?: number } = {
  "mechanism-mismatch": ProtocolErrorValue.MECHANISM_MISMATCH,
  "unexpected-command": ProtocolErrorValue.UNEXPECTED_COMMAND,
  "malformed-command": ProtocolErrorValue.MALFORMED_COMMAND_UNSPECIFIED,
  "malformed-metadata": ProtocolErrorValue.INVALID_METADATA,
  "malformed-frame": ProtocolErrorValue.UNSPECIFIED,
  "cryptographic": ProtocolErrorValue.CRYPTOGRAPHIC,
  "authenticator": ProtocolErrorValue.ZAP_UNSPECIFIED,
};

type ValueName = keyof typeof ProtocolErrorValue;

/** The names that zeromq.js gives to libzmq's protocol errors, such as `"ERR_ZMTP_MECHANISM_MISMATCH"`. */
export type ProtocolErrorCode = `ERR_${{ [N in ValueName]: N extends `ZAP_${string}` ? N : `ZMTP_${N}` }[ValueName]}`;

/** The name of a protocol error by libzmq's number; what has no number of its own is unspecified. */
function codeOf(value: number | undefined): ProtocolErrorCode {
  const names = Object.keys(ProtocolErrorValue) as ValueName[];
  const name = names.find((name) => ProtocolErrorValue[name] === value) ?? "UNSPECIFIED";
  return `ERR_${name.startsWith("ZAP_") ? "" : "ZMTP_"}${name}` as ProtocolErrorCode;
}

/** What may be said of a {@linkcode ProtocolError} besides its kind and its text. */
export interface ProtocolErrorOptions {
  /** libzmq's number, where it is not the one that belongs to the kind. */
  value?: number;
  /** The reason that came with an ERROR command, or goes with one. */
  reason?: string;
  /** What went wrong beneath. */
  cause?: unknown;
}

/** Why a connection cannot go on: the peer broke the protocol, refused us or fell silent. */
export class ProtocolError extends Error {
  /** The name of the class. */
  override readonly name = "ProtocolError";
  /** What kind of error it is. */
  readonly kind: ProtocolErrorKind;
  /** The number that libzmq's monitor gives for it, where it has one. */
  readonly value: number | undefined;
  /** The reason in an ERROR command: the peer's with the kind `"peer-error"`, ours with `"refused"`. */
  readonly reason: string | undefined;

  /**
   * Makes an error.
   *
   * @param kind What kind of error it is.
   * @param message The text of the error.
   * @param options What else is known.
   */
  constructor(kind: ProtocolErrorKind, message: string, options: ProtocolErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.value = options.value ?? VALUES[kind];
    this.reason = options.reason;
  }

  /**
   * The name of the error as zeromq.js has it: libzmq's name of what is wrong with the protocol, such as
   * `"ERR_ZMTP_MECHANISM_MISMATCH"`, or that of the nearest system error.
   */
  get code(): "EMSGSIZE" | "ETIMEDOUT" | "EFAULT" | ProtocolErrorCode {
    if (this.kind === "message-too-large") return "EMSGSIZE";
    if (this.kind === "no-authenticator") return "EFAULT";
    return this.timeout ? "ETIMEDOUT" : codeOf(this.value);
  }

  /** Whether it is only that time ran out. */
  get timeout(): boolean {
    return this.kind === "handshake-timeout" || this.kind === "heartbeat-timeout";
  }

  /**
   * Whether it need not be so the next time: time ran out, the connection was used up, or nobody was there who could have
   * said that the peer may come in.
   */
  get passing(): boolean {
    return this.timeout || this.kind === "worn-out" || this.kind === "no-authenticator";
  }

  /** The status in the reason of an ERROR by which a server refuses authentication: 300, 400 or 500. */
  get status(): number | undefined {
    return this.reason !== undefined && /^[345]00$/.test(this.reason) ? Number(this.reason) : undefined;
  }
}

/** What a peer has written, for people to read: without characters that a terminal or a log would obey. */
export function legible(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}

/** The error for a command that comes when another is due. */
export function unexpected(name: string, due: string): ProtocolError {
  return new ProtocolError("unexpected-command", `Peer sent "${legible(name.slice(0, 32))}" where ${due} was due`);
}

/** The error for a command of a wrong form. */
export function malformed(name: string, value: number): ProtocolError {
  return new ProtocolError("malformed-command", `${name} of the peer is malformed`, { value });
}
