/**
 * Missing permissions of the runtime: how to tell them from errors of the system, and the flags that mend them.
 *
 * @module
 */

import { ZmqError } from "./error.ts";

/** What an operation has to be allowed. Paths are absolute; `"all"` stands for the flag without a list. */
export interface Needs {
  /** Paths to read. */
  read?: readonly string[];
  /** Paths to write. */
  write?: readonly string[];
  /** Paths of sockets to listen at or to connect to. */
  unix?: readonly string[] | "all";
}

/**
 * Whether an error comes from a missing permission of the runtime, which no waiting mends.
 *
 * @param error What an operation threw.
 * @returns Whether it is a `ZmqError` for a permission that Deno was not given.
 */
export function isMissingPermission(error: unknown): boolean {
  return error instanceof ZmqError && error.cause instanceof Deno.errors.NotCapable;
}

/**
 * The error for a missing permission.
 *
 * @param address The endpoint.
 * @param needs All that the operation needs; the message names what of it is missing.
 * @param cause What Deno threw.
 * @returns An error with the flags to add.
 */
export function missingPermission(address: string, needs: Needs, cause: unknown): ZmqError {
  const flags = missingFlags(needs);
  const reason = cause instanceof Error ? cause.message : String(cause);
  const detail = flags.length > 0 ? `run Deno with ${flags.join(" ")}` : reason;
  return new ZmqError("EACCES", { address, cause, detail });
}

/** Whether Deno may do all of this without asking the user. */
export function isGranted(needs: Needs): boolean {
  return missingFlags(needs).length === 0;
}

function missingFlags(needs: Needs): string[] {
  const flags: string[] = [];
  for (const name of ["read", "write"] as const) {
    const missing = (needs[name] ?? []).filter((path) => !granted({ name, path }));
    if (missing.length > 0) flags.push(flag(`--allow-${name}`, missing));
  }
  if (needs.unix === "all") {
    if (!granted({ name: "net" })) flags.push("--allow-net");
  } else {
    const missing = (needs.unix ?? []).map((path) => `unix:${path}`).filter((host) => !granted({ name: "net", host }));
    if (missing.length > 0) flags.push(flag("--allow-net", missing));
  }
  return flags;
}

function granted(descriptor: Deno.PermissionDescriptor): boolean {
  try {
    return Deno.permissions.querySync(descriptor).state === "granted";
  } catch {
    // A path that Deno cannot express as a permission can only be granted as a whole.
    return Deno.permissions.querySync({ name: descriptor.name }).state === "granted";
  }
}

/** A flag as one types it in a shell. A comma would split the list and nothing escapes it: then only all will do. */
function flag(name: string, values: readonly string[]): string {
  if (values.some((value) => value.includes(","))) return name;
  const whole = `${name}=${values.join(",")}`;
  return /^[\w@%+=:,./~-]+$/.test(whole) ? whole : `'${whole.replaceAll("'", `'\\''`)}'`;
}
