/**
 * Tests in a virtual machine what needs vsock: `deno task test:vm`.
 *
 * Arguments are handed on to `deno test`. Without a file or folder among them,
 * it is the vmci suite.
 *
 * @module
 */

import { testInGuest } from "./testing.ts";

const SUITE = "tests/vmci/";

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
export function sorted(args: readonly string[]): { paths: string[]; args: string[] } {
  const paths = args.filter(isPath);
  return { paths: paths.length === 0 ? [SUITE] : paths, args: args.filter((argument) => !paths.includes(argument)) };
}

if (import.meta.main) Deno.exit(await testInGuest({ ...sorted(Deno.args), limit: 300 }));
