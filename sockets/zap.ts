/**
 * The asking side of ZAP (RFC 27): a question about a peer to whoever is bound to `inproc://zeromq.zap.01`.
 *
 * Every question has a connection of its own, so that a handler which answers nonsense, or a peer that is gone before its
 * answer comes, concerns no other.
 *
 * @module
 */

import { InprocConnector } from "../link/inproc.ts";
import type { Authenticator, LinkSettings } from "../link/link.ts";
import type { Pipe } from "../link/pipe.ts";
import { QuietHost } from "../link/quiet_host.ts";
import { type AuthenticationRequest, nobodyToAsk, type Verdict } from "../zmtp/authentication.ts";
import { ProtocolError, ProtocolErrorValue } from "../zmtp/error.ts";
import { decodeMetadata } from "../zmtp/metadata.ts";
import type { SocketTypeName } from "../zmtp/socket_type.ts";
import { type Context, spaceOf } from "./context.ts";
import { EMPTY } from "./message.ts";

/** Where handlers bind. */
export const ZAP_ENDPOINT = "inproc://zeromq.zap.01";
/** The name among those of inproc. */
export const ZAP_NAME: string = ZAP_ENDPOINT.slice("inproc://".length);
/** The version of the protocol. */
export const ZAP_VERSION = "1.0";
/** Questions and answers are small, and there may be many at a time. */
const RING_SIZE = 4096;

/** What a Worker says that has heard nothing of the main isolate. */
const UNKNOWN = "the main thread does not say whether there is an authenticator to ask about it";

const encoder = new TextEncoder();
/** A byte order mark is no part of a version or a status. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
let lastId = 0;

/** What a handler is told of the socket that asks. */
export interface ZapOptions {
  /** The domain, which tells handlers apart whom peers want to get to. */
  readonly domain: string;
  /** Whether peers are refused where there is no handler, also by mechanisms that could do without. */
  readonly enforce: boolean;
  /** The routing id of the socket: that of the peer is not known yet, and libzmq tells this one. */
  readonly routingId: Uint8Array;
}

/** Asks the handler of a context. */
export function zapAuthenticator(context: Context, options: ZapOptions): Authenticator {
  return (request, address, answer) => {
    const question = new Question(context, answer);
    question.ask(options, request, address).catch((error: unknown) => question.fail(error));
    return () => question.end();
  };
}

/** One question, until it is answered. */
class Question extends QuietHost {
  readonly #context: Context;
  readonly #answer: (verdict: Verdict | ProtocolError) => void;
  readonly #id = String(++lastId);
  #link: InprocConnector | null = null;
  #over = false;

  constructor(context: Context, answer: (verdict: Verdict | ProtocolError) => void) {
    super();
    this.#context = context;
    this.#answer = answer;
  }

  /** Looks for a handler, and asks it. */
  async ask(options: ZapOptions, request: AuthenticationRequest, address: string): Promise<void> {
    const space = spaceOf(this.#context);
    const present = await space.isBound(ZAP_NAME);
    if (this.#over) return;
    // Whoever lets peers in as long as nothing is heard does so just when there is so much to do that nobody can answer.
    if (present === undefined) return this.#conclude(nobodyToAsk(UNKNOWN));
    if (!present) {
      // A password that nobody looks at is worth nothing; a key, and the lack of one, may be all that is wanted.
      const needed = options.enforce || request.mechanism === "PLAIN";
      return this.#conclude(needed ? nobodyToAsk() : { status: 200, userId: "", metadata: new Map() });
    }
    const link = new InprocConnector(
      { space, name: ZAP_NAME, endpoint: ZAP_ENDPOINT, ringSize: RING_SIZE },
      zapSettings("DEALER"),
      this,
    );
    this.#link = link;
    link.pipe.write([
      EMPTY,
      ...[ZAP_VERSION, this.#id, options.domain, address].map((text) => encoder.encode(text)),
      options.routingId,
      encoder.encode(request.mechanism),
      ...request.credentials,
    ]);
    link.start();
  }

  /** It could not be asked: that costs the one peer that it is about. */
  fail(error: unknown): void {
    this.#conclude(nobodyToAsk("the authenticator could not be asked about it", error));
  }

  /** Gives the question up, also where it waits for a handler that is busy. */
  end(): void {
    this.#over = true;
    this.#link?.pipe.discard();
    this.#link?.close();
  }

  #conclude(verdict: Verdict | ProtocolError): void {
    if (this.#over) return;
    this.end();
    this.#answer(verdict);
  }

  // QuietHost

  override readable(pipe: Pipe): void {
    // Later: within an isolate the handler is in the midst of sending.
    queueMicrotask(() => {
      const frames = pipe.read();
      if (frames !== undefined) this.#conclude(readReply(frames, this.#id));
    });
  }

  override ended(pipe: Pipe): void {
    // A handler that has gone may have answered just before.
    this.readable(pipe);
    queueMicrotask(() => this.#conclude(handlerLost()));
  }
}

/** The settings of either side's link. It takes what the other says without limits: that is one message. */
export function zapSettings(socketType: SocketTypeName): LinkSettings {
  return {
    machine: {
      socketType,
      routingId: EMPTY,
      maxMessageSize: -1,
      handshakeInterval: 0,
      heartbeatInterval: 0,
      heartbeatTimeToLive: 0,
      heartbeatTimeout: -1,
    },
    authenticator: null,
    transport: { backlog: 0 },
    limits: { sendHighWaterMark: 0, receiveHighWaterMark: 0 },
    maxConnections: 0,
    conflate: false,
    immediate: false,
    reconnectInterval: 0,
    reconnectMaxInterval: 0,
    reconnectStop: 0,
    disconnectMessage: null,
    hiccupMessage: null,
  };
}

/** What a reply says, or what is wrong with it. */
function readReply(frames: readonly Uint8Array[], id: string): Verdict | ProtocolError {
  const [delimiter, version, replyId, status, text, userId, metadata] = frames;
  if (frames.length !== 7) return nonsense(`${frames.length} frames, not 7`, ProtocolErrorValue.ZAP_MALFORMED_REPLY);
  if (delimiter!.length > 0) return nonsense("no empty frame in front", ProtocolErrorValue.ZAP_UNSPECIFIED);
  if (decoder.decode(version) !== ZAP_VERSION) {
    return nonsense("another version", ProtocolErrorValue.ZAP_BAD_VERSION);
  }
  if (decoder.decode(replyId) !== id) {
    return nonsense("the id of another request", ProtocolErrorValue.ZAP_BAD_REQUEST_ID);
  }
  const code = decoder.decode(status);
  if (!/^[2345]00$/.test(code)) return nonsense("no such status", ProtocolErrorValue.ZAP_INVALID_STATUS_CODE);
  try {
    return {
      status: Number(code) as Verdict["status"],
      text: decoder.decode(text),
      userId: decoder.decode(userId),
      metadata: decodeMetadata(metadata!),
    };
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    return nonsense("malformed metadata", ProtocolErrorValue.ZAP_INVALID_METADATA, cause);
  }
}

function nonsense(what: string, value: number, cause?: unknown): ProtocolError {
  return new ProtocolError("authenticator", `Authenticator broke its protocol: ${what}`, { value, cause });
}

function handlerLost(): ProtocolError {
  return new ProtocolError("no-authenticator", "Authenticator has gone before it could answer");
}
