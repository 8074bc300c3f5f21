// What two ends say to each other, whoever plays them.

import { assert, assertEquals } from "@std/assert";
import { type Arrangement, incomingEnvelope, outgoingEnvelope } from "../peer/pairs.ts";
import type { LibzmqPeer, Sendable } from "../peer/peer.ts";
import { DenomqSide } from "./denomq_side.ts";
import { LibzmqSide } from "./libzmq_side.ts";
import { labels, type Side, type SideOptions } from "./side.ts";

const ROUTED = ["REQ", "DEALER", "ROUTER"];

/** The routing id that {@linkcode open} gives an end. */
export function idOf(side: Side): string {
  return `${side.player} ${side.type}`;
}

/** Two connected ends. */
export class Conversation implements AsyncDisposable {
  readonly a: Side;
  readonly b: Side;
  readonly arrangement: Arrangement;

  constructor(a: Side, b: Side, arrangement: Arrangement) {
    this.a = a;
    this.b = b;
    this.arrangement = arrangement;
  }

  /** This library's end. */
  get denomq(): DenomqSide {
    const side = this.arrangement.libzmq === "a" ? this.b : this.a;
    assert(side instanceof DenomqSide);
    return side;
  }

  /** libzmq's end. */
  get libzmq(): LibzmqSide {
    const side = this.arrangement.libzmq === "a" ? this.a : this.b;
    assert(side instanceof LibzmqSide);
    return side;
  }

  /** Say something in each direction that there is, and check that it arrives as it was. */
  async exchange(...frames: Sendable[]): Promise<void> {
    const { a, b, arrangement: { flow } } = this;
    await pass(a, b, frames);
    if (flow === "request" || flow === "duplex") await pass(b, a, frames);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.a.close(), this.b.close()]);
  }
}

/** One message from one end to the other. */
export async function pass(from: Side, to: Side, frames: readonly Sendable[]): Promise<void> {
  await from.send([...outgoingEnvelope(from.type, to.type, idOf(to)), ...frames]);
  const envelope = incomingEnvelope(to.type, from.type, idOf(from));
  assertEquals(await to.receive(), labels([...envelope, ...frames]));
}

/** Open both ends of an arrangement, libzmq's in `peer`, with options for both and for either. */
export async function open(
  arrangement: Arrangement,
  peer: LibzmqPeer,
  endpoint: string,
  options: SideOptions = {},
  own: Readonly<Record<Side["player"], SideOptions>> = { denomq: {}, libzmq: {} },
): Promise<Conversation> {
  const theirs = arrangement[arrangement.libzmq];
  const ours = arrangement.libzmq === "a" ? arrangement.b : arrangement.a;
  const denomq = new DenomqSide(ours, { ...routing("denomq", ours), ...options, ...own.denomq });
  try {
    const libzmq = await LibzmqSide.open(peer, theirs, { ...routing("libzmq", theirs), ...options, ...own.libzmq });
    const [a, b] = arrangement.libzmq === "a" ? [libzmq, denomq] : [denomq, libzmq];
    await join(a, b, arrangement, endpoint);
    return new Conversation(a, b, arrangement);
  } catch (error) {
    await denomq.close();
    throw error;
  }
}

function routing(player: string, type: string): SideOptions {
  return ROUTED.includes(type) ? { routingId: `${player} ${type}` } : {};
}

/** Bind one end, connect the other, and wait until messages from each will reach the other. */
export async function join(a: Side, b: Side, arrangement: Arrangement, endpoint: string): Promise<void> {
  const [binder, connector] = arrangement.binds === "a" ? [a, b] : [b, a];
  await connector.connect(await binder.bind(endpoint));
  await Promise.all([a.connected(), b.connected()]);
  if (arrangement.flow !== "publish") return;
  await b.subscribe("");
  await subscribed(a, b);
}

/** Wait until the publishing end `a` knows that `b` wants everything. */
export async function subscribed(a: Side, b: Side): Promise<void> {
  if (a.type === "XPUB") return assertEquals(await a.receive(), labels(["\x01"]));
  if (await a.subscribed("")) return;
  // A PUB of libzmq cannot say: send until something arrives, and pass over the rest.
  for (let round = 0;; round++) {
    await a.send(["round", String(round)]);
    let seen = await b.receiveWithin(20);
    if (seen === null) continue;
    while (seen[1] !== labels([String(round)])[0]) seen = await b.receive();
    return;
  }
}
