/**
 * The modules of a Linux kernel: which a guest loads, and in what order.
 *
 * The order is read from the modules themselves: the file that depmod(8) makes
 * of it (modules.dep) is not in Debian's package.
 *
 * @module
 */

import { decompress } from "./compression.ts";

/** What a guest needs: its disks (9p over PCI under an overlay) and vsock. */
export const WANTED_MODULES: readonly string[] = [
  "virtio_pci",
  "9pnet_virtio",
  "9p",
  "overlay",
  "vsock",
  "vsock_loopback",
  "vmw_vsock_virtio_transport",
  "vhost_vsock",
];

/** A module as it is in the package. */
export interface Module {
  /** Its name, with `_` where the file's name may have `-`. */
  name: string;
  /** What the kernel loads. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The modules that must be there before it. */
  depends: readonly string[];
}

/** The name of the module in a file such as `kernel/net/vmw_vsock/vsock.ko.xz`; `undefined` for other files. */
export function moduleName(path: string): string | undefined {
  return path.match(/([^/]+)\.ko(?:\.(?:xz|zst|gz))?$/)?.[1]?.replaceAll("-", "_");
}

/** What a module says of itself: the names after `depends=` in its section .modinfo. */
export function dependsOf(bytes: Uint8Array): string[] {
  const depends = new TextDecoder("latin1").decode(bytes).match(/\0depends=([^\0]*)\0/)?.[1] ?? "";
  return depends.split(",").filter((name) => name !== "").map((name) => name.replaceAll("-", "_"));
}

/**
 * Puts modules behind what they depend on.
 *
 * @param wanted The names of the modules that shall be loaded.
 * @param load Gives a module by its name; `undefined` if it is built into the kernel.
 * @returns All that are needed, in the order in which to load them.
 */
export async function inOrder(
  wanted: readonly string[],
  load: (name: string) => Promise<Module | undefined>,
): Promise<Module[]> {
  const seen = new Set<string>();
  const ordered: Module[] = [];
  const visit = async (name: string): Promise<void> => {
    if (seen.has(name)) return;
    seen.add(name);
    const module = await load(name);
    for (const other of module?.depends ?? []) await visit(other);
    if (module !== undefined) ordered.push(module);
  };
  for (const name of wanted) await visit(name);
  return ordered;
}

/**
 * Reads modules from the folder of a kernel (`lib/modules/<version>`).
 *
 * @param folder The folder.
 * @param stop Ends it.
 * @returns A function that gives a module by its name, and throws for one that the kernel does not have.
 */
export async function moduleFolder(
  folder: string,
  stop: AbortSignal,
): Promise<(name: string) => Promise<Module | undefined>> {
  const files = new Map<string, string>();
  const walk = async (directory: string): Promise<void> => {
    for await (const entry of Deno.readDir(directory)) {
      const path = `${directory}/${entry.name}`;
      const name = moduleName(path);
      if (entry.isDirectory) await walk(path);
      else if (name !== undefined) files.set(name, path);
    }
  };
  await walk(folder);
  const builtIn = new Set((await Deno.readTextFile(`${folder}/modules.builtin`)).split("\n").map(moduleName));
  return async (name) => {
    const file = files.get(name);
    if (file === undefined && builtIn.has(name)) return undefined;
    if (file === undefined) throw new TypeError(`The kernel has no module ${name}: looked in ${folder}`);
    const bytes = await decompress(await Deno.readFile(file), stop);
    return { name, bytes, depends: dependsOf(bytes) };
  };
}
