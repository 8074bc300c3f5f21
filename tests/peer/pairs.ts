// Which socket types talk to each other, and how a conversation between them goes.

import type { SocketTypeName } from "./libzmq_names.ts";

/** How messages go between `a` and `b`. */
export type Flow =
  /** Only from a to b. */
  | "oneway"
  /** From a to b, once b has subscribed. */
  | "publish"
  /** From a to b, and then an answer back. */
  | "request"
  /** Either way at any time. */
  | "duplex";

/** Two socket types that may be connected. */
export interface SocketPair {
  readonly a: SocketTypeName;
  readonly b: SocketTypeName;
  readonly flow: Flow;
}

/** All pairs of socket types that may be connected (RFC 23, 28 to 31). */
export const pairs: readonly SocketPair[] = [
  { a: "PAIR", b: "PAIR", flow: "duplex" },
  { a: "PUB", b: "SUB", flow: "publish" },
  { a: "PUB", b: "XSUB", flow: "publish" },
  { a: "XPUB", b: "SUB", flow: "publish" },
  { a: "XPUB", b: "XSUB", flow: "publish" },
  { a: "REQ", b: "REP", flow: "request" },
  { a: "REQ", b: "ROUTER", flow: "request" },
  { a: "DEALER", b: "REP", flow: "request" },
  { a: "DEALER", b: "DEALER", flow: "duplex" },
  { a: "DEALER", b: "ROUTER", flow: "duplex" },
  { a: "ROUTER", b: "ROUTER", flow: "duplex" },
  { a: "PUSH", b: "PULL", flow: "oneway" },
];

/** One way to arrange a pair between two implementations. */
export interface Arrangement extends SocketPair {
  /** Which end libzmq plays. */
  readonly libzmq: "a" | "b";
  /** Which end binds. */
  readonly binds: "a" | "b";
}

/** Every pair with libzmq at either end and either end binding. */
export function arrangements(of: readonly SocketPair[] = pairs): Arrangement[] {
  const ends = ["a", "b"] as const;
  return of.flatMap((pair) => {
    // Of two equal ends it does not matter which one libzmq is.
    const libzmq = pair.a === pair.b ? ["b"] as const : ends;
    return libzmq.flatMap((libzmq) => ends.map((binds) => ({ ...pair, libzmq, binds })));
  });
}

/** Such as `libzmq PUB (binds) – SUB`. */
export function describe({ a, b, libzmq, binds }: Arrangement): string {
  const end = (name: "a" | "b", type: string) =>
    `${libzmq === name ? "libzmq " : ""}${type}${binds === name ? " (binds)" : ""}`;
  return `${end("a", a)} – ${end("b", b)}`;
}

/** The frames that `from` puts before a message for `to`; `peerId` is the routing id of `to`. */
export function outgoingEnvelope(from: SocketTypeName, to: SocketTypeName, peerId: string): string[] {
  if (from === "ROUTER") return to === "REQ" ? [peerId, ""] : [peerId];
  return from === "DEALER" && to === "REP" ? [""] : [];
}

/** The frames before a message that `to` receives from `from`; `peerId` is the routing id of `from`. */
export function incomingEnvelope(to: SocketTypeName, from: SocketTypeName, peerId: string): string[] {
  return outgoingEnvelope(to, from, peerId);
}
