/**
 * The programs of other people that a virtual machine takes, and where they
 * come from.
 *
 * @module
 */

import { exits, Failure } from "./failure.ts";

/** Programs that a guest takes once its kernel is there, with their Debian packages. */
const FOR_GUESTS: Readonly<Record<string, string>> = {
  "qemu-system-x86_64": "qemu-system-x86",
  "busybox": "busybox-static",
  "setpriv": "util-linux",
};

/** Programs that the kernel is fetched with. */
const FOR_KERNELS: Readonly<Record<string, string>> = {
  "apt-get": "apt",
  "apt-cache": "apt",
  "dpkg-deb": "dpkg",
  "xz": "xz-utils",
};

/** Where a program is, or `undefined` if the path does not lead to it. */
export function findProgram(name: string, path: string = Deno.env.get("PATH") ?? ""): string | undefined {
  for (const directory of path.split(":")) {
    if (directory === "") continue;
    const file = `${directory}/${name}`;
    try {
      const { isFile, mode } = Deno.statSync(file);
      if (isFile && ((mode ?? 0) & 0o111) !== 0) return file;
    } catch {
      // Not here.
    }
  }
  return undefined;
}

/**
 * Says what is missing for a virtual machine, all of it at once.
 *
 * @param kernel Whether a kernel has to be fetched as well.
 * @param platform This machine.
 * @param path Where programs are looked for.
 * @throws {Failure} With what to install.
 */
export function requireTools(
  kernel: boolean,
  platform: { os: string; arch: string } = Deno.build,
  path?: string,
): void {
  const refuse = (why: string): never => {
    throw new Failure(exits.unavailable, `Cannot run a virtual machine: ${why}`);
  };
  if (platform.os !== "linux" || platform.arch !== "x86_64") {
    refuse(
      `it shares the programs of this machine, which must be Linux on x86_64, not ${platform.os} on ${platform.arch}`,
    );
  }
  const needed = { ...FOR_GUESTS, ...(kernel ? FOR_KERNELS : {}) };
  const missing = Object.keys(needed).filter((name) => findProgram(name, path) === undefined);
  if (missing.length === 0) return;
  if (missing.includes("apt-get")) {
    refuse(`${missing.join(", ")} not found, and the guest's kernel comes from Debian by apt-get: use Debian`);
  }
  const packages = new Set(missing.map((name) => needed[name]));
  const install = `apt-get install --no-install-recommends ${[...packages].join(" ")}`;
  refuse(`${missing.join(", ")} not found; as root: ${install}`);
}

/** Runs a program to its end and hands back what it printed; its complaints go to stderr. */
export async function outputOf(
  stop: AbortSignal,
  program: string,
  args: readonly string[],
  cwd?: string,
): Promise<Uint8Array<ArrayBuffer>> {
  stop.throwIfAborted();
  const command = new Deno.Command(program, {
    args: [...args],
    env: { LC_ALL: "C" },
    stdin: "null",
    stderr: "inherit",
    signal: stop,
    ...(cwd === undefined ? {} : { cwd }),
  });
  const { success, code, stdout } = await command.output();
  stop.throwIfAborted();
  if (!success) {
    throw new Failure(
      exits.unavailable,
      `Cannot fetch a kernel: ${program} ${args.join(" ")} ended with status ${code}`,
    );
  }
  return stdout;
}
