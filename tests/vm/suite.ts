/**
 * Tests in a virtual machine what needs vsock: `deno task test:vm`.
 *
 * Arguments are handed on to `deno test`. Without a file or folder among them,
 * it is the vmci suite. The environment variable DENOMQ_VM_LIMIT says how many
 * seconds it may take.
 *
 * @module
 */

import { Failure } from "./failure.ts";
import { requireGuests, runInGuest } from "./in_guest.ts";
import { positive } from "./run.ts";

const SUITE = "tests/vmci/";

/** What of the arguments are files and folders. */
function pathsOf(args: readonly string[]): string[] {
  return args.filter((argument) => {
    try {
      return !argument.startsWith("-") && Deno.statSync(argument) !== undefined;
    } catch {
      return false;
    }
  });
}

/** Types are checked here: in an emulated processor that takes many times as long. */
async function checkTypes(paths: readonly string[]): Promise<number> {
  return (await new Deno.Command(Deno.execPath(), { args: ["check", ...paths] }).spawn().status).code;
}

async function main(args: readonly string[]): Promise<number> {
  const paths = pathsOf(args);
  const added = paths.length === 0 ? [SUITE] : [];
  try {
    requireGuests();
    const limit = positive("DENOMQ_VM_LIMIT", Deno.env.get("DENOMQ_VM_LIMIT") ?? "300");
    const code = await checkTypes([...added, ...paths]);
    if (code !== 0) return code;
    return await runInGuest({ command: [Deno.execPath(), "test", "-A", "--no-check", ...added, ...args], limit });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    return error.status;
  }
}

Deno.exit(await main(Deno.args));
