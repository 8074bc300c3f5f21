/**
 * Runs `deno test` in a guest.
 *
 * @module
 */

import { exits, Failure } from "./failure.ts";
import { requireGuests, runInGuest, type RunOptions } from "./in_guest.ts";

/** How to run tests. */
export interface TestOptions extends Omit<RunOptions, "command" | "limit"> {
  /** What to test: the arguments of one or more runs of `deno test`, side by side. */
  runs: readonly (readonly string[])[];
  /** Further arguments of each of them. */
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

/** A command as one line of the shell. */
function quoted(command: readonly string[]): string {
  return command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

/**
 * One command that runs several side by side: the last shows what it prints at once, the others when they have ended.
 *
 * @param commands The commands, of which there is at least one.
 * @returns A command that fails as one of them does.
 */
export function sideBySide(commands: readonly (readonly string[])[]): readonly string[] {
  const [last, ...others] = [commands.at(-1)!, ...commands.slice(0, -1)];
  if (others.length === 0) return last;
  const lines = [
    "status=0 jobs= logs=$(mktemp -d) || exit",
    ...others.map((command, index) => `${quoted(command)} >"$logs/${index}" 2>&1 & jobs="$jobs ${index}:$!"`),
    `${quoted(last)} || status=$?`,
    'for job in $jobs; do wait "${job#*:}" || status=$?; cat "$logs/${job%%:*}"; done',
    'rm -r "$logs"',
    "exit $status",
  ];
  return ["sh", "-c", lines.join("\n")];
}

/**
 * Checks the types of tests here, and runs the tests in a guest.
 *
 * @param options The tests, and what the guest is like.
 * @returns The exit status.
 */
export async function testInGuest(options: TestOptions): Promise<number> {
  const { runs, args, ...rest } = options;
  try {
    requireGuests();
    const limit = positive("DENOMQ_VM_LIMIT", Deno.env.get("DENOMQ_VM_LIMIT") ?? String(options.limit));
    const code = await checkTypes(runs.flat().filter((path) => !path.startsWith("-")));
    if (code !== 0) return code;
    return await runInGuest({
      ...rest,
      command: sideBySide(runs.map((run) => [Deno.execPath(), "test", "-A", "--no-check", ...args, ...run])),
      limit,
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    return error.status;
  }
}
