/**
 * One side of a ZMTP connection, without the connection: bytes and the time come in, bytes and events go out.
 *
 * ```text
 *              start()            64 bytes of the peer,        the mechanism is done,
 *                                 same mechanism               the types go together
 *   (nothing) ────────▶ greeting ──────────────────▶ handshake ──────────────────────▶ traffic
 *                          │                             │                                │
 *                          └─────────────────────────────┴────────────────────────────────┴──▶ failed
 *                                 a ProtocolError: thrown by advance() or tick(), then by every advance()
 * ```
 *
 * The caller owns the stream and the clock. It reads into `space()`, says so with `filled()`, calls `advance()` until that
 * returns `false`, writes what `takeOutput()` gives between two of its own messages, and calls `tick()` at `deadline`. The
 * deadline may move with every call; a timer that was set for an earlier one does no harm, for an early `tick()` does
 * nothing. Sinks must not call `advance()`, `space()` or `filled()`.
 *
 * @module
 */

import { decodeCommand, encodeCommandBody } from "./command.ts";
import { Decoder } from "./decoder.ts";
import { ProtocolError } from "./error.ts";
import { COMMAND, encodeFrame } from "./framing.ts";
import { Handshake } from "./handshake.ts";
import { encodePing, encodePong, Heartbeat } from "./heartbeat.ts";
import type { MachineOptions, MachineSink, Peer, Phase } from "./interface.ts";
import type { Cipher } from "./mechanism.ts";
import { sealFrame } from "./sealing.ts";
import { type SocketTypeName, wishes } from "./socket_type.ts";

export type { MachineOptions, MachineSink, Peer, Phase, SocketTypeName };

/** No more answers to PING are queued above this many bytes: a peer that pings and does not read shall not fill memory. */
const OUTPUT_LIMIT = 4096;

/** One side of one ZMTP connection. */
export class Machine {
  readonly #options: MachineOptions;
  readonly #sink: MachineSink;
  readonly #decoder: Decoder;
  #phase: Phase = "greeting";
  #failure: ProtocolError | null = null;
  #peer: Peer | null = null;
  #cipher: Cipher | null = null;
  #now = 0;
  #handshakeDeadline = Infinity;
  #heartbeat: Heartbeat | null = null;
  #stalled = false;
  #output: Uint8Array[] = [];
  #outputSize = 0;
  /** How much of the output is of the handshake, which sees to its own protection. */
  #clear = 0;
  /** Runs from the start until traffic begins. */
  #handshake: Handshake | null = null;
  readonly #control = (body: Uint8Array): void => this.#trafficCommand(body);

  /**
   * Makes a machine that has not started yet.
   *
   * @param options What it has to know.
   * @param sink What it calls.
   */
  constructor(options: MachineOptions, sink: MachineSink) {
    this.#options = options;
    this.#sink = sink;
    this.#decoder = new Decoder(options.maxMessageSize);
  }

  /** Where the machine is. */
  get phase(): Phase {
    return this.#phase === "greeting" && this.#handshake?.greeted === true ? "handshake" : this.#phase;
  }

  /** What is known of the peer; `null` before traffic begins. */
  get peer(): Peer | null {
    return this.#peer;
  }

  /**
   * What every frame of the caller's has to go through when it is written, in the order of the wire; `null` where frames are
   * sent as they are. What {@linkcode takeOutput} gives has gone through it.
   */
  get cipher(): Cipher | null {
    return this.#cipher;
  }

