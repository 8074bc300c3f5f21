/**
 * The answering side of ZAP (RFC 27) on its pipes: takes requests and answers them at once.
 *
 * @module
 */

import type { Pipe } from "../link/pipe.ts";
import { QuietHost } from "../link/quiet_host.ts";
import { EMPTY } from "./message.ts";
import { ZAP_VERSION } from "./zap.ts";

/** What becomes of a peer. */
export interface Decision {
  readonly status: "200" | "400" | "500";
  readonly text: string;
  readonly userId?: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Takes requests and answers them. */
export class ZapHost extends QuietHost {
  readonly #decide: (request: Uint8Array[]) => Decision;
  readonly #pipes = new Set<Pipe>();

  /** Makes one that takes its decisions from a function of domain, address, routing id, mechanism and credentials. */
  constructor(decide: (request: Uint8Array[]) => Decision) {
    super();
    this.#decide = decide;
  }

  /** Ends all connections. */
  close(): void {
    for (const pipe of [...this.#pipes]) pipe.close(0);
  }

  #answer(pipe: Pipe, frames: Uint8Array[]): void {
    // Whatever is in front of the empty frame is the way back.
    const start = frames.findIndex((frame) => frame.length === 0) + 1;
    const [version, id, ...request] = frames.slice(start);
    if (start === 0 || version === undefined || id === undefined || !pipe.open) return;
    const speaks = decoder.decode(version) === ZAP_VERSION && request.length >= 4;
    const { status, text, userId = "" } = speaks
      ? this.#decide(request)
      : { status: "500", text: "Version number not valid, or too few frames" };
    pipe.write([...frames.slice(0, start), ...[ZAP_VERSION, id, status, text, userId].map(bytes), EMPTY]);
  }

  override readable(pipe: Pipe): void {
    // Later: within an isolate the other side is in the midst of sending.
    queueMicrotask(() => {
      for (let frames = pipe.read(); frames !== undefined; frames = pipe.read()) this.#answer(pipe, frames);
    });
  }

  override adopt(pipe: Pipe): boolean {
    this.#pipes.add(pipe);
    return true;
  }

  override ended(pipe: Pipe): void {
    this.#pipes.delete(pipe);
  }
}

function bytes(frame: string | Uint8Array): Uint8Array {
  return typeof frame === "string" ? encoder.encode(frame) : frame;
}
