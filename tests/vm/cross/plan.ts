/**
 * What the programs in the two machines know of each other.
 *
 * @module
 */

if (Deno.env.get("DENOMQ_VM") !== "1") {
  throw new Error("These programs are for virtual machines: run deno task test:vm:cross");
}

/** The outer machine, as the inner one sees it: the vsock host. */
export const OUTER_CID = 2;
/** The inner machine, as the outer one sees it. */
export const INNER_CID = 42;
/** Where the outer machine listens. */
export const OUTER_PORT = 5000;
/** Where the inner machine listens. */
export const INNER_PORT = 5001;

/** How many messages each machine sends the other one in order. */
export const COUNT = 500;
/** The bytes of a message. */
export const SIZE = 1024;

/** A message that carries its number, in every byte after the first four too. */
export function message(number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIZE).fill(number % 251);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

/** Throws unless bytes are the message with a number. */
export function check(bytes: Uint8Array, number: number): void {
  const expected = message(number);
  const index = expected.findIndex((byte, index) => byte !== bytes[index]);
  if (bytes.length === SIZE && index < 0) return;
  throw new Error(`Message ${number} differs at byte ${index} of ${bytes.length}`);
}
