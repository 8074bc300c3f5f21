/**
 * Tests in a virtual machine what needs vsock: `deno task test:vm`.
 *
 * Arguments are handed on to `deno test`. Without a file or folder among them,
 * it is the vmci suite, in two halves that run side by side.
 *
 * @module
 */

import { testInGuest } from "./testing.ts";

const LONGEST = ["tests/vmci/sockets_test.ts", "tests/vmci/peers_test.ts"];
/** The vmci suite. Its halves take about as long as each other. */
const SUITE = [LONGEST, ["tests/vmci/", `--ignore=${LONGEST}`]];

/** Whether an argument is a file or a folder. */
function isPath(argument: string): boolean {
  try {
    return !argument.startsWith("-") && Deno.statSync(argument) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Tells the paths among arguments from the others.
 *
 * @param args The arguments of the command line.
 * @returns What to test, and the other arguments.
 */
export function sorted(args: readonly string[]): { runs: readonly (readonly string[])[]; args: string[] } {
  const paths = args.filter(isPath);
  return { runs: paths.length === 0 ? SUITE : [paths], args: args.filter((argument) => !paths.includes(argument)) };
}

if (import.meta.main) Deno.exit(await testInGuest({ ...sorted(Deno.args), limit: 300 }));
