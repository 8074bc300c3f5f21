/**
 * Missing permissions of the runtime: how to tell them from errors of the system, and the flags that mend them.
 *
 * @module
 */

import { LIBC_PATHS } from "../ffi/libc_path.ts";
import { ZmqError } from "./error.ts";

/** What an operation has to be allowed. Paths are absolute; `"all"` stands for the flag without a list. */
export interface Needs {
  /** Paths to read. */
  read?: readonly string[];
  /** Paths to write. */
  write?: readonly string[];
  /** Paths of sockets to listen at or to connect to. */
  unix?: readonly string[] | "all";
  /** Paths of libraries to open. */
  ffi?: readonly string[];
  /** Hosts and ports, as in `host:port`. */
  net?: readonly string[];
  /** What to ask of the system. */
  sys?: readonly NonNullable<Deno.SysPermissionDescriptor["kind"]>[];
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
  const elsewhere = flags.some((each) => each.startsWith("--allow-ffi="))
    ? ", or --allow-ffi where libc is elsewhere"
    : "";
  const detail = flags.length > 0 ? `run Deno with ${flags.join(" ")}${elsewhere}` : reason;
  return new ZmqError("EACCES", { address, cause, detail });
}

/**
 * Asks for what is missing, where Deno can ask: in a terminal, unless it was told not to.
 *
 * @param address The endpoint.
 * @param needs All that the operation needs.
 * @throws {ZmqError} `EACCES` with the flags to add, when something stays missing.
 */
export function obtain(address: string, needs: Needs): void {
  for (const descriptor of missing(needs)) {
    if (state(descriptor, "requestSync") === "granted") continue;
    // What Deno throws where it does the checking.
    const cause = new Deno.errors.NotCapable(`Requires ${descriptor.name} access for ${address}`);
    throw missingPermission(address, needs, cause);
  }
}

/** Whether Deno may do all of this without asking the user. */
export function isGranted(needs: Needs): boolean {
  return missingFlags(needs).length === 0;
}

/** What calls of libc need: to open it, wherever it is. */
export function libcNeeds(): Needs {
  if (LIBC_PATHS.some((path) => isGranted({ ffi: [path] }))) return {};
  return { ffi: [LIBC_PATHS.find(isThere) ?? LIBC_PATHS[0]!] };
}

/** Whether a file is known to be there. Nobody is asked for the permission to look. */
function isThere(path: string): boolean {
  if (!isGranted({ read: [path] })) return false;
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

function missingFlags(needs: Needs): string[] {
  const flags: string[] = [];
  const lacking = missing(needs);
  for (const name of ["read", "write", "ffi"] as const) {
    const paths = lacking.flatMap((each) => each.name === name && each.path !== undefined ? [String(each.path)] : []);
    if (paths.length > 0) flags.push(flag(`--allow-${name}`, paths));
  }
  const kinds = lacking.flatMap((each) => each.name === "sys" && each.kind !== undefined ? [each.kind] : []);
  if (kinds.length > 0) flags.push(flag("--allow-sys", kinds));
  const net = lacking.filter((each) => each.name === "net");
  const hosts = net.flatMap((each) => each.host === undefined ? [] : [each.host]);
  if (hosts.length < net.length) flags.push("--allow-net");
  else if (hosts.length > 0) flags.push(flag("--allow-net", hosts));
  return flags;
}

type Descriptor =
  | Deno.ReadPermissionDescriptor
  | Deno.WritePermissionDescriptor
  | Deno.FfiPermissionDescriptor
  | Deno.NetPermissionDescriptor
  | Deno.SysPermissionDescriptor;

/** What of the needs is not granted. */
function missing(needs: Needs): Descriptor[] {
  const { read = [], write = [], ffi = [], unix = [], net = [], sys = [] } = needs;
  const all: Descriptor[] = [
    ...read.map((path) => ({ name: "read", path }) as const),
    ...write.map((path) => ({ name: "write", path }) as const),
    ...ffi.map((path) => ({ name: "ffi", path }) as const),
    ...unix === "all"
      ? [{ name: "net" } as const]
      : unix.map((path) => ({ name: "net", host: `unix:${path}` }) as const),
    ...net.map((host) => ({ name: "net", host }) as const),
    ...sys.map((kind) => ({ name: "sys", kind }) as const),
  ];
  return all.filter((descriptor) => !granted(descriptor));
}

function granted(descriptor: Descriptor): boolean {
  // Deno keeps for ever what it was asked about each path and host, so it is asked about all of them first.
  const whole = Deno.permissions.querySync({ name: descriptor.name });
  if (whole.state === "granted" && !whole.partial) return true;
  return state(descriptor, "querySync") === "granted";
}

function state(descriptor: Descriptor, how: "querySync" | "requestSync"): Deno.PermissionState {
  try {
    return Deno.permissions[how](descriptor).state;
  } catch {
    // A path that Deno cannot express as a permission can only be granted as a whole.
    return Deno.permissions[how]({ name: descriptor.name }).state;
  }
}

/** A flag as one types it in a shell. A comma would split the list and nothing escapes it: then only all will do. */
function flag(name: string, values: readonly string[]): string {
  if (values.some((value) => value.includes(","))) return name;
  const whole = `${name}=${values.join(",")}`;
  return /^[\w@%+=:,./~-]+$/.test(whole) ? whole : `'${whole.replaceAll("'", `'\\''`)}'`;
}
