/**
 * What Debian compresses in its kernel packages: modules, and the kernel in
 * its image.
 *
 * @module
 */

import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { exits, Failure } from "./failure.ts";

const XZ = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];
const GZIP = [0x1f, 0x8b];
const ELF = [0x7f, 0x45, 0x4c, 0x46];

/** Whether bytes begin with others. */
function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

/** Has xz(1) decompress: nothing in Deno does. */
async function unxz(bytes: Uint8Array<ArrayBuffer>, stop: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const child = new Deno.Command("xz", {
    args: ["--decompress", "--stdout"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
    signal: stop,
  }).spawn();
  const input = child.stdin.getWriter();
  // If it does not take the bytes, its status tells.
  const written = input.write(bytes).then(() => input.close()).catch(() => {});
  const { success, code, stdout } = await child.output();
  await written;
  stop.throwIfAborted();
  if (!success) throw new Failure(exits.unavailable, `Cannot decompress a kernel: xz ended with status ${code}`);
  return stdout;
}

/**
 * Decompresses bytes by what they begin with.
 *
 * @param bytes Bytes, compressed with xz, zstd or gzip, or not at all.
 * @param stop Ends it.
 * @returns The bytes, decompressed.
 */
export async function decompress(
  bytes: Uint8Array<ArrayBuffer>,
  stop: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (startsWith(bytes, XZ)) return await unxz(bytes, stop);
  if (startsWith(bytes, ZSTD)) return new Uint8Array(zstdDecompressSync(bytes));
  if (startsWith(bytes, GZIP)) return new Uint8Array(gunzipSync(bytes));
  return bytes;
}

/**
 * Takes the kernel proper (an ELF file) out of its image. qemu starts it as
 * well, by its PVH entry, and the guest is spared from decompressing itself in
 * an emulated processor: three seconds of five.
 *
 * @param image A vmlinuz (Documentation/arch/x86/boot.rst, "bzImage").
 * @param stop Ends it.
 * @returns The kernel; the image itself where this is not understood, for qemu boots that too.
 */
export async function kernelProper(
  image: Uint8Array<ArrayBuffer>,
  stop: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const isImage = image.length > 0x250 && new TextDecoder().decode(image.subarray(0x202, 0x206)) === "HdrS";
  if (!isImage || view.getUint16(0x206, true) < 0x208) return image;
  const start = (view.getUint8(0x1f1) + 1) * 512 + view.getUint32(0x248, true);
  const length = view.getUint32(0x24c, true);
  const payload = image.slice(start, start + length);
  // The last four bytes are the size. In gzip's format they are part of it; to the others they are strange.
  const packed = startsWith(payload, GZIP) ? payload : payload.slice(0, -4);
  const kernel = await decompress(packed, stop);
  return startsWith(kernel, ELF) ? kernel : image;
}