  /** When {@linkcode tick} wants to be called; `Infinity` for never. */
  get deadline(): number {
    if (this.#phase === "failed") return Infinity;
    if (this.#phase !== "traffic") return this.#handshakeDeadline;
    return this.#heartbeat === null ? Infinity : this.#heartbeat.deadline;
  }

  /**
   * Starts with the first bytes of the greeting.
   *
   * @param now The time, on the clock of all the other calls.
   */
  start(now: number): void {
    this.#now = now;
    if (this.#options.handshakeInterval > 0) this.#handshakeDeadline = now + this.#options.handshakeInterval;
    this.#handshake = new Handshake(this.#options, this.#decoder, {
      send: (bytes) => this.#queue(bytes),
      done: (peer, cipher) => this.#guard(() => this.#begin(peer, cipher)),
      fail: (error) => void this.#fail(error),
    });
  }

  /** Whether somebody has transferred away the memory that received frames are views of: the connection cannot go on. */
  get lost(): boolean {
    return this.#decoder.lost;
  }

  /**
   * Tells where the next bytes of the peer go.
   *
   * @returns An array with room for at least one byte, good until {@linkcode advance}.
   */
  space(): Uint8Array {
    return this.#decoder.space();
  }

  /**
   * Takes note of bytes that have been put at the start of the last {@linkcode space}.
   *
   * @param count How many.
   * @param now The time.
   */
  filled(count: number, now: number): void {
    this.#now = now;
    this.#decoder.filled(count);
    if (this.#heartbeat !== null) this.#heartbeat.received(now);
  }

  /**
   * Goes through what has come.
   *
   * @param limit How many messages to deliver at most.
   * @returns Whether it stopped for the limit, so that there may be more to deliver; else it needs more bytes.
   * @throws ProtocolError when the connection cannot go on; {@linkcode takeOutput} may have last words for the peer.
   */
  advance(limit: number): boolean {
    if (this.#failure !== null) throw this.#failure;
    return this.#guard(() => {
      while (this.#handshake !== null) {
        if (!this.#handshake.step()) return false;
        if (this.#failure !== null) throw this.#failure;
      }
      if (this.#phase !== "traffic") return false;
      this.#stalled = this.#cipher === null
        ? this.#decoder.traffic(limit, this.#sink, this.#control)
        : this.#decoder.protectedTraffic(limit, this.#sink, this.#control, this.#cipher);
      return this.#stalled;
    });
  }

  /** Whether {@linkcode takeOutput} has something to give. */
  get hasOutput(): boolean {
    return this.#output.length > 0;
  }

  /**
   * Takes the bytes of the machine's own that are to be written now: whole frames, once the handshake is done.
   *
   * @returns The bytes; `null` when there are none.
   */
  takeOutput(): Uint8Array | null {
    const output = this.#output;
    if (output.length === 0) return null;
    this.#output = [];
    if (this.#cipher !== null) this.#seal(output, this.#cipher);
    if (output.length === 1) {
      this.#outputSize = 0;
      return output[0]!;
    }
    const bytes = new Uint8Array(this.#outputSize);
    let at = 0;
    for (const piece of output) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#outputSize = 0;
    return bytes;
  }

  /**
   * Sees what the time has brought: a PING to send, or the end of the patience with the peer.
   *
   * @param now The time.
   * @throws ProtocolError with the kind `"handshake-timeout"` or `"heartbeat-timeout"`.
   */
  tick(now: number): void {
    if (this.#phase === "failed" || now < this.deadline) return;
    this.#now = now;
    if (this.#phase !== "traffic") {
      throw this.#fail(new ProtocolError("handshake-timeout", "Handshake was not finished in time"));
    }
    if (!this.#guard(() => this.#heartbeat!.tick(now, this.#stalled))) return;
    this.#queue(encodeFrame(COMMAND, encodePing(this.#options.heartbeatTimeToLive)));
  }

  /**
   * Encodes a command for this peer.
   *
   * @param name The name of the command.
   * @param data Its data.
   * @returns The whole frame, which has not gone through {@linkcode cipher}.
   */
  command(name: string, data: Uint8Array): Uint8Array {
    return encodeFrame(COMMAND, encodeCommandBody(name, data));
  }

  /**
   * Encodes a subscription for this peer: a command, or the message that ZMTP 3.0 has in its place.
   *
   * @param topic The topic.
   * @param subscribe Whether to subscribe; else to cancel.
   * @returns The whole frame, which has not gone through {@linkcode cipher}.
   */
  subscription(topic: Uint8Array, subscribe: boolean): Uint8Array {
    const [begin, end] = wishes(this.#options.socketType);
    if (this.#peer === null || this.#peer.minor >= 1) return this.command(subscribe ? begin : end, topic);
    const body = new Uint8Array(1 + topic.length);
    body[0] = subscribe ? 1 : 0;
    body.set(topic, 1);
    return encodeFrame(0, body);
  }

  /** What a command of the peer means: the begin of a subscription, the end of one, or something else. */
  wish(command: string): boolean | undefined {
    const [begin, end] = wishes(this.#options.socketType);
    return command === begin ? true : command === end ? false : undefined;
  }

  /** The handshake is done: begins the traffic. */
  #begin(peer: () => Peer, cipher: Cipher | null): void {
    // Time may have run out while the mechanism waited for somebody.
    if (this.#phase === "failed") return;
    this.#peer = peer();
    this.#cipher = cipher;
    this.#clear = this.#output.length;
    this.#handshake = null;
    const { heartbeatInterval, heartbeatTimeout } = this.#options;
    if (heartbeatInterval > 0) this.#heartbeat = new Heartbeat(heartbeatInterval, heartbeatTimeout, this.#now);
    this.#phase = "traffic";
    this.#sink.ready();
  }

  #trafficCommand(body: Uint8Array): void {
    const command = decodeCommand(body);
    if (command === null) return;
    const { name, data } = command;
    switch (name) {
      case "PING":
        if (data.length < 2) return;
        if (this.#heartbeat !== null || data[0] !== 0 || data[1] !== 0) {
          this.#heartbeat ??= new Heartbeat(0, 0, this.#now);
          this.#heartbeat.pinged(data, this.#now);
        }
        if (this.#outputSize < OUTPUT_LIMIT) this.#queue(encodeFrame(COMMAND, encodePong(data)));
        return;
      case "PONG":
      case "READY":
      case "ERROR":
        return;
      default:
        // A copy, for commands are few, and a topic that is kept for long must not keep a whole chunk with it.
        this.#sink.command(name, data.slice());
    }
  }

  /** Seals output at the last moment: the caller may have written frames of its own since it was queued. */
  #seal(output: Uint8Array[], cipher: Cipher): void {
    for (let i = this.#clear; i < output.length; i++) {
      const frame = output[i]!;
      output[i] = sealFrame(cipher, frame, 0, frame.length);
      this.#outputSize += output[i]!.length - frame.length;
    }
    this.#clear = 0;
  }

  #queue(bytes: Uint8Array): void {
    this.#output.push(bytes);
    this.#outputSize += bytes.length;
  }

  /** Remembers the protocol error that `work` throws, if it does. */
  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof ProtocolError) this.#fail(error);
      throw error;
    }
  }

  #fail(error: ProtocolError): ProtocolError {
    this.#phase = "failed";
    this.#failure = error;
    return error;
  }
}
