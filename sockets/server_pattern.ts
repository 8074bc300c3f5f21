/**
 * SERVER and PEER: number every peer and send to the one that is named (RFC 41, RFC 51).
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { ZmqError } from "../transports/error.ts";
import { keyOf } from "./key.ts";
import type { Received } from "./message.ts";
import { Pattern, type PatternHost } from "./pattern.ts";
import { idFrame, idOf } from "./single_frame.ts";

/** Says of each message who sent it, and sends to whom the message is for. */
export class ServerPattern extends Pattern {
  override readonly type: "SERVER" | "PEER";
  override readonly intercepts = true;
  /** The id of the last peer. */
  latest: number = (Math.random() * 2 ** 32) >>> 0;
  #pipes = new Map<number, Pipe>();
  /** Those of peers that are gone as well, as long as there is something of theirs to read. */
  #ids = new Map<Pipe, number>();

  constructor(host: PatternHost, type: "SERVER" | "PEER") {
    super(host);
    this.type = type;
  }

  override attach(pipe: Pipe): boolean {
    // 0 is what libzmq has for no peer at all.
    do this.latest = (this.latest + 1) >>> 0; while (this.latest === 0 || this.#pipes.has(this.latest));
    this.#pipes.set(this.latest, pipe);
    this.#ids.set(pipe, this.latest);
    this.#greet(pipe);
    this.host.wakeSenders();
    return true;
  }

  override ready(pipe: Pipe, again: boolean): void {
    if (again) this.#greet(pipe);
  }

  override ended(pipe: Pipe): void {
    const address = this.addressOfPipe(pipe);
    this.#pipes.delete(this.#ids.get(pipe)!);
    if (!pipe.readable) this.#ids.delete(pipe);
    // Whoever waits for room in its queue waits in vain.
    this.host.wakeSenders(address);
  }

  /** A message of several frames is none (RFC 41). */
  override intercept(_pipe: Pipe, frames: Uint8Array[]): boolean {
    return frames.length !== 1;
  }

  override send(frames: Uint8Array[]): boolean {
    const pipe = this.#pipes.get(idOf(frames[0]!));
    if (pipe === undefined) throw new ZmqError("EHOSTUNREACH");
    if (pipe.full) return false;
    pipe.write([frames[1]!]);
    return true;
  }

  override addressOf(frames: Uint8Array[]): string {
    return keyOf(frames[0]!);
  }

  override addressOfPipe(pipe: Pipe): string {
    return keyOf(idFrame(this.#ids.get(pipe)!));
  }

  override receive(): Received | undefined {
    const frames = this.in.read();
    if (frames === undefined) return undefined;
    const pipe = this.in.from!;
    const routingId = this.#ids.get(pipe)!;
    if (!pipe.open && !pipe.readable) this.#ids.delete(pipe);
    return [frames[0]!, { routingId }];
  }

  override get sendable(): boolean {
    for (const pipe of this.#pipes.values()) if (!pipe.full) return true;
    return false;
  }

  /** What a new connection begins with. */
  #greet(pipe: Pipe): void {
    const { helloMessage } = this.host.options;
    if (helloMessage !== null) pipe.write(helloMessage.map((frame) => frame.slice()));
  }
}
