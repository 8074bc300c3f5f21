/** Tests how the kernel is found, and its modules are put in order. */

import { zstdCompressSync } from "node:zlib";
import { assertEquals, assertRejects } from "@std/assert";
import { TempDirectory } from "../support/temp.ts";
import { decompress, kernelProper } from "./compression.ts";
import { cacheFolder, kernelVersion } from "./kernel.ts";
import { dependsOf, inOrder, moduleFolder, moduleName } from "./modules.ts";

const never = new AbortController().signal;
const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

Deno.test("kernel: the version that the metapackage depends on", () => {
  const description = (depends: string): string => `Package: linux-image-amd64\nDepends: ${depends}\nSize: 1\n`;
  const version = (depends: string): string | undefined => kernelVersion(description(depends));
  assertEquals(version("linux-image-6.1.0-56-amd64 (= 6.1.192-2)"), "6.1.0-56-amd64");
  assertEquals(version("linux-image-6.12.48+deb13-amd64 (= 6.12.48-1)"), "6.12.48+deb13-amd64");
  assertEquals(version("linux-base, linux-image-7.0~rc1-amd64"), "7.0~rc1-amd64");
  assertEquals(version("linux-image-6.1.0-56-amd64-unsigned"), undefined);
  assertEquals(version("linux-image-generic"), undefined);
  assertEquals(kernelVersion(""), undefined);
});

Deno.test("kernel: the folder of the cache", () => {
  const folder = (env: Record<string, string>): string => cacheFolder((name) => env[name]);
  assertEquals(folder({ XDG_CACHE_HOME: "/cache", HOME: "/home/me" }), "/cache/denomq-vm");
  assertEquals(folder({ XDG_CACHE_HOME: "", HOME: "/home/me" }), "/home/me/.cache/denomq-vm");
  assertEquals(folder({}), "/var/tmp/denomq-vm");
});

Deno.test("modules: the name in a path", () => {
  assertEquals(moduleName("kernel/net/vmw_vsock/vsock.ko"), "vsock");
  assertEquals(moduleName("kernel/drivers/char/hw_random/virtio-rng.ko.xz"), "virtio_rng");
  assertEquals(moduleName("a.ko.zst"), "a");
  assertEquals(moduleName("modules.order"), undefined);
});

Deno.test("modules: what one says that it depends on", () => {
  assertEquals(dependsOf(bytes("\x7fELF\0license=GPL\0depends=virtio-ring,virtio\0name=a\0")), [
    "virtio_ring",
    "virtio",
  ]);
  assertEquals(dependsOf(bytes("\x7fELF\0depends=\0name=a\0")), []);
  assertEquals(dependsOf(bytes("\x7fELF")), []);
});

Deno.test("modules: each comes once, and behind what it depends on", async () => {
  using directory = new TempDirectory();
  const module = (name: string, depends: string): void =>
    Deno.writeFileSync(directory.at("kernel", `${name}.ko`), bytes(`\0depends=${depends}\0`));
  Deno.mkdirSync(directory.at("kernel"));
  module("top-most", "middle,inside");
  module("middle", "bottom");
  module("bottom", "");
  Deno.writeTextFileSync(directory.at("modules.builtin"), "kernel/inside.ko\n");
  const load = await moduleFolder(directory.path, never);
  const names = async (...wanted: string[]): Promise<string[]> => (await inOrder(wanted, load)).map(({ name }) => name);
  assertEquals(await names("middle", "top_most", "bottom"), ["bottom", "middle", "top_most"]);
  assertEquals(await names("inside"), []);
  await assertRejects(() => names("absent"), TypeError, "The kernel has no module absent");
});

/** An image as far as its header goes: one sector of setup, and the kernel at the start of what follows. */
function image(kernel: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(1024 + kernel.length + 100);
  const view = new DataView(all.buffer);
  all.set(bytes("HdrS"), 0x202);
  view.setUint16(0x206, 0x20f, true);
  view.setUint8(0x1f1, 1);
  view.setUint32(0x24c, kernel.length, true);
  all.set(kernel, 1024);
  return all;
}

Deno.test("kernel: it is taken out of its image", async () => {
  const elf = bytes("\x7fELF and more");
  const packed = new Blob([elf]).stream().pipeThrough(new CompressionStream("gzip"));
  const compressed = new Uint8Array(await new Response(packed).arrayBuffer());
  assertEquals(await decompress(compressed, never), elf);
  assertEquals(await kernelProper(image(compressed), never), elf);
  const size = new Uint8Array([elf.length, 0, 0, 0]);
  const zstd = new Uint8Array(await new Blob([new Uint8Array(zstdCompressSync(elf)), size]).arrayBuffer());
  assertEquals(await kernelProper(image(zstd), never), elf);
});

Deno.test("kernel: an image that is not understood is left as it is", async () => {
  const strange = image(bytes("LZ4?"));
  assertEquals(await kernelProper(strange, never), strange);
  const short = bytes("MZ");
  assertEquals(await kernelProper(short, never), short);
});
