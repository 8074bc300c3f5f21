// One end of a conversation, played by this library or by libzmq: the tests say what is said, and swap the players.

import type { SocketTypeName } from "../peer/libzmq_names.ts";
import { body, checksum, type Plan } from "../peer/payload.ts";
import type { Sendable } from "../peer/peer.ts";
import type { ReceivePlan, SendPlan } from "../peer/protocol.ts";

/** Milliseconds that one step of a conversation may take. */
export const STEP = 10_000;

/** Options that both implementations have. */
export interface SideOptions {
  readonly highWaterMark?: number;
  readonly routingId?: string;
  /** ROUTER only. */
  readonly handover?: boolean;
  readonly probeRouter?: boolean;
  /** Milliseconds; -1 for never. */
  readonly reconnectInterval?: number;
  readonly heartbeatInterval?: number;
  readonly heartbeatTimeout?: number;
  readonly heartbeatTimeToLive?: number;
  /** The keys of CURVE, as Z85: a client has that of the server, too. */
  readonly curve?: CurveKeys;
}

/** The keys of a server or a client. */
export interface CurveKeys {
  readonly publicKey: string;
  readonly secretKey: string;
  readonly serverKey?: string;
}

/** Who plays an end. */
export type Player = "denomq" | "libzmq";

/** What may be asked of an end. */
export type SideMethod = Exclude<keyof Side, "player" | "type">;

/** One end of a conversation. Received frames are given as {@linkcode label}s. */
export interface Side {
  readonly player: Player;
  readonly type: SocketTypeName;
  /** Bind, and answer the endpoint to connect to. */
  bind(endpoint: string): Promise<string>;
  /** Connect; a ROUTER may choose the routing id of whoever is there. */
  connect(endpoint: string, routingId?: string): Promise<void>;
  /** Wait for a peer with which the handshake is done. */
  connected(): Promise<void>;
  /** Wait until the peer of the last {@linkcode Side.connected} is lost; that may take so many milliseconds. */
  abandoned(limit?: number): Promise<void>;
  subscribe(topic: string | Uint8Array): Promise<void>;
  unsubscribe(topic: string | Uint8Array): Promise<void>;
  /** PUB: wait until somebody has subscribed to `topic`; false if this side has no way to know. */
  subscribed(topic?: string): Promise<boolean>;
  send(frames: readonly Sendable[]): Promise<void>;
  receive(): Promise<string[]>;
  /** Receive, or null when nothing comes within that many milliseconds. */
  receiveWithin(milliseconds: number): Promise<string[] | null>;
  sendMany(plan: SendPlan): Promise<void>;
  /** Receive all messages of a plan, in order and intact. */
  receiveMany(plan: ReceivePlan): Promise<void>;
  /** Send back so many messages as they come. */
  echo(count: number): Promise<void>;
  /** Send each message of a plan once the one before has come back, in order and intact. */
  ask(plan: Plan): Promise<void>;
  close(): Promise<void>;
}

/** How a frame is shown and compared: small ones as text with escapes, large ones as size and checksum. */
export function label(frame: Sendable | { size: number; checksum: number }): string {
  if (!(frame instanceof Uint8Array) && typeof frame !== "string" && "checksum" in frame) {
    return `${frame.size} bytes #${frame.checksum.toString(16)}`;
  }
  const bytes = bytesOf(frame);
  if (bytes.length > 80) return label({ size: bytes.length, checksum: checksum(bytes) });
  return JSON.stringify(String.fromCharCode(...bytes));
}

/** The labels of several frames. */
export function labels(frames: readonly Sendable[]): string[] {
  return frames.map(label);
}

/** The bytes of a frame. */
export function bytesOf(frame: Sendable): Uint8Array {
  if (typeof frame === "string") return new TextEncoder().encode(frame);
  if (frame instanceof Uint8Array) return frame;
  if ("text" in frame) return new TextEncoder().encode(frame.text);
  if ("base64" in frame) return Uint8Array.fromBase64(frame.base64);
  return body(frame.size, frame.seed ?? 1, frame.sequence ?? 0, frame.part ?? 0);
}

/** The message with which an XSUB subscribes (1) or unsubscribes (0). */
export function subscription(verb: 0 | 1, topic: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const name = bytesOf(topic);
  const frame = new Uint8Array(1 + name.length);
  frame[0] = verb;
  frame.set(name, 1);
  return frame;
}

/** Wait until something holds that nobody announces. */
export async function eventually(what: string, holds: () => boolean, limit: number = STEP): Promise<void> {
  const deadline = performance.now() + limit;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Not within ${limit} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
