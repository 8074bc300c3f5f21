/**
 * The frame of ZMTP: a flags octet, the length of the body in one or eight octets, the body.
 *
 * @module
 */

/** Flag of a frame that another frame of the same message follows. */
export const MORE = 1;
/** Flag of a frame whose length takes eight octets. */
export const LONG = 2;
/** Flag of a command frame. */
export const COMMAND = 4;

/**
 * How many bytes the header in front of a body takes.
 *
 * @param length The length of the body.
 * @returns 2 or 9.
 */
export function headerSize(length: number): number {
  return length > 255 ? 9 : 2;
}

/**
 * Writes the header of a frame.
 *
 * @param into Where to write; {@linkcode headerSize} bytes must fit.
 * @param at The offset of the first byte of the header.
 * @param flags {@linkcode MORE} or {@linkcode COMMAND}; {@linkcode LONG} is added where the length asks for it.
 * @param length The length of the body.
 * @returns The offset after the header, where the body goes.
 */
export function writeHeader(into: Uint8Array, at: number, flags: number, length: number): number {
  if (length <= 255) {
    into[at] = flags;
    into[at + 1] = length;
    return at + 2;
  }
  return writeLongHeader(into, at, flags, length);
}

/** The long half of {@linkcode writeHeader}, apart so that the short half stays small enough to be inlined. */
function writeLongHeader(into: Uint8Array, at: number, flags: number, length: number): number {
  into[at] = flags | LONG;
  writeUint32(into, at + 1, Math.floor(length / 0x1_0000_0000));
  writeUint32(into, at + 5, length);
  return at + 9;
}

/**
 * Encodes a whole frame. This copies the body: bulk traffic writes headers with {@linkcode writeHeader} instead.
 *
 * @param flags As {@linkcode writeHeader} takes them.
 * @param body The body of the frame.
 * @returns The bytes of the frame.
 */
export function encodeFrame(flags: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headerSize(body.length) + body.length);
  frame.set(body, writeHeader(frame, 0, flags, body.length));
  return frame;
}

/**
 * Reads four bytes as a big-endian number.
 *
 * @param from The bytes.
 * @param at The offset of the first of the four.
 * @returns A number from 0 to 2³² − 1.
 */
export function readUint32(from: Uint8Array, at: number): number {
  return ((from[at]! << 24) | (from[at + 1]! << 16) | (from[at + 2]! << 8) | from[at + 3]!) >>> 0;
}

/**
 * Writes the low 32 bits of a number as four big-endian bytes.
 *
 * @param into Where to write.
 * @param at The offset of the first of the four.
 * @param value The number.
 */
export function writeUint32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}
