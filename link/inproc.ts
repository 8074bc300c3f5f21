/**
 * The links of inproc: one that is bound to a name, and one that is connected to it.
 *
 * There is no connection to make or to lose. Two pipes are joined when their links meet, and part when either side ends
 * its own: for good, for inproc does not reconnect (zmq_inproc(7)).
 *
 * @module
 */

import { meetingOfProcess } from "../transports/inproc_meeting.ts";
import type { Binder, Connector, InprocSpace } from "../transports/inproc_space.ts";
import { SharedRing } from "../transports/shared_ring.ts";
import { ZmqError } from "../transports/error.ts";
import type { Peer } from "../zmtp/machine.ts";
import { InprocPipe } from "./inproc_pipe.ts";
import { decodePeer, encodePeer } from "./introduction.ts";
import type { Link, LinkHost, LinkSettings } from "./link.ts";
import { LocalChannel } from "./local_channel.ts";
import { SharedChannel } from "./shared_channel.ts";

/** Where an inproc link is bound or connected. */
export interface Place {
  /** The names of the context. */
  readonly space: InprocSpace<InprocConnector>;
  /** The part of the endpoint behind `://`. */
  readonly name: string;
  /** The endpoint as it was given. */
  readonly endpoint: string;
  /** The routing id that the peer gets, whatever it says itself. */
  readonly routingId?: Uint8Array | undefined;
  /** The size of the ring to a peer in another Worker, bytes each way, a power of 2. */
  readonly ringSize?: number;
}

/** How long (ms) a closed socket waits for a Worker to take what it has sent. The offer stands after that, too. */
const GRACE = 200;

/** What the peer is told of a socket. */
function introduce({ machine }: LinkSettings): Peer {
  return {
    major: 3,
    minor: 1,
    socketType: machine.socketType,
    routingId: machine.routingId,
    userId: "",
    metadata: new Map(),
  };
}

/** A link that is bound to a name. */
export class InprocBinder implements Link, Binder<InprocConnector> {
  readonly key: string;
  /** Resolves when it is sure that the name is not bound elsewhere; `undefined` when it is. */
  readonly sure: Promise<void> | undefined;
  #place: Place;
  #settings: LinkSettings;
  #host: LinkHost;
  #channels = new Set<SharedChannel>();
  /** Whether it is sure that the name is this socket's. */
  #open = false;
  #closed = false;
  /** Until others can have the name. */
  #freed: Promise<void> | undefined;
  #released = false;

  /** Takes the name. Throws `EADDRINUSE` where that is not possible. */
  constructor(place: Place, settings: LinkSettings, host: LinkHost) {
    this.key = place.endpoint;
    this.#place = place;
    this.#settings = settings;
    this.#host = host;
    this.sure = place.space.bind(place.name, this);
  }

