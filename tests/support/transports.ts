/**
 * The transports that the behaviour of sockets is tested over.
 *
 * @module
 */

import { within } from "./deadline.ts";
import { TempDirectory } from "./temp.ts";

/** One way for sockets to reach each other. */
export interface TransportCase {
  /** What the tests say in their names. */
  readonly name: string;
  /** An endpoint that nothing is bound to, and that can be bound again and again. */
  endpoint(directory: TempDirectory): string;
}

let serial = 0;

const cases: TransportCase[] = [
  { name: "ipc", endpoint: (directory) => `ipc://${directory.at(`socket-${serial++}`)}` },
];
if (Deno.build.os === "linux") {
  // Abstract names are the whole machine's, and tests run side by side.
  cases.push({ name: "ipc @", endpoint: () => `ipc://@denomq-${crypto.randomUUID()}` });
}

/** All of them. To test another transport, add it here. */
export const transports: readonly TransportCase[] = cases;

/**
 * Registers a test for every transport.
 *
 * @param name What is tested.
 * @param test The test; `fresh()` gives endpoints that nothing is bound to.
 */
export function overTransports(name: string, test: (fresh: () => string) => Promise<void>): void {
  for (const transport of transports) {
    Deno.test(`${name} (${transport.name})`, async () => {
      using directory = new TempDirectory();
      await within(test(() => transport.endpoint(directory)), name);
    });
  }
}
