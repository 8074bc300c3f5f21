// What Deno has to be allowed for a bind with a filter, and what is said where there can be none.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { LIBC_PATHS } from "../../ffi/libc_path.ts";
import type { IpcOptions } from "../../transports/transport.ts";
import { onLinux, only } from "../support/platform.ts";
import { TempDirectory } from "../support/temp.ts";
import type { ChildReport } from "./ipc_child.ts";
import { exists, reportOf, runChild } from "./ipc_support.ts";

const here = only(onLinux, "elsewhere nobody is told who connects");
const UID: IpcOptions = { ipcFilterUid: [0] };
const GID: IpcOptions = { ipcFilterGid: [0] };

async function run(address: string, filter: IpcOptions, flags: string[], operation = "bind"): Promise<ChildReport> {
  return reportOf(await runChild(operation, address, { flags, filter }));
}

/** The flags that an error says to add. */
function flagsOf(report: ChildReport): string[] {
  assertEquals([report.code, report.missing], ["EACCES", true], report.message ?? "");
  const [, flags] = /: run Deno with (.*?)(?:, or --allow-ffi where libc is elsewhere)?: ipc:\/\//s.exec(
    report.message ?? "",
  )!;
  return flags!.split(" ");
}

/** What the message says to add is enough in one go, and with all but one flag it names that one. */
async function assertFlags(address: string, filter: IpcOptions, expected: (string | RegExp)[]): Promise<void> {
  const flags = flagsOf(await run(address, filter, []));
  assertEquals(flags.length, expected.length, flags.join(" "));
  expected.forEach((each, i) => typeof each === "string" ? assertEquals(flags[i], each) : assertMatch(flags[i]!, each));
  // Where the program may not look, the message takes the likeliest place of libc.
  const granted = flags.map((flag) => flag.startsWith("--allow-ffi=") ? `--allow-ffi=${libc()}` : flag);
  const done = await run(address, filter, granted);
  assertEquals(done.code, undefined, done.message ?? "");
  for (const [i, flag] of granted.entries()) {
    const missing = flagsOf(await run(address, filter, granted.filter((other) => other !== flag)));
    assertEquals(missing, [flags[i]!.startsWith("--allow-ffi=") ? flags[i]! : flag]);
  }
}

/** A place where this machine has libc. */
function libc(): string {
  const path = LIBC_PATHS.find(exists);
  assert(path !== undefined, "no libc is where it is looked for");
  return path;
}

const FFI = /^--allow-ffi=\/\S+\/libc\.\S+$/;

Deno.test("a bind with a filter needs libc, and all that one without needs", here, async () => {
  using temp = new TempDirectory();
  const [path, fixed] = [temp.at("feed"), temp.at(".~feed")];
  const [read, write, net] = [`--allow-read=${path},${fixed}`, `--allow-write=${path},${fixed}`, "--allow-net=unix:"];
  await assertFlags(path, UID, [read, write, FFI, net + fixed]);
  await assertFlags(path, { ipcFilterPid: [1] }, [read, write, FFI, net + fixed]);
  await assertFlags(path, GID, [`${read},/etc/group,/etc/passwd`, write, FFI, net + fixed]);
  assertEquals(temp.names(), ["feed"]);
});

Deno.test("so do a name and a wildcard", here, async () => {
  await assertFlags(`@denomq-${crypto.randomUUID()}`, UID, [FFI, "--allow-net"]);
  await assertFlags(`@denomq-${crypto.randomUUID()}`, GID, [
    "--allow-read=/etc/group,/etc/passwd",
    FFI,
    "--allow-net",
  ]);
  await assertFlags("*", UID, ["--allow-read=/tmp", "--allow-write=/tmp", FFI, "--allow-net"]);
});

Deno.test("a bind with a filter that is refused leaves what is there alone", here, async () => {
  using temp = new TempDirectory();
  await runChild("abandon", temp.at("feed"));
  const before = Deno.lstatSync(temp.at("feed")).ino;
  for (const flags of [[`--allow-read=${temp.path}`, `--allow-write=${temp.path}`, "--allow-net"], ["--allow-ffi"]]) {
    flagsOf(await run(temp.at("feed"), GID, flags));
    assertEquals(temp.names(), ["feed"]);
    assertEquals(Deno.lstatSync(temp.at("feed")).ino, before);
  }
});

Deno.test("without a libc that will do, a bind with a filter is ENOTSUP, and nobody is let in", here, async () => {
  using temp = new TempDirectory();
  const missing = LIBC_PATHS.find((path) => !exists(path));
  assert(missing !== undefined, "libc is everywhere");
  const flags = [`--allow-ffi=${missing}`, `--allow-read=${temp.path}`, `--allow-write=${temp.path}`, "--allow-net"];
  const { code, message } = await run(temp.at("feed"), UID, flags);
  assertEquals([code, message], [
    "ENOTSUP",
    `Operation not supported: ipc cannot be filtered here: cannot load libc from ${missing}: ipc://${temp.at("feed")}`,
  ]);
  assertEquals(temp.names(), []);
});

Deno.test("on other systems a bind with a filter is ENOTSUP, whatever is allowed", async () => {
  using temp = new TempDirectory();
  for (const flags of [[], ["-A"]]) {
    for (const filter of [UID, GID]) {
      const { code, message } = await run(temp.at("feed"), filter, flags, "elsewhere");
      assertEquals([code, message], [
        "ENOTSUP",
        `Operation not supported: ipc cannot be filtered here: it needs Linux, this is darwin: ipc://${
          temp.at("feed")
        }`,
      ]);
      assertEquals(temp.names(), []);
    }
  }
});
