// What two ends say to each other, whoever plays them.

import { assert, assertEquals } from "@std/assert";
import { type Arrangement, describe, incomingEnvelope, outgoingEnvelope } from "../peer/pairs.ts";
import type { SocketTypeName } from "../peer/libzmq_names.ts";
import type { Plan } from "../peer/payload.ts";
import type { LibzmqPeer, Sendable } from "../peer/peer.ts";
import { DenomqSide } from "./denomq_side.ts";
import { LibzmqSide } from "./libzmq_side.ts";
import type { Host } from "./hosts.ts";
import { labels, type Player, type Side, type SideOptions } from "./side.ts";

const ROUTED = ["REQ", "DEALER", "ROUTER"];

/** The routing id that {@linkcode open} gives an end. */
export function idOf(side: Side): string {
  return `${side.player} ${side.type}`;
}

/**
 * The same for several arrangements at once; it is over when it is over for all of them, and what fails says for which.
 */
export async function together<T extends { readonly arrangement: Arrangement }>(
  items: readonly T[],
  run: (item: T) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(items.map((item) => run(item)));
  for (const [index, result] of results.entries()) {
    if (result.status === "fulfilled") continue;
    throw new Error(`${describe((items[index] as T).arrangement)}: ${result.reason}`, { cause: result.reason });
  }
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

  /** The end of a player. */
  end(player: Player): Side {
    return this[placeOf(player, this.arrangement)];
  }

  /** This library's end. */
  get denomq(): DenomqSide {
    const side = this.end("denomq");
    assert(side instanceof DenomqSide);
    return side;
  }

  /** libzmq's end. */
  get libzmq(): LibzmqSide {
    const side = this.end("libzmq");
    assert(side instanceof LibzmqSide);
    return side;
  }

  /** Say something in each direction that there is, and check that it arrives as it was. */
  async exchange(...frames: Sendable[]): Promise<void> {
    const { a, b, arrangement: { flow } } = this;
    await pass(a, b, frames);
    if (flow === "request" || flow === "duplex") await pass(b, a, frames);
  }

  /** Send the messages of a plan in each direction that there is, and check them all where they arrive. */
  async stream(plan: Plan): Promise<void> {
    const { a, b, arrangement: { flow } } = this;
    const back = { ...plan, seed: (plan.seed ?? 1) + 1 };
    if (a.type === "REQ") await Promise.all([a.ask(plan), b.echo(plan.count)]);
    else if (flow === "request") await Promise.all([b.echo(plan.count), ...ends(a, b, plan, a)]);
    else await Promise.all([...ends(a, b, plan, b), ...(flow === "duplex" ? ends(b, a, back, a) : [])]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.a.close(), this.b.close()]);
  }
}

/** Both ends of a stream that `from` sends to `to` and that ends at `at`: at `to`, or back at `from`. */
function ends(from: Side, to: Side, plan: Plan, at: Side): Promise<void>[] {
  const envelope = outgoingEnvelope(from.type, to.type, idOf(to)).map((text) => ({ text }));
  const source = at === to ? from : to;
  const arriving = incomingEnvelope(at.type, source.type, idOf(source)).length;
  return [from.sendMany({ ...plan, envelope }), at.receiveMany({ ...plan, envelope: arriving })];
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
  const theirs = typeOf("libzmq", arrangement);
  const ours = typeOf("denomq", arrangement);
  const denomq = new DenomqSide(ours, { ...routing("denomq", ours), ...options, ...own.denomq });
  try {
    const libzmq = await LibzmqSide.open(peer, theirs, { ...routing("libzmq", theirs), ...options, ...own.libzmq });
    const conversation = arranged(arrangement, denomq, libzmq);
    await join(conversation.a, conversation.b, arrangement, endpoint);
    return conversation;
  } catch (error) {
    await denomq.close();
    throw error;
  }
}

/** The end of an arrangement that `player` plays, wherever that is, with a routing id if it may have one. */
export function openEnd(
  host: Host,
  player: Player,
  arrangement: Arrangement,
  options: SideOptions = {},
): Promise<Side> {
  const type = typeOf(player, arrangement);
  return host.open(type, { ...routing(player, type), ...options });
}

/** Bind or connect one end of an arrangement, whether the other is there or not; a subscriber wants everything. */
export async function attach(side: Side, arrangement: Arrangement, endpoint: string): Promise<void> {
  if (side.type === "SUB" || side.type === "XSUB") await side.subscribe("");
  if (arrangement.binds === placeOf(side.player, arrangement)) await side.bind(endpoint);
  else await side.connect(endpoint);
}

/** The conversation of two ends. */
export function arranged(arrangement: Arrangement, ...ends: readonly [Side, Side]): Conversation {
  const [a, b] = placeOf(ends[0].player, arrangement) === "a" ? ends : [ends[1], ends[0]];
  return new Conversation(a, b, arrangement);
}

function placeOf(player: Player, { libzmq }: Arrangement): "a" | "b" {
  if (player === "libzmq") return libzmq;
  return libzmq === "a" ? "b" : "a";
}

function typeOf(player: Player, arrangement: Arrangement): SocketTypeName {
  return arrangement[placeOf(player, arrangement)];
}

/** The routing id for an end whose type has one. */
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
  if (!await a.subscribed("")) await synchronize(a, b);
}

/** Wait until messages of `a` reach `b`, where nobody says that they will: send until one does, pass over the rest. */
export async function synchronize(a: Side, b: Side): Promise<void> {
  for (let round = 0;; round++) {
    await a.send(["round", String(round)]);
    let seen = await b.receiveWithin(20);
    if (seen === null) continue;
    while (seen[1] !== labels([String(round)])[0]) seen = await b.receive();
    return;
  }
}