  /** Meets those who have waited, and those who come. */
  start(): void {
    if (this.#closed) return;
    this.#open = true;
    this.#place.space.open(this.#place.name);
  }

  get unsent(): boolean {
    for (const channel of this.#channels) if (channel.unsent) return true;
    return false;
  }

  meet(connector: InprocConnector): void {
    const theirs = connector.pipe;
    const ours = this.#makePipe(theirs.conflating);
    if (!this.#host.adopt(ours)) return theirs.left();
    const [near, far] = LocalChannel.between(ours, theirs);
    ours.join(near, connector.introduction);
    theirs.join(far, introduce(this.#settings));
    ours.flush();
    theirs.flush();
    ours.begin();
    theirs.begin();
    // It was closed while it waited; what it had sent has come.
    if (!theirs.open) ours.left();
  }

  welcome(ring: SharedRing): void {
    const meeting = meetingOfProcess();
    if (!this.#open || !ring.claim()) return;
    const pipe = this.#makePipe(ring.conflate);
    let part = () => {};
    const channel = new SharedChannel(ring, pipe, {
      accepted() {},
      over: () => {
        part();
        this.#channels.delete(channel);
        this.#release();
      },
    }, true);
    if (!this.#host.adopt(pipe)) return ring.refuse();
    meeting.introduce(ring, encodePeer(introduce(this.#settings)));
    ring.accept();
    this.#channels.add(channel);
    const { words, part: end } = meeting.join(ring, () => channel.died());
    part = end;
    pipe.join(channel, decodePeer(words));
    pipe.flush();
    pipe.begin();
    channel.start();
  }

  evict(): void {
    const error = new ZmqError("EADDRINUSE", { address: this.key });
    this.#host.emit({ type: "bind:error", address: this.key, error });
    this.close();
  }

  /** Frees the name; who is connected stays so (zmq_unbind(3) and zmq_inproc(7)). */
  close(): Promise<void> | undefined {
    if (this.#closed) return this.#freed;
    this.#closed = true;
    this.#freed = this.#place.space.unbind(this.#place.name, this);
    this.#freed?.then(() => {
      this.#freed = undefined;
      this.#release();
    });
    this.#release();
    return this.#freed;
  }

  #release(): void {
    if (!this.#closed || this.#freed !== undefined || this.#channels.size > 0 || this.#released) return;
    this.#released = true;
    this.#host.released(this);
  }

  #makePipe(conflate: boolean): InprocPipe {
    const { limits, disconnectMessage } = this.#settings;
    const pipe = new InprocPipe(this.#host, { limits, conflate, endpoint: this.key }, () => pipe.leave(), () => {
      if (disconnectMessage === null) return;
      pipe.receive(disconnectMessage.map((frame) => frame.slice()));
      this.#host.readable(pipe);
    });
    return pipe;
  }
}

/** A link that is connected to a name, or waits for somebody to bind to it. */
export class InprocConnector implements Link, Connector {
  readonly key: string;
  readonly pipe: InprocPipe;
  /** What the peer is told. */
  readonly introduction: Peer;
  #place: Place;
  #host: LinkHost;
  #channel: SharedChannel | null = null;
  /** Ends the watch over the peer's Worker. */
  #part: (() => void) | null = null;
  #grace: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #released = false;

  constructor(place: Place, settings: LinkSettings, host: LinkHost) {
    this.key = place.endpoint;
    this.introduction = introduce(settings);
    this.#place = place;
    this.#host = host;
    const { limits, conflate } = settings;
    const { endpoint, routingId } = place;
    const options = { limits, conflate, endpoint, routingId };
    this.pipe = new InprocPipe(host, options, () => this.close(), () => this.#left());
  }

  /** Meets who is bound to the name, now or later. */
  start(): void {
    if (!this.#host.adopt(this.pipe)) return this.#release();
    this.#place.space.connect(this.#place.name, this);
  }

  get unsent(): boolean {
    if (this.#channel === null) return false;
    return this.#part === null ? this.pipe.pending > 0 : this.#channel.unsent;
  }

  offer(): SharedRing {
    const ring = SharedRing.offer(this.#place.ringSize);
    ring.conflate = this.pipe.conflating;
    meetingOfProcess().introduce(ring, encodePeer(this.introduction));
    const channel = new SharedChannel(ring, this.pipe, {
      accepted: () => this.#accepted(ring, channel),
      over: () => this.#over(),
    }, false);
    this.#channel = channel;
    this.pipe.offer(channel);
    channel.start();
    // The context was shared after it was closed.
    if (!this.pipe.open) channel.close();
    return ring;
  }

  withdraw(): boolean {
    return this.#channel!.withdraw();
  }

  close(): undefined {
    if (this.#closed) return;
    this.#closed = true;
    const { pipe } = this;
    pipe.leave();
    if (this.#part !== null) return;
    // What was sent is delivered to whoever binds to the name later, though its sender is gone.
    if (pipe.pending === 0 && this.#channel?.withdraw() !== false) {
      this.#place.space.withdraw(this.#place.name, this);
    }
    if (this.#channel === null || pipe.pending === 0) {
      this.#release();
      return;
    }
    // In another Worker somebody may be bound to it, who has not had the time to answer.
    this.#grace = setTimeout(() => this.#release(), GRACE);
  }

  #accepted(ring: SharedRing, channel: SharedChannel): void {
    const { words, part } = meetingOfProcess().join(ring, () => channel.died());
    this.#part = part;
    this.#place.space.withdraw(this.#place.name, this);
    if (!this.pipe.open) return;
    this.pipe.join(channel, decodePeer(words));
    this.pipe.begin();
  }

  #over(): void {
    this.#part?.();
    this.#part = null;
    if (this.#closed) this.#release();
  }

  /** The other side has ended the pipe, or refused it. */
  #left(): void {
    this.#place.space.withdraw(this.#place.name, this);
    this.#release();
  }

  #release(): void {
    if (this.#released) return;
    clearTimeout(this.#grace);
    this.#closed = this.#released = true;
    this.#host.released(this);
  }
}
