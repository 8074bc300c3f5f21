/**
 * Runs a command in a guest as if it ran here.
 *
 * @module
 */

import { exits, Failure } from "./failure.ts";
import { Guest, type GuestOptions } from "./guest.ts";
import { Kernel, newestKernel } from "./kernel.ts";
import { requireTools } from "./tools.ts";

/** How to run a command. */
export interface RunOptions extends Omit<GuestOptions, "cwd" | "env"> {
  /** Environment variables beside those that are handed on. */
  env?: Record<string, string>;
  /** How long the guest may live, in seconds. */
  limit?: number;
}

/** Names the folder of a kernel that is there already, as in a guest, which need not ask apt. */
const KERNEL_VARIABLE = "DENOMQ_VM_KERNEL";

/** Who the command runs for, and where Deno finds what it has cached. */
const HANDED_ON = ["HOME", "USER", "LOGNAME", "LANG", "XDG_CACHE_HOME", "DENO_DIR", "JSR_URL"];

/** The signals that end a run, with their numbers. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** The environment of a command in a guest. */
export function environmentInGuest(kernel: Kernel): Record<string, string> {
  const env: Record<string, string> = {
    HOME: "/root",
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    DENOMQ_VM: "1",
    [KERNEL_VARIABLE]: kernel.folder,
  };
  for (const name of HANDED_ON) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  // So that `deno` is the Deno that runs here, wherever npm has put it.
  const deno = Deno.execPath();
  env["PATH"] = `${deno.slice(0, deno.lastIndexOf("/"))}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`;
  return env;
}

/** Whether a kernel is named, so that none has to be fetched. */
function namedKernel(): Kernel | undefined {
  const folder = Deno.env.get(KERNEL_VARIABLE);
  return folder ? new Kernel(folder) : undefined;
}

/** Says at once, before anything takes time, whether a guest can be had. */
export function requireGuests(): void {
  requireTools(namedKernel() === undefined);
}

/** The kernel of guests that are booted here. */
export async function kernelForGuests(stop: AbortSignal): Promise<Kernel> {
  requireGuests();
  return namedKernel() ?? await newestKernel(stop);
}

/** Hands on what a guest prints. */
async function show(guest: Guest): Promise<void> {
  try {
    await Promise.all([
      guest.stdout.pipeTo(Deno.stdout.writable, { preventClose: true }),
      guest.stderr.pipeTo(Deno.stderr.writable, { preventClose: true }),
    ]);
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    throw new Failure(128 + 13, "Ended: nobody reads the output");
  }
}

/** Boots, runs, hands on what comes, and says how it ended. */
async function boot(options: RunOptions, stop: AbortController): Promise<number> {
  const kernel = await kernelForGuests(stop.signal);
  const { limit = 300, env, ...rest } = options;
  const complete = { ...rest, cwd: Deno.cwd(), env: { ...environmentInGuest(kernel), ...env } };
  await using guest = await Guest.boot(kernel, complete);
  stop.signal.addEventListener("abort", () => guest.powerOff());
  const timer = setTimeout(async () => {
    const said = await guest.console();
    stop.abort(new Failure(exits.limit, `${said}Ended: ${limit} s are over`));
  }, limit * 1000);
  try {
    stop.signal.throwIfAborted();
    await show(guest);
    const status = await guest.ended();
    stop.signal.throwIfAborted();
    if (status !== undefined) return status;
    throw new Failure(exits.died, `${await guest.console()}The guest died: this was its console`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs a command in a guest. Its output is this process's output; a signal
 * that ends this process ends the guest.
 *
 * @param options What to run.
 * @returns The exit status: the command's, or one of `exits`.
 */
export async function runInGuest(options: RunOptions): Promise<number> {
  const stop = new AbortController();
  const listeners = Object.entries(SIGNALS).map(([name, number]) => {
    const end = (): void => stop.abort(new Failure(128 + number, `Ended by ${name}`));
    return [name as keyof typeof SIGNALS, end] as const;
  });
  try {
    requireGuests();
    for (const [name, end] of listeners) Deno.addSignalListener(name, end);
    return await boot(options, stop);
  } catch (error) {
    const reason = stop.signal.aborted ? stop.signal.reason : error;
    if (!(reason instanceof Failure)) throw error;
    console.error(reason.message);
    return reason.status;
  } finally {
    if (Deno.build.os !== "windows") { for (const [name, end] of listeners) Deno.removeSignalListener(name, end); }
  }
}
