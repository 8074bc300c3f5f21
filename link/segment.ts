/**
 * The buffers that outgoing messages are encoded into, kept for the next use.
 *
 * @module
 */

/** Smallest buffer: thousands of connections with one small message each must stay cheap. */
export const SMALLEST_SEGMENT = 4 * 1024;
/** Largest buffer: more in one write makes nothing faster. */
export const LARGEST_SEGMENT = 256 * 1024;

/** Spare buffers are worth keeping only as far as writes are under way at the same time. */
const SPARE_BYTES = 4 * 1024 * 1024;

const spare = new Map<number, Uint8Array[]>();
let spareBytes = 0;

/** A buffer of one of the usual sizes (4 KiB, 16 KiB, 64 KiB, 256 KiB). Its contents are of no use. */
export function takeSegment(size: number): Uint8Array {
  const kept = spare.get(size)?.pop();
  if (kept === undefined) return new Uint8Array(size);
  spareBytes -= size;
  return kept;
}

/** Gives a buffer back that nothing refers to any longer. */
export function releaseSegment(segment: Uint8Array): void {
  const size = segment.length;
  if (spareBytes + size > SPARE_BYTES) return;
  const list = spare.get(size);
  if (list === undefined) spare.set(size, [segment]);
  else list.push(segment);
  spareBytes += size;
}
