/**
 * Runs `deno test` in a guest.
 *
 * @module
 */

import { exits, Failure } from "./failure.ts";
import { requireGuests, runInGuest, type RunOptions } from "./in_guest.ts";

/** How to run tests. */
export interface TestOptions extends Omit<RunOptions, "command" | "limit"> {
  /** The files and folders to test. */
  paths: readonly string[];
  /** Further arguments of `deno test`. */
  args: readonly string[];
  /** Seconds that they may take, unless the variable DENOMQ_VM_LIMIT says otherwise. */
  limit: number;
}

/**
 * The number that an option or a variable gives.
 *
 * @param name Its name, for the error.
 * @param text The number.
 * @throws {Failure} If it is not a whole number above 0.
 */
export function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Failure(exits.usage, `Cannot set ${name} to "${text}": it takes a whole number above 0`);
}

/** Types are checked here: in an emulated processor that takes many times as long. */
async function checkTypes(paths: readonly string[]): Promise<number> {
  return (await new Deno.Command(Deno.execPath(), { args: ["check", ...paths] }).spawn().status).code;
}

/**
 * Checks the types of tests here, and runs the tests in a guest.
 *
 * @param options The tests, and what the guest is like.
 * @returns The exit status.
 */
export async function testInGuest(options: TestOptions): Promise<number> {
  const { paths, args, ...rest } = options;
  try {
    requireGuests();
    const limit = positive("DENOMQ_VM_LIMIT", Deno.env.get("DENOMQ_VM_LIMIT") ?? String(options.limit));
    const code = await checkTypes(paths);
    if (code !== 0) return code;
    return await runInGuest({
      ...rest,
      command: [Deno.execPath(), "test", "-A", "--no-check", ...args, ...paths],
      limit,
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    return error.status;
  }
}
