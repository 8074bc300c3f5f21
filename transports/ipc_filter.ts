/**
 * Who may connect over ipc: users, groups and processes.
 *
 * @module
 */

import type { Credentials } from "../ffi/sockaddr_un.ts";
import type { IpcOptions } from "./transport.ts";

/** A filter: a peer is admitted for any one of these. */
export interface IpcFilter {
  /** Users. */
  readonly uids: readonly number[];
  /** Groups. */
  readonly gids: readonly number[];
  /** Processes. */
  readonly pids: readonly number[];
}

const USERS = "/etc/passwd";
const GROUPS = "/etc/group";

// No name has another encoding than the one it was written in: bytes are compared with bytes.
const decoder = new TextDecoder("latin1");

/** The filter that the options come to; `undefined` for one that admits everybody. */
export function filterOf(options: IpcOptions): IpcFilter | undefined {
  const { ipcFilterUid: uids = [], ipcFilterGid: gids = [], ipcFilterPid: pids = [] } = options;
  return uids.length + gids.length + pids.length === 0 ? undefined : { uids, gids, pids };
}

/** The files that a filter is applied with: those that say who is a member of what. */
export function filesOf({ gids }: IpcFilter): readonly string[] {
  return gids.length === 0 ? [] : [GROUPS, USERS];
}

/**
 * Whether a peer is admitted: by its user, its group or its process, or because its user is a member of a group, whatever
 * group its process has.
 *
 * @throws What Deno says where the members cannot be looked up.
 */
export function isAdmitted({ uids, gids, pids }: IpcFilter, { uid, gid, pid }: Credentials): boolean {
  if (uids.includes(uid) || gids.includes(gid) || pids.includes(pid)) return true;
  return gids.length > 0 && isMember(uid, gids);
}

/** Whether a user is listed by name in one of the groups. */
function isMember(uid: number, gids: readonly number[]): boolean {
  const groups = entries(GROUPS).filter(([, , gid]) => gids.some((each) => isNumber(gid, each)));
  const members = groups.flatMap(([, , , names = ""]) => names.split(",").map(unindented));
  if (members.length === 0) return false;
  const user = entries(USERS).find(([name, , id]) => name !== "" && isNumber(id, uid));
  return user !== undefined && members.includes(user[0]!);
}

/**
 * The entries of a file of accounts, in their fields, as glibc reads them: lines that begin with `#` are comments, those with
 * `+` and `-` are about NIS. A system without the file has nobody in it.
 */
function entries(path: string): string[][] {
  let bytes;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const lines = decoder.decode(bytes).split("\n").map(unindented);
  return lines.filter((line) => !/^[#+-]/.test(line)).map((line) => line.split(":"));
}

function unindented(text: string): string {
  return text.replace(/^[ \t\v\f\r]+/, "");
}

function isNumber(field: string | undefined, value: number): boolean {
  return field !== undefined && /^\d+$/.test(field) && Number(field) === value;
}
