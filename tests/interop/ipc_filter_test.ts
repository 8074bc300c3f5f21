// Who is let in by a filter of ipc, and who is not: peers of this library and of libzmq, in programs of this user and of
// others, at endpoints of this library and of libzmq.

import { assertEquals } from "@std/assert";
import { Pull } from "../../mod.ts";
import { Log, next } from "../api/support.ts";
import { LibzmqPeer } from "../peer/peer.ts";
import { canBecome, type Identity } from "../peer/program.ts";
import { within } from "../support/deadline.ts";
import { onLinux } from "../support/platform.ts";
import { type HostProcess, startHost } from "./hosts.ts";
import { type Player, STEP } from "./side.ts";

/** A filter by libzmq's names. */
interface Filter {
  readonly UID?: number;
  readonly GID?: number;
  readonly PID?: number;
}

interface Case {
  readonly name: string;
  readonly filter: Filter;
  readonly admitted: boolean;
}

/** A user that is a member, by name, of a group which is not the user's own, as this machine has them. */
interface Member extends Identity {
  readonly group: number;
}

/** An endpoint that a test can ask. */
interface Server extends AsyncDisposable {
  readonly endpoint: string;
  /** Waits until a peer has been refused so many times. */
  refused(count: number): Promise<void>;
  receive(): Promise<string[]>;
}

const own: Identity = onLinux ? { uid: Deno.uid()!, gid: Deno.gid()! } : { uid: 0, gid: 0 };
const nobody: Identity = { uid: 65534, gid: 65533 };
const canBeOthers = onLinux && await canBecome(nobody);

/** libzmq: test_filter_ipc, for a peer of this user or of another one. */
function casesOf({ uid, gid }: Identity, pid: number, member?: Member): Case[] {
  return [
    { name: "no filter", filter: {}, admitted: true },
    { name: "own UID", filter: { UID: uid }, admitted: true },
    { name: "foreign UID", filter: { UID: uid + 1 }, admitted: false },
    { name: "own GID", filter: { GID: gid }, admitted: true },
    { name: "foreign GID", filter: { GID: gid + 1 }, admitted: false },
    { name: "own PID", filter: { PID: pid }, admitted: true },
    { name: "foreign PID", filter: { PID: pid === 1 ? 2 : 1 }, admitted: false },
    { name: "own UID, all else foreign", filter: { UID: uid, GID: gid + 1, PID: 1 }, admitted: true },
    ...member === undefined ? [] : [{ name: "supplemental GID", filter: { GID: member.group }, admitted: true }],
  ];
}

/** A member of a group, if there is one: not all machines have any. */
function findMember(): Member | undefined {
  const read = (path: string) => Deno.readTextFileSync(path).split("\n").map((line) => line.split(":"));
  const users = read("/etc/passwd");
  for (const [, , group, names = ""] of read("/etc/group")) {
    for (const [user, , uid] of users) {
      if (user && names.split(",").includes(user)) return { uid: Number(uid), gid: nobody.gid, group: Number(group) };
    }
  }
  return undefined;
}

async function denomqServer(filter: Filter): Promise<Server> {
  const pull = new Pull();
  pull.ipcFilterUid = filter.UID ?? null;
  pull.ipcFilterGid = filter.GID ?? null;
  pull.ipcFilterPid = filter.PID ?? null;
  const log = new Log(pull);
  await pull.bind(`ipc://@denomq-${crypto.randomUUID()}`);
  return {
    endpoint: pull.lastEndpoint!,
    async refused(count) {
      const { error } = await log.wait("accept:error", count);
      assertEquals((error as { code?: string }).code, "EACCES");
      assertEquals(log.count("accept"), 0);
    },
    receive: () => next(pull),
    [Symbol.asyncDispose]: () => pull[Symbol.asyncDispose](),
  };
}

async function libzmqServer(peer: LibzmqPeer, filter: Filter): Promise<Server> {
  const socket = await peer.open("PULL", {
    ...filter.UID !== undefined && { IPC_FILTER_UID: filter.UID },
    ...filter.GID !== undefined && { IPC_FILTER_GID: filter.GID },
    ...filter.PID !== undefined && { IPC_FILTER_PID: filter.PID },
  });
  const endpoint = await socket.bind(`ipc://@denomq-${crypto.randomUUID()}`);
  return {
    endpoint,
    async refused(count) {
      for (let i = 0; i < count; i++) {
        const { event } = await socket.waitEvent(["ACCEPT_FAILED", "ACCEPTED"]);
        assertEquals(event, "ACCEPT_FAILED");
      }
    },
    receive: () => socket.receiveText(),
    [Symbol.asyncDispose]: () => socket.close(),
  };
}

/** Connects a peer of a program to a server, which is to admit it or not. */
async function meet(host: HostProcess, server: Server, { name, admitted }: Case): Promise<void> {
  const push = await host.open("PUSH", { reconnectInterval: 10 });
  await push.connect(server.endpoint);
  if (admitted) {
    await push.send([name]);
    assertEquals(await server.receive(), [name]);
  } else {
    await server.refused(2);
  }
  await push.close();
}

async function meetAll(
  host: HostProcess,
  identity: Identity,
  bind: (filter: Filter) => Promise<Server>,
  member?: Member,
) {
  for (const each of casesOf(identity, host.pid, member)) {
    await using server = await bind(each.filter);
    await within(meet(host, server, each), each.name, 3 * STEP);
  }
}

const reasons = [
  ...onLinux ? [] : ["elsewhere nobody is told who connects"],
  ...LibzmqPeer.available ? [] : [`there is no libzmq: ${LibzmqPeer.problem}`],
  ...canBeOthers ? [] : ["programs of other users take root, and setpriv"],
];
if (reasons.length > 0) console.log(`Some tests of filters are skipped: ${reasons.join("; ")}`);

// libzmq: test_filter_ipc
for (const player of ["denomq", "libzmq"] satisfies Player[]) {
  const ignore = !onLinux || player === "libzmq" && !LibzmqPeer.available;

  Deno.test({ name: `ipc filter: a peer of ${player} with this user`, ignore }, async () => {
    await using host = await startHost(player);
    await meetAll(host, own, denomqServer);
  });

  Deno.test({ name: `ipc filter: a peer of ${player} with another user`, ignore: ignore || !canBeOthers }, async () => {
    await using host = await startHost(player, nobody);
    await meetAll(host, nobody, denomqServer);
  });

  Deno.test(
    { name: `ipc filter: a peer of ${player} with a user of several groups`, ignore: ignore || !canBeOthers },
    async () => {
      const member = findMember();
      if (member === undefined) return console.log("Skipped: this machine's groups list nobody");
      await using host = await startHost(player, member);
      await meetAll(host, member, denomqServer, member);
    },
  );

  Deno.test({
    name: `ipc filter: libzmq does the same with a peer of ${player}`,
    ignore: ignore || !LibzmqPeer.available,
  }, async () => {
    await using peer = await LibzmqPeer.start();
    const bind = (filter: Filter) => libzmqServer(peer, filter);
    {
      await using host = await startHost(player);
      await meetAll(host, own, bind);
    }
    if (!canBeOthers) return;
    const member = findMember();
    await using host = await startHost(player, member ?? nobody);
    await meetAll(host, member ?? nobody, bind, member);
  });
}
