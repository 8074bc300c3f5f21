/**
 * A transport in memory for the tests of links, and sockets without patterns.
 *
 * @module
 */

import type { Link, LinkEvent, LinkHost, LinkSettings } from "../../link/link.ts";
import type { Pipe } from "../../link/pipe.ts";
import type { ByteStream, StreamListener, StreamTransport } from "../../transports/transport.ts";
import type { SocketTypeName } from "../../zmtp/socket_type.ts";

/** How a connection misbehaves. */
export interface Faults {
  /** After so many bytes from the dialing side the connection is cut. */
  cut?: number;
  /** No write and no read takes more bytes than this. */
  chunk?: number;
  /** A write can take two stretches of bytes. */
  gathers?: boolean;
}

/** One end of a connection. What was written before the connection was cut can still be read. */
export class MemoryStream implements ByteStream {
  readonly peerAddress = "memory";
  readonly writeBoth?: (first: Uint8Array, second: Uint8Array) => Promise<number>;
  /** The other end. */
  peer!: MemoryStream;
  closed = false;
  #left: number;
  #chunk: number;
  #incoming: number[] = [];
  #wake: (() => void) | undefined;

  constructor({ cut = Infinity, chunk = Infinity, gathers = false }: Faults) {
    if (gathers) this.writeBoth = (first, second) => this.write(joined(first, second));
    this.#left = cut;
    this.#chunk = chunk;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#incoming.length === 0) {
      if (this.closed) throw new Deno.errors.BadResource("closed");
      if (this.peer.closed) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const bytes = this.#incoming.splice(0, Math.min(into.length, this.#chunk));
    into.set(bytes);
    return bytes.length;
  }

  async write(from: Uint8Array): Promise<number> {
    await Promise.resolve();
    if (this.closed) throw new Deno.errors.BadResource("closed");
    if (this.peer.closed || this.#left === 0) throw new Deno.errors.BrokenPipe("the connection was cut");
    const count = Math.min(from.length, this.#chunk, this.#left);
    for (let i = 0; i < count; i++) this.peer.#incoming.push(from[i]!);
    this.#left -= count;
    this.peer.#rouse();
    if (this.#left === 0) {
      // The peer reads what has come, then the end.
      this.closed = true;
      queueMicrotask(() => {
        this.closed = false;
        this.close();
      });
    }
    return count;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#rouse();
    this.peer.#rouse();
  }

  #rouse(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** A transport whose only endpoint is in this object. */
export class MemoryTransport implements StreamTransport, StreamListener {
  readonly scheme = "memory";
  readonly carries = "bytes";
  readonly endpoint = "memory://here";
  /** Is asked for each connection; what it throws refuses it. */
  faults: () => Faults = () => ({});
  /** How many connections were tried. */
  attempts = 0;
  #accepted: MemoryStream[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  resolve(address: string): string {
    return `memory://${address}`;
  }

  authorize(address: string): string {
    return this.resolve(address);
  }

  bind(): StreamListener {
    return this;
  }

  async connect(): Promise<ByteStream> {
    await Promise.resolve();
    this.attempts++;
    const faults = this.faults();
    const near = new MemoryStream(faults);
    const far = new MemoryStream(faults.chunk === undefined ? {} : { chunk: faults.chunk });
    near.peer = far;
    far.peer = near;
    this.#accepted.push(far);
    this.#wake?.();
    return near;
  }

  async accept(): Promise<ByteStream | null> {
    while (this.#accepted.length === 0 && !this.#closed) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#accepted.shift() ?? null;
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    return Promise.resolve();
  }
}

/** A socket that takes every peer and notes what it is told. */
export class Host implements LinkHost {
  readonly intercepts = false;
  readonly pipes: Pipe[] = [];
  readonly events: LinkEvent[] = [];
  readonly messages: Uint8Array[][] = [];
  /** Whether new peers are taken. */
  welcoming = true;
  readonly released: (link: Link) => void;
  /** Resolves when a link has gone. */
  readonly gone: Promise<Link>;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<Link>();
    this.gone = promise;
    this.released = resolve;
  }

  adopt(pipe: Pipe): boolean {
    if (this.welcoming) this.pipes.push(pipe);
    return this.welcoming;
  }

  emit(event: LinkEvent): void {
    this.events.push(event);
  }

  readable(pipe: Pipe): void {
    for (let frames = pipe.read(); frames !== undefined; frames = pipe.read()) this.messages.push(frames);
  }

  filling(pipe: Pipe): void {
    this.readable(pipe);
  }

  returning(): void {}
  ready(): void {}
  writable(): void {}
  subscription(): void {}
  intercept(): boolean {
    return false;
  }
  lost(): void {}
  ended(): void {}
}

/** The settings of a link. */
export function settings(socketType: SocketTypeName, changes: Partial<LinkSettings> = {}): LinkSettings {
  return {
    machine: {
      socketType,
      routingId: new Uint8Array(),
      maxMessageSize: -1,
      handshakeInterval: 5000,
      heartbeatInterval: 0,
      heartbeatTimeToLive: 0,
      heartbeatTimeout: -1,
    },
    authenticator: null,
    transport: { backlog: 100 },
    limits: { sendHighWaterMark: 0, receiveHighWaterMark: 0 },
    maxConnections: 0,
    conflate: false,
    immediate: false,
    reconnectInterval: 1,
    reconnectMaxInterval: 0,
    reconnectStop: 0,
    disconnectMessage: null,
    hiccupMessage: null,
    ...changes,
  };
}
