/**
 * Runs a command in a throw-away virtual machine.
 *
 * ```sh
 * deno task vm cat /proc/version
 * ```
 *
 * The guest is Debian's newest kernel under qemu. It sees the files of this
 * machine, this folder and Deno among them, at the same paths; what it writes
 * is gone with it. It has no network, and vsock with CID 1 for itself, so that
 * nothing that is tested there reaches the vsock of this machine.
 *
 * @module
 */

import { exits, Failure } from "./failure.ts";
import { runInGuest, type RunOptions } from "./in_guest.ts";
import { positive } from "./testing.ts";

const USAGE = `Usage: deno task vm [--limit=SECONDS] [--memory=MIB] [--cpus=N] COMMAND [ARGUMENT...]
Runs a command in a throw-away virtual machine that sees the files of this one.
Exit status: the command's; 64 usage, 69 no virtual machine to be had, 124 over the limit, 125 the guest died.`;

/**
 * Reads the arguments of the command line.
 *
 * @param args The arguments.
 * @returns What to run.
 * @throws {Failure} If they make no sense.
 */
export function parse(args: readonly string[]): RunOptions {
  const rest = [...args];
  const options: RunOptions = { command: [] };
  while (rest[0]?.startsWith("-")) {
    const argument = rest.shift() ?? "";
    if (argument === "--") break;
    const [, option = "", text = ""] = argument.match(/^--(limit|memory|cpus)=(.*)$/) ?? [];
    if (option === "limit") options.limit = positive(`--${option}`, text);
    else if (option === "memory") options.memory = positive(`--${option}`, text);
    else if (option === "cpus") options.cpus = positive(`--${option}`, text);
    else throw new Failure(exits.usage, `Unknown option ${argument}\n${USAGE}`);
  }
  if (rest.length === 0) throw new Failure(exits.usage, `No command given\n${USAGE}`);
  return { ...options, command: rest };
}

/** Runs what the arguments say. */
async function main(args: readonly string[]): Promise<number> {
  try {
    return await runInGuest(parse(args));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    return error.status;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
