/**
 * The names of the socket types on the wire, and which of them go together.
 *
 * @module
 */

/** The name of a socket type as `Socket-Type` carries it. */
export type SocketTypeName =
  | "PAIR"
  | "PUB"
  | "SUB"
  | "REQ"
  | "REP"
  | "DEALER"
  | "ROUTER"
  | "PULL"
  | "PUSH"
  | "XPUB"
  | "XSUB"
  | "CLIENT"
  | "SERVER"
  | "RADIO"
  | "DISH"
  | "GATHER"
  | "SCATTER"
  | "PEER"
  | "CHANNEL"
  | "STREAM";

/** The peers that each type may talk to. The relation is symmetric. */
const PEERS: Readonly<Record<SocketTypeName, readonly string[]>> = {
  PAIR: ["PAIR"],
  PUB: ["SUB", "XSUB"],
  SUB: ["PUB", "XPUB"],
  REQ: ["REP", "ROUTER"],
  REP: ["REQ", "DEALER"],
  DEALER: ["REP", "DEALER", "ROUTER"],
  ROUTER: ["REQ", "DEALER", "ROUTER"],
  PULL: ["PUSH"],
  PUSH: ["PULL"],
  XPUB: ["SUB", "XSUB"],
  XSUB: ["PUB", "XPUB"],
  CLIENT: ["SERVER"],
  SERVER: ["CLIENT"],
  RADIO: ["DISH"],
  DISH: ["RADIO"],
  GATHER: ["SCATTER"],
  SCATTER: ["GATHER"],
  PEER: ["PEER"],
  CHANNEL: ["CHANNEL"],
  // Its peers are no ZeroMQ sockets, and it does not speak ZMTP.
  STREAM: [],
};

/**
 * Says whether two socket types may be connected.
 *
 * @param a One of them.
 * @param b The other, as a peer named it.
 * @returns Whether they go together.
 */
export function compatible(a: SocketTypeName, b: string): boolean {
  return PEERS[a].includes(b);
}

/**
 * Says whether a socket type tells its peers its routing id.
 *
 * @param type The type.
 * @returns Whether its handshake carries `Identity`.
 */
export function sendsIdentity(type: SocketTypeName): boolean {
  return type === "REQ" || type === "DEALER" || type === "ROUTER";
}

/**
 * Tells the commands by which peers of a type say what they want.
 *
 * @param type The type, or that of its peers.
 * @returns The command that asks for something, and the one that ends that.
 */
export function wishes(type: SocketTypeName): readonly [begin: string, end: string] {
  return type === "RADIO" || type === "DISH" ? GROUPS : TOPICS;
}

const TOPICS = ["SUBSCRIBE", "CANCEL"] as const;
const GROUPS = ["JOIN", "LEAVE"] as const;
