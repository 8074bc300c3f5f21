/**
 * Programs that a test runs beside itself.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { within } from "./deadline.ts";

/** How to run a program. */
export interface ChildOptions {
  /** Permissions and other flags of `deno run`; `-A` unless given. */
  flags?: readonly string[];
  /** Environment variables beside the test's own. */
  env?: Record<string, string>;
  /** The working directory. */
  cwd?: string;
  /** Whether root's program, too, is refused what the modes of files do not allow, and ports below 1024. */
  powerless?: boolean;
  /** The soft and hard limit of open files. */
  files?: number;
  /** Milliseconds that the program may take. */
  limit?: number;
}

/** What a program left. */
export interface ChildResult {
  /** The exit code. */
  code: number;
  /** What it printed. */
  stdout: string;
  /** What it printed as errors. */
  stderr: string;
}

/** The capabilities by which root passes over the modes of files and binds any port (capabilities(7)). */
const POWER = "-dac_override,-dac_read_search,-net_bind_service";
const WITHOUT_POWER = ["setpriv", `--bounding-set=${POWER}`, `--inh-caps=${POWER}`]; // util-linux

/** Whether a program can be refused a file: anybody's but root's, and on Linux root's as well. */
export const canBeRefused: boolean = Deno.build.os !== "windows" && (Deno.build.os === "linux" || Deno.uid() !== 0);

/**
 * Runs a script of the test to its end, or kills it at its limit.
 *
 * @param script Its URL.
 * @param args Its arguments.
 * @param options How to run it.
 * @returns What it left.
 */
export async function runScript(
  script: URL,
  args: readonly string[],
  options: ChildOptions = {},
): Promise<ChildResult> {
  const { flags = ["-A"], env = {}, cwd, powerless = false, files, limit } = options;
  let command = [Deno.execPath(), "run", "--no-prompt", "--no-check", ...flags, fromFileUrl(script), ...args];
  if (files !== undefined) command = ["sh", "-c", `ulimit -n ${files}; exec "$@"`, "sh", ...command];
  if (powerless && Deno.uid() === 0) command = [...WITHOUT_POWER, ...command];
  const [program = "", ...rest] = command;
  const child = new Deno.Command(program, {
    args: rest,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();
  const output = child.output();
  try {
    const { code, stdout, stderr } = await within(output, `${fromFileUrl(script)} ${args.join(" ")}`, limit);
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch (error) {
    child.kill("SIGKILL");
    await output;
    throw error;
  }
}
