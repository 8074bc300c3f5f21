/**
 * Messages that say of themselves what they are, so that one that is torn, mixed with another or lost is noticed.
 *
 * @module
 */

import type { Writable } from "../../../mod.ts";

/** Frames before the bodies: sender, number, how many bodies there are, and their bytes. */
const HEADER = 16;
/** Sizes (bytes) of bodies, and how often one is smaller than that. */
const SIZES: readonly [number, number][] = [[0.7, 200], [0.9, 5000], [0.985, 70_000], [1, 600_000]];

/** A message of up to four frames of random sizes. */
export function numbered(sender: number, number: number): Uint8Array[] {
  const bodies = Array.from({ length: Math.floor(Math.random() * 4) }, (_, i) => {
    const dice = Math.random();
    const [, most] = SIZES.find(([often]) => dice < often)!;
    return new Uint8Array(Math.floor(Math.random() * most)).fill(content(sender, number, i));
  });
  const header = new Uint8Array(HEADER);
  const view = new DataView(header.buffer);
  view.setUint32(0, sender);
  view.setUint32(4, number);
  view.setUint32(8, bodies.length);
  view.setUint32(12, bodies.reduce((sum, body) => sum + body.length, 0));
  return [header, ...bodies];
}

/** What a body is full of. */
function content(sender: number, number: number, body: number): number {
  return sender * 7 + number * 31 + body * 101 & 255;
}

/** Looks at messages as they come. */
export class Inspector {
  /** The number that each sender's next message has to have. */
  #next = new Map<number, number>();
  /** How many were looked at. */
  count = 0;

  /** Throws when a message is not what was sent, or not the next of its sender. */
  inspect(frames: readonly Uint8Array[]): void {
    this.count++;
    const [header, ...bodies] = frames;
    if (header?.length !== HEADER) throw new Error(`The header has ${header?.length} bytes`);
    const view = new DataView(header.buffer, header.byteOffset, HEADER);
    const [sender, number] = [view.getUint32(0), view.getUint32(4)];
    const what = `message ${number} of ${sender}`;
    if (bodies.length !== view.getUint32(8)) throw new Error(`There are ${bodies.length} bodies in ${what}`);
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
    if (bytes !== view.getUint32(12)) throw new Error(`There are ${bytes} bytes in ${what}`);
    for (const [i, body] of bodies.entries()) {
      const expected = content(sender, number, i);
      for (let at = 0; at < body.length; at++) {
        if (body[at] !== expected) throw new Error(`Byte ${at} of ${body.length} in body ${i} of ${what} is wrong`);
      }
    }
    const next = this.#next.get(sender) ?? number;
    if (number !== next) throw new Error(`After message ${next - 1} of ${sender} came message ${number}`);
    this.#next.set(sender, number + 1);
  }
}

/** Sends numbered messages as long as the socket takes them. */
export async function pour(socket: Writable, sender: number, started = () => {}): Promise<void> {
  for (let number = 0;; number++) {
    await socket.send(numbered(sender, number));
    if (number === 0) started();
  }
}
