/**
 * The newest kernel of Debian, fetched once by apt.
 *
 * @module
 */

import { kernelProper } from "./compression.ts";
import { exits, Failure } from "./failure.ts";
import { inOrder, moduleFolder, WANTED_MODULES } from "./modules.ts";
import { outputOf } from "./tools.ts";

/** Always depends on the newest kernel. Not the one for clouds (`linux-image-cloud-amd64`), which lacks 9p. */
const METAPACKAGE = "linux-image-amd64";

/** How the names of folders begin in which a kernel is being made. */
const UNFINISHED = "unfinished-";

/**
 * The kernel that the metapackage depends on.
 *
 * @param description What `apt-cache show` prints.
 * @returns Its version, such as `6.1.0-56-amd64`; `undefined` if there is none.
 */
export function kernelVersion(description: string): string | undefined {
  const depends = description.match(/^Depends:(.*)$/m)?.[1] ?? "";
  return depends.match(/\blinux-image-(\d[\w.+~-]*-amd64)(?![\w.+~-])/)?.[1];
}

/** The folder of all kernels. */
export function cacheFolder(env: (name: string) => string | undefined = Deno.env.get): string {
  const cache = env("XDG_CACHE_HOME") || (env("HOME") ? `${env("HOME")}/.cache` : "/var/tmp");
  return `${cache}/denomq-vm`;
}

/** A kernel that is ready to be booted, in a folder. */
export class Kernel {
  /** The folder. */
  readonly folder: string;

  /** Takes the folder for what it is. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** The file that qemu boots. */
  get image(): string {
    return `${this.folder}/kernel`;
  }

  /** The files of the modules, in the order in which they are loaded. */
  modules(): string[] {
    const names = Array.from(Deno.readDirSync(`${this.folder}/modules`), (entry) => entry.name);
    return names.sort().map((name) => `${this.folder}/modules/${name}`);
  }
}

/** What a killed run leaves is removed by a later one, when it is certainly over. */
async function removeLeftovers(cache: string): Promise<void> {
  const longAgo = Date.now() - 3_600_000;
  for await (const { name } of Deno.readDir(cache)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const { mtime } = await Deno.stat(`${cache}/${name}`);
    if ((mtime?.getTime() ?? 0) < longAgo) await Deno.remove(`${cache}/${name}`, { recursive: true });
  }
}

/** The first name in a folder that begins in a certain way, with the folder before it. */
function inFolder(folder: string, start: string): string {
  for (const { name } of Deno.readDirSync(folder)) {
    if (name.startsWith(start)) return `${folder}/${name}`;
  }
  throw new Deno.errors.NotFound(`No ${start}* in ${folder}`);
}

/** Downloads a kernel's package into a folder, and makes a kernel that can be booted of it. */
async function make(version: string, work: string, stop: AbortSignal): Promise<string> {
  const name = `linux-image-${version}`;
  console.error(`Downloading ${name} (about 70 MB, once)`);
  // As root, apt would become a user who may not write here, and complain.
  await outputOf(stop, "apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "download", name], work).catch((error) => {
    if (error instanceof Failure && !stop.aborted) {
      error.message += "; its lists may be old: run apt-get update as root";
    }
    throw error;
  });
  const tree = `${work}/tree`;
  await outputOf(stop, "dpkg-deb", ["--extract", inFolder(work, name), tree]);
  const image = await Deno.readFile(inFolder(`${tree}/boot`, "vmlinuz-"));
  const ready = `${work}/ready`;
  await Deno.mkdir(`${ready}/modules`, { recursive: true });
  await Deno.writeFile(`${ready}/kernel`, await kernelProper(image, stop));
  // Since Debian 13 modules are in /usr.
  const modules = await moduleFolder(`${tree}/lib/modules/${version}`, stop).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return moduleFolder(`${tree}/usr/lib/modules/${version}`, stop);
  });
  for (const [index, module] of (await inOrder(WANTED_MODULES, modules)).entries()) {
    const position = String(index).padStart(2, "0");
    await Deno.writeFile(`${ready}/modules/${position}-${module.name}.ko`, module.bytes);
  }
  return ready;
}

/**
 * Finds the newest kernel, in the cache or through apt.
 *
 * @param stop Ends it, and leaves nothing half made.
 * @returns The kernel.
 * @throws {Failure} If there is none.
 */
export async function newestKernel(stop: AbortSignal): Promise<Kernel> {
  const known = await outputOf(stop, "apt-cache", ["show", "--no-all-versions", METAPACKAGE]).catch((error) => {
    if (!(error instanceof Failure)) throw error;
    return new Uint8Array();
  });
  const version = kernelVersion(new TextDecoder().decode(known));
  if (version === undefined) {
    throw new Failure(
      exits.unavailable,
      `Cannot find a kernel: apt knows no ${METAPACKAGE}, which is Debian's; if this is Debian, run apt-get update as root`,
    );
  }
  const cache = cacheFolder();
  const folder = `${cache}/${version}`;
  if (await Deno.stat(folder).then(() => true, () => false)) return new Kernel(folder);
  await Deno.mkdir(cache, { recursive: true });
  await removeLeftovers(cache);
  const work = await Deno.makeTempDir({ dir: cache, prefix: UNFINISHED });
  try {
    // Another run may have been faster.
    await Deno.rename(await make(version, work, stop), folder).catch(async (error) => {
      await Deno.stat(folder).catch(() => {
        throw error;
      });
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  return new Kernel(folder);
}
