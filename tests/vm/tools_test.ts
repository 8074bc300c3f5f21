/** Tests what is said where a virtual machine cannot be had. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { TempDirectory } from "../support/temp.ts";
import { only, onWindows } from "../support/platform.ts";
import { exits, Failure } from "./failure.ts";
import { findProgram, requireTools } from "./tools.ts";

const debian = { os: "linux", arch: "x86_64" };
const withModes = only(!onWindows, "Windows tells programs by their names");

/** A folder with programs that do nothing. */
function folderWith(directory: TempDirectory, ...names: string[]): string {
  for (const name of names) Deno.writeTextFileSync(directory.at(name), "", { mode: 0o755 });
  return directory.path;
}

function complaint(kernel: boolean, platform: { os: string; arch: string }, path: string): string {
  const failure = assertThrows(() => requireTools(kernel, platform, path), Failure);
  assertEquals(failure.status, exits.unavailable);
  return failure.message;
}

Deno.test("tools: what is missing is said in one command", withModes, () => {
  using directory = new TempDirectory();
  const path = folderWith(directory, "setpriv", "apt-get", "apt-cache", "dpkg-deb", "xz");
  assertEquals(
    complaint(true, debian, path),
    "Cannot run a virtual machine: qemu-system-x86_64, busybox not found; " +
      "as root: apt-get install --no-install-recommends qemu-system-x86 busybox-static",
  );
});

Deno.test("tools: without apt-get no command would help", () => {
  assertStringIncludes(complaint(true, debian, ""), "the guest's kernel comes from Debian by apt-get");
});

Deno.test("tools: other systems and processors are refused whatever they have", () => {
  assertStringIncludes(complaint(false, { os: "darwin", arch: "x86_64" }, ""), "not darwin on x86_64");
  assertStringIncludes(complaint(false, { os: "linux", arch: "aarch64" }, ""), "not linux on aarch64");
});

Deno.test("tools: with a kernel at hand nothing is needed that fetches one", withModes, () => {
  using directory = new TempDirectory();
  requireTools(false, debian, folderWith(directory, "qemu-system-x86_64", "busybox", "setpriv"));
});

Deno.test("tools: a program is a file that may be executed, in the first folder that has it", withModes, () => {
  using first = new TempDirectory();
  using second = new TempDirectory();
  Deno.mkdirSync(first.at("folder"));
  Deno.writeTextFileSync(first.at("text"), "", { mode: 0o644 });
  folderWith(first, "both");
  folderWith(second, "folder", "text", "both");
  const path = `${first.path}::${second.path}:/nowhere`;
  assertEquals(findProgram("folder", path), second.at("folder"));
  assertEquals(findProgram("text", path), second.at("text"));
  assertEquals(findProgram("both", path), first.at("both"));
  assertEquals(findProgram("none", path), undefined);
});
