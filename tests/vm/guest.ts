/**
 * A virtual machine that lives for one command.
 *
 * @module
 */

import { archive } from "./cpio.ts";
import { exits, Failure } from "./failure.ts";
import { type GuestCommand, initScript } from "./init.ts";
import type { Kernel } from "./kernel.ts";
import { findProgram } from "./tools.ts";

/** What a guest is like. */
export interface GuestOptions extends GuestCommand {
  /** Its memory, which also holds what is written to files, in MiB. */
  memory?: number;
  /** Its processors. */
  cpus?: number;
  /** Its CID on the vsock of the machine that boots it, which must be a vsock host. Without one it has CID 1 only. */
  cid?: number;
  /** Whether it is a vsock host itself, that is, CID 2 for guests that are booted in it. */
  vsockHost?: boolean;
}

/**
 * Starts qemu so that it never outlives whoever started it, be it killed: the
 * shell gets a signal when its parent ends, and takes qemu and the folder along.
 */
const KEEPER = `trap 'kill -KILL $!; rm -rf "$folder"; exit 143' TERM
trap '' INT HUP
folder=$1; shift
setpriv --pdeathsig KILL "$@" & wait $!`;

/** Modules that not every guest loads. */
function loads(module: string, { cid, vsockHost = false }: GuestOptions): boolean {
  if (module.endsWith("-vmw_vsock_virtio_transport.ko")) return cid !== undefined;
  return vsockHost || !module.endsWith("-vhost_vsock.ko");
}

/** Busybox without libraries: there are none in the first file system. */
async function busybox(): Promise<Uint8Array<ArrayBuffer>> {
  const file = findProgram("busybox");
  const bytes = await Deno.readFile(file ?? "busybox");
  if (new TextDecoder("latin1").decode(bytes.subarray(0, 4096)).includes("/ld-linux")) {
    throw new Failure(
      exits.unavailable,
      `Cannot use ${file}, which needs libraries; as root: apt-get install busybox-static`,
    );
  }
  return bytes;
}

/** The first file system: busybox, the modules and the script. */
async function firstFiles(kernel: Kernel, options: GuestOptions): Promise<Uint8Array<ArrayBuffer>> {
  const modules = await Promise.all(
    kernel.modules().filter((file) => loads(file, options)).map(async (file) => ({
      path: `modules/${file.slice(file.lastIndexOf("/") + 1)}`,
      bytes: await Deno.readFile(file),
    })),
  );
  const script = initScript(modules.map(({ path }) => `/${path}`), options);
  return archive([
    { path: "bin/busybox", bytes: await busybox(), executable: true },
    { path: "init", bytes: new TextEncoder().encode(script), executable: true },
    ...modules,
  ]);
}

/** The machine: no more devices than needed, for each of them costs time at boot. */
function machine(kernel: Kernel, folder: string, { memory = 2048, cpus = 2, cid }: GuestOptions): string[] {
  return [
    // Where KVM exists it need not work: many a development machine is a virtual one.
    ...["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", String(cpus), "-m", String(memory)],
    ...["-machine", "q35,hpet=off,usb=off,smbus=off,sata=off", "-nodefaults", "-display", "none", "-no-reboot"],
    ...["-kernel", kernel.image, "-initrd", `${folder}/initrd`],
    ...["-append", "console=ttyS2 quiet panic=-1 mitigations=off audit=0 nowatchdog tsc=reliable no_timer_check"],
    ...["-serial", "stdio", "-serial", "file:/dev/stderr"],
    ...["-serial", `file:${folder}/console`, "-serial", `file:${folder}/status`],
    ...["-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"],
    ...(cid === undefined ? [] : ["-device", `vhost-vsock-pci,guest-cid=${cid}`]),
  ];
}

/** A virtual machine. At the end of the block that uses it, it is off and has left nothing. */
export class Guest implements AsyncDisposable {
  readonly #folder: string;
  readonly #process: Deno.ChildProcess;

  private constructor(folder: string, process: Deno.ChildProcess) {
    this.#folder = folder;
    this.#process = process;
  }

  /**
   * Starts a guest.
   *
   * @param kernel Its kernel.
   * @param options What it runs, and what it is like.
   * @returns The guest, which boots.
   */
  static async boot(kernel: Kernel, options: GuestOptions): Promise<Guest> {
    const folder = await Deno.makeTempDir({ prefix: "denomq-vm-" });
    try {
      await Deno.writeFile(`${folder}/initrd`, await firstFiles(kernel, options));
      const qemu = ["qemu-system-x86_64", ...machine(kernel, folder, options)];
      const process = new Deno.Command("setpriv", {
        args: ["--pdeathsig", "TERM", "sh", "-c", KEEPER, "sh", folder, ...qemu],
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      return new Guest(folder, process);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  /** What the command prints. */
  get stdout(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#process.stdout;
  }

  /** What the command prints as errors; qemu's own as well. */
  get stderr(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#process.stderr;
  }

  /**
   * Waits for the end.
   *
   * @returns The exit status of the command; `undefined` if the guest ended without one.
   */
  async ended(): Promise<number | undefined> {
    await this.#process.status;
    const status = await Deno.readTextFile(`${this.#folder}/status`).catch(() => "");
    return /^\d+$/m.test(status) ? parseInt(status) : undefined;
  }

  /** What the kernel and the first program said. */
  async console(): Promise<string> {
    return await Deno.readTextFile(`${this.#folder}/console`).catch(() => "");
  }

  /** Ends it as a power cut does: at once, and its peers are not told. */
  powerOff(): void {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // It has ended.
    }
  }

  /** Ends it and removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.powerOff();
    for (const stream of [this.stdout, this.stderr]) {
      if (!stream.locked) await stream.cancel();
    }
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true }).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
