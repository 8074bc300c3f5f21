/**
 * What bytes of traffic mean, read in the simplest way there is (RFC 23): slowly, at once, and with copies.
 *
 * @module
 */

/** What was read. */
export interface Reading {
  readonly messages: readonly (readonly Uint8Array[])[];
  /** Whether the bytes break the rules, or our limits, after these messages. */
  readonly broken: boolean;
}

/** The largest command that we take. */
const LARGEST_COMMAND = 1024 * 1024;

/**
 * Reads.
 *
 * @param data Bytes.
 * @param at Where the traffic begins.
 * @param maximum The largest frame; -1 for no limit.
 */
export function read(data: Uint8Array, at: number, maximum: number): Reading {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const messages: Uint8Array[][] = [];
  let frames: Uint8Array[] = [];
  while (data.length - at >= 2) {
    const flags = data[at]!;
    const [more, long, command] = [1, 2, 4].map((bit) => (flags & bit) !== 0);
    const header = long ? 9 : 2;
    if (data.length - at < header) break;
    const length = long ? view.getBigUint64(at + 1) : BigInt(data[at + 1]!);
    const limits = [BigInt(Number.MAX_SAFE_INTEGER)];
    if (maximum >= 0) limits.push(BigInt(maximum));
    if (command) limits.push(BigInt(LARGEST_COMMAND));
    if (limits.some((limit) => length > limit)) return { messages, broken: true };
    const end = at + header + Number(length);
    if (end > data.length) break;
    if (!command) {
      frames.push(data.slice(at + header, end));
      if (!more) {
        messages.push(frames);
        frames = [];
      }
    }
    at = end;
  }
  return { messages, broken: false };
}
