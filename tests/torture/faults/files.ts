/**
 * Faults of the file system around endpoints of ipc.
 *
 * @module
 */

import { Push } from "../../../mod.ts";
import { Log } from "../../api/support.ts";
import { onLinux } from "../../support/platform.ts";
import { Couple, demand, demandCode, type Fault, patient, type Site } from "./fault.ts";

/** Somebody who comes while nobody can: it tries until it gets in. */
async function newcomer(endpoint: string): Promise<Push> {
  const push = new Push({ linger: 0, reconnectInterval: 2 });
  const log = new Log(push);
  push.connect(endpoint);
  await log.wait("connect:retry", 2);
  return push;
}

async function arrives(push: Push, couple: Couple, word: string): Promise<void> {
  await push.send(word, patient);
  const [frame] = await couple.pull.receive(patient);
  const came = new TextDecoder().decode(frame);
  demand(came === word, `${came} came instead of ${word}`);
}

/** What may take the place of a socket's file. */
const OTHERS: Record<string, (path: string) => void> = {
  "a file": (path) => Deno.writeTextFileSync(path, "precious"),
  "a directory": (path) => Deno.mkdirSync(path),
  "a symbolic link": (path) => Deno.symlinkSync("/dev/null", path),
};

async function removed(site: Site): Promise<void> {
  const path = `${site.folder}/socket`;
  await using couple = await Couple.over(site, `ipc://${path}`);
  await couple.flow();
  await Deno.remove(path);
  await couple.flow();
  await using late = await newcomer(`ipc://${path}`);
  await couple.pull.bind(`ipc://${path}`);
  await arrives(late, couple, "late");
  await couple.flow();
  await Deno.remove(path);
  await couple.pull.unbind(`ipc://${path}`);
}

async function replaced(site: Site): Promise<void> {
  const path = `${site.folder}/socket`;
  const [what, put] = site.random.pick(Object.entries(OTHERS));
  await using couple = await Couple.over(site, `ipc://${path}`);
  await couple.flow();
  await Deno.remove(path);
  put(path);
  const before = await Deno.lstat(path);
  await couple.flow();
  await using late = await newcomer(`ipc://${path}`);
  await demandCode(() => couple.pull.bind(`ipc://${path}`), "EADDRINUSE", `a bind where ${what} is`);
  await couple.flow();
  await couple.pull.unbind(`ipc://${path}`);
  const after = await Deno.lstat(path);
  demand(before.ino === after.ino && before.size === after.size, `unbind() has touched ${what}`);
  await Deno.remove(path);
  await couple.pull.bind(`ipc://${path}`);
  await arrives(late, couple, "late");
  await couple.push.waitForPeers(1, patient);
  await couple.flow();
}

async function succeeded(site: Site): Promise<void> {
  const endpoint = `ipc://${site.folder}/socket`;
  await using successor = new Couple(site);
  {
    await using couple = await Couple.over(site, endpoint);
    await couple.flow();
    await successor.pull.bind(endpoint);
    successor.push.connect(endpoint);
    await successor.flow();
    await couple.flow();
    if (site.random.chance(0.5)) await couple.pull.unbind(endpoint);
  }
  await using late = new Push({ linger: 0 });
  late.connect(endpoint);
  await arrives(late, successor, "late");
}

async function vanished(site: Site): Promise<void> {
  const folder = `${site.folder}/folder`;
  const endpoint = `ipc://${folder}/socket`;
  await using couple = new Couple(site);
  await demandCode(() => couple.pull.bind(endpoint), "ENOENT", "a bind in no directory");
  Deno.writeTextFileSync(folder, "");
  await demandCode(() => couple.pull.bind(endpoint), "ENOTDIR", "a bind in a file");
  Deno.removeSync(folder);
  couple.push.connect(endpoint);
  Deno.mkdirSync(folder);
  await couple.pull.bind(endpoint);
  await couple.flow();
  Deno.removeSync(folder, { recursive: true });
  await couple.flow();
  await couple.pull.unbind(endpoint);
  await demandCode(() => couple.pull.bind(endpoint), "ENOENT", "a bind in a directory that is gone");
  Deno.mkdirSync(folder);
  await couple.pull.bind(endpoint);
  await couple.flow();
}

async function wildcard(site: Site): Promise<void> {
  await using couple = await Couple.over(site, "ipc://*");
  const endpoint = couple.pull.lastEndpoint!;
  const log = new Log(couple.pull);
  const path = endpoint.slice("ipc://".length);
  await Deno.remove(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await couple.flow();
  await couple.pull.unbind(endpoint);
  demand(log.count("close") + log.count("close:error") === 1, `the events were ${log.types}`);
  couple.push.disconnect(endpoint);
  await couple.pull.bind("ipc://*");
  couple.push.connect(couple.pull.lastEndpoint!);
  await couple.flow();
}

async function mount(folder: string): Promise<string | null> {
  // The directory itself is one file, and there may be two.
  const args = ["-t", "tmpfs", "-o", "size=64k,nr_inodes=2", "tmpfs", folder];
  try {
    const { success, stderr } = await new Deno.Command("mount", { args, stderr: "piped" }).output();
    return success ? null : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return error.message;
    throw error;
  }
}

let told = false;

async function full(site: Site): Promise<void> {
  const folder = `${site.folder}/full`;
  Deno.mkdirSync(folder);
  const problem = await mount(folder);
  if (problem !== null) {
    if (!told) console.log(`No disk is made full: ${problem}`);
    told = true;
    return;
  }
  try {
    await using couple = new Couple(site);
    Deno.writeTextFileSync(`${folder}/filling`, "");
    await demandCode(() => couple.pull.bind(`ipc://${folder}/socket`), "ENOSPC", "a bind on a disk that is full");
    Deno.removeSync(`${folder}/filling`);
    await couple.pull.bind(`ipc://${folder}/socket`);
    couple.push.connect(`ipc://${folder}/socket`);
    await couple.flow();
    // The name beside it finds no room now, and what is bound stays.
    await demandCode(() => couple.pull.bind(`ipc://${folder}/socket`), "ENOSPC", "a second bind where it is full");
    await couple.flow();
  } finally {
    await new Deno.Command("umount", { args: ["-l", folder] }).output();
  }
}

/** Faults of files. */
export const files: readonly Fault[] = [
  { name: "the file of an endpoint is removed", run: removed },
  { name: "something else takes the place of an endpoint's file", run: replaced },
  { name: "another socket takes an endpoint over", run: succeeded },
  { name: "the directory of an endpoint comes and goes", run: vanished },
  { name: "the directory of a wildcard's endpoint is removed", run: wildcard },
  {
    name: "a disk is full",
    unavailable: () => onLinux && Deno.uid() === 0 ? null : "only root can make a small disk",
    run: full,
  },
];
