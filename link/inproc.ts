/**
 * The links of inproc: one that is bound to a name, and one that is connected to it.
 *
 * There is no connection to make or to lose. Two pipes are joined when their links meet, and part when either side ends
 * its own: for good, for inproc does not reconnect (zmq_inproc(7)). What was sent is with the peer at once, so that nothing
 * lingers.
 *
 * @module
 */

import type { Binder, InprocSpace } from "../transports/inproc_space.ts";
import type { Peer } from "../zmtp/machine.ts";
import { InprocPipe } from "./inproc_pipe.ts";
import type { Link, LinkHost, LinkSettings } from "./link.ts";
import { LocalChannel } from "./local_channel.ts";

/** Where an inproc link is bound or connected. */
export interface Name {
  /** The names of the context. */
  readonly space: InprocSpace<InprocConnector>;
  /** The part of the endpoint behind `://`. */
  readonly name: string;
  /** The endpoint as it was given. */
  readonly endpoint: string;
  /** The routing id that the peer gets, whatever it says itself. */
  readonly routingId?: Uint8Array | undefined;
}

/** What the peer is told of a socket. */
function introduce({ machine }: LinkSettings): Peer {
  return { major: 3, minor: 1, socketType: machine.socketType, routingId: machine.routingId, metadata: new Map() };
}

/** A link that is bound to a name. */
export class InprocBinder implements Link, Binder<InprocConnector> {
  readonly key: string;
  readonly unsent = false;
  #place: Name;
  #settings: LinkSettings;
  #host: LinkHost;

  /** Takes the name. Throws `EADDRINUSE` where that is not possible. */
  constructor(place: Name, settings: LinkSettings, host: LinkHost) {
    this.key = place.endpoint;
    this.#place = place;
    this.#settings = settings;
    this.#host = host;
    place.space.bind(place.name, this);
  }

  /** Meets those who have waited. */
  start(): void {
    this.#place.space.open(this.#place.name);
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
    connector.met();
    // It was closed while it waited; what it had sent has come.
    if (!theirs.open) ours.left();
  }

  /** Frees the name; who is connected stays so (zmq_unbind(3) and zmq_inproc(7)). */
  close(): undefined {
    this.#place.space.unbind(this.#place.name, this);
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
export class InprocConnector implements Link {
  readonly key: string;
  readonly unsent = false;
  readonly pipe: InprocPipe;
  /** What the peer is told. */
  readonly introduction: Peer;
  #place: Name;
  #host: LinkHost;
  #met = false;
  #closed = false;

  constructor(place: Name, settings: LinkSettings, host: LinkHost) {
    this.key = place.endpoint;
    this.introduction = introduce(settings);
    this.#place = place;
    this.#host = host;
    const { limits, conflate } = settings;
    const { endpoint, routingId } = place;
    this.pipe = new InprocPipe(
      host,
      { limits, conflate, endpoint, routingId },
      () => this.close(),
      () => this.#release(),
    );
  }

  /** Meets who is bound to the name, now or later. */
  start(): void {
    if (!this.#host.adopt(this.pipe)) return this.#release();
    this.#place.space.connect(this.#place.name, this);
  }

  /** The pipe has been joined to another. */
  met(): void {
    this.#met = true;
  }

  close(): undefined {
    if (this.#closed) return;
    this.pipe.leave();
    // What was sent is delivered to whoever binds to the name later, though its sender is gone.
    if (!this.#met && this.pipe.pending === 0) this.#place.space.withdraw(this.#place.name, this);
    this.#release();
  }

  #release(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#host.released(this);
  }
}
