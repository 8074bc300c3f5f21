/**
 * A pipe with a connection beneath: outgoing messages are encoded in the {@linkcode Outbox}, incoming ones wait as they
 * were decoded.
 *
 * @module
 */

import type { ProtocolError } from "../zmtp/error.ts";
import type { Peer } from "../zmtp/machine.ts";
import { type LinkBeneath, LinkedPipe } from "./linked_pipe.ts";
import { Outbox } from "./outbox.ts";
import type { Part } from "./part.ts";

/** What a pipe asks of the connection beneath. */
export interface PipeLink extends LinkBeneath {
  /** The bytes of a subscription or its end for this peer. */
  subscription(topic: Uint8Array, subscribe: boolean): Uint8Array;
  /** Closes the connection for what the peer did. */
  reset(reason?: ProtocolError): void;
}

/** A pipe that speaks ZMTP. */
export class WirePipe extends LinkedPipe<PipeLink> {
  readonly outbox: Outbox = new Outbox();

  override get queued(): number {
    return this.outbox.messages;
  }

  override write(frames: Uint8Array[]): void {
    const outbox = this.outbox;
    if (this.conflate) outbox.supersede();
    outbox.push(frames);
    if (this.over) this.full = true;
    if (this.link !== null) this.link.flush();
  }

  override subscribe(topic: Uint8Array, subscribe: boolean): void {
    if (this.link === null) return;
    this.outbox.pushEncoded(this.link.subscription(topic, subscribe));
    this.link.flush();
  }

  override reset(reason?: ProtocolError): void {
    this.link?.reset(reason);
  }

  override discard(): void {
    this.outbox.clear();
    this.drained();
  }

  // What follows is the link's side.

  /** What goes out after the part that was taken last, if that is settled: a newer message may supersede it otherwise. */
  following(): Part | undefined {
    return this.conflate ? undefined : this.outbox.peek();
  }

  /** Makes the outbox fit for another connection, see {@linkcode Outbox.restore}. */
  takeBack(part: Part | undefined, written: number): void {
    // Where only the newest message counts, one that waits replaces the one that did not get through.
    const superseded = this.conflate && this.outbox.messages > 0;
    this.outbox.restore(superseded ? undefined : part, written);
  }

  /** A connection is ready. */
  attach(link: PipeLink, peer: Peer, address: string): void {
    const again = this.peer !== null;
    // Before the new connection is met: what this brings to read is of the former one.
    if (again) this.owner.returning(this);
    this.peer = peer;
    this.join(link, { peer, address }, again);
    if (!this.outbox.empty) link.flush();
  }
}
