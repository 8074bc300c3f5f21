/**
 * What the programs in the two machines know of each other.
 *
 * @module
 */

if (Deno.env.get("DENOMQ_VM") !== "1") {
  throw new Error("These programs are for virtual machines: run deno task test:vm:cross");
}

/** The inner machine's CID. */
export const INNER_CID = 42;

/** What each machine binds. Ports of one machine are not those of the other. */
export const BOUND = { pull: "vmci://*:5000", reply: "vmci://*:5001", publisher: "vmci://*:5002" } as const;
/** The same of the outer machine, as the inner one sees it: it is the vsock host, which has CID 2 for its guests. */
export const OUTER = { push: "vmci://2:5000", request: "vmci://2:5001", subscriber: "vmci://2:5002" } as const;
/** The same of the inner machine, as the outer one sees it. */
export const INNER = { push: "vmci://42:5000", request: "vmci://42:5001", subscriber: "vmci://42:5002" } as const;

/** How many messages are sent in order, and how many requests are made, each way. */
export const COUNT = 500;
export const REQUESTS = 50;
const SIZE = 1024;
/** What is published begins with this. */
export const TOPIC = "news";

/** A body that carries its number, in every byte after the first four too. */
export function body(number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIZE).fill(number % 251);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

/** Throws unless bytes are the body with a number. */
export function check(bytes: Uint8Array | undefined, number: number): void {
  const expected = body(number);
  const index = expected.findIndex((byte, index) => byte !== bytes?.[index]);
  if (bytes?.length === SIZE && index < 0) return;
  throw new Error(`Body ${number} differs at byte ${index} of ${bytes?.length}`);
}
