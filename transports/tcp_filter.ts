/**
 * Who may connect over tcp: ranges of addresses, in CIDR notation.
 *
 * @module
 */

/** A range of IP addresses. */
export interface AddressRange {
  /** As it was written. */
  readonly text: string;
  /** The bits of the first address, 32 or 128 of them. */
  readonly bits: string;
  /** How many of them count. */
  readonly length: number;
}

/**
 * Reads a range: an address, or an address, a slash, and how many of its bits count.
 *
 * @param text Such as `192.168.0.0/16`, `::1`.
 * @returns `undefined` where it is no range.
 */
export function parseRange(text: string): AddressRange | undefined {
  const [address = "", length, ...rest] = text.split("/");
  const bits = bitsOf(address);
  if (bits === undefined || rest.length > 0) return undefined;
  if (length === undefined) return { text, bits, length: bits.length };
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits.length) return undefined;
  return { text, bits, length: Number(length) };
}

/** Whether an address is in one of the ranges. Without a range every one is. */
export function isAdmitted(ranges: readonly AddressRange[], address: string): boolean {
  if (ranges.length === 0) return true;
  const bits = bitsOf(address);
  return bits !== undefined && ranges.some((range) => within(range, bits));
}

/** What a listener for both kinds says of an IPv4 peer. */
const MAPPED = "0".repeat(80) + "1".repeat(16);

function within({ bits, length }: AddressRange, address: string): boolean {
  const plain = address.length === 128 && bits.length === 32 && address.startsWith(MAPPED)
    ? address.slice(96)
    : address;
  return plain.length === bits.length && plain.startsWith(bits.slice(0, length));
}

function bitsOf(address: string): string | undefined {
  const colon = address.lastIndexOf(":");
  if (colon === -1) return ipv4Bits(address);
  const words = wordsOf(address);
  return words?.map((word) => word.toString(2).padStart(16, "0")).join("");
}

function ipv4Bits(address: string): string | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return undefined;
  const parts = address.split(".").map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return parts.map((part) => part.toString(2).padStart(8, "0")).join("");
}

/** The eight words of an IPv6 address. */
function wordsOf(address: string): number[] | undefined {
  let text = address;
  const dotted = address.slice(address.lastIndexOf(":") + 1);
  if (dotted.includes(".")) {
    const bits = ipv4Bits(dotted);
    if (bits === undefined) return undefined;
    const [high, low] = [bits.slice(0, 16), bits.slice(16)].map((word) => parseInt(word, 2).toString(16));
    text = `${address.slice(0, -dotted.length)}${high}:${low}`;
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail] = halves.map((half) => half === "" ? [] : half.split(":"));
  const gap = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? gap !== 0 : gap < 1) return undefined;
  const words = [...head, ...Array<string>(gap).fill("0"), ...tail ?? []];
  return words.every((word) => /^[\da-fA-F]{1,4}$/.test(word)) ? words.map((word) => parseInt(word, 16)) : undefined;
}
