// Registers tests that need the real libzmq.

import { within } from "../support/deadline.ts";
import { LibzmqPeer } from "./peer.ts";

/** Seconds that a test may take when it does not say. */
const LIMIT = 30;

let reported = false;

/**
 * A test against libzmq with a time limit in seconds, ignored where libzmq cannot be loaded; the reason is printed once
 * per file.
 */
export function libzmqTest(name: string, run: (test: Deno.TestContext) => Promise<void>, limit: number = LIMIT): void {
  const { problem } = LibzmqPeer;
  if (problem !== null && !reported) {
    reported = true;
    console.warn(`Tests against libzmq are skipped: ${problem}`);
  }
  Deno.test({
    name,
    ignore: problem !== null,
    sanitizeOps: true,
    sanitizeResources: true,
    fn: (test) => within(run(test), `the test "${name}"`, limit * 1000),
  });
}
