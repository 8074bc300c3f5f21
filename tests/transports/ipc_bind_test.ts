import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TempDirectory } from "../support/temp.ts";
import {
  assertBindFails,
  assertConnectFails,
  assertReaches,
  bind,
  exists,
  overListeners,
  reportOf,
  runChild,
} from "./ipc_support.ts";
import { canBeRefused } from "../support/child.ts";
import { only, onWindows } from "../support/platform.ts";

overListeners("a missing directory is ENOENT", async () => {
  using temp = new TempDirectory();
  assertBindFails(temp.at("missing", "feed"), "ENOENT");
  await assertConnectFails(temp.at("missing", "feed"), "ENOENT");
  assertEquals(temp.names(), []);
});

overListeners("a file among the directories is ENOTDIR", async () => {
  using temp = new TempDirectory();
  Deno.writeTextFileSync(temp.at("file"), "kept");
  assertBindFails(temp.at("file", "feed"), "ENOTDIR");
  await assertConnectFails(temp.at("file", "feed"), "ENOTDIR");
  assertEquals(Deno.readTextFileSync(temp.at("file")), "kept");
});

overListeners("a directory at the path is EADDRINUSE", async () => {
  using temp = new TempDirectory();
  Deno.mkdirSync(temp.at("feed"));
  assertBindFails(temp.at("feed"), "EADDRINUSE", "a directory is in the way");
  assertBindFails(`${temp.at("feed")}/`, "EADDRINUSE", "a directory is in the way");
  await assertConnectFails(temp.at("feed"), "ECONNREFUSED");
  assertEquals(temp.names(), ["feed"]);
});

overListeners("a regular file at the path is EADDRINUSE and never deleted", async () => {
  using temp = new TempDirectory();
  Deno.writeTextFileSync(temp.at("feed"), "precious");
  assertBindFails(temp.at("feed"), "EADDRINUSE", "no socket is in the way");
  await assertConnectFails(temp.at("feed"), "ECONNREFUSED");
  assertEquals(Deno.readTextFileSync(temp.at("feed")), "precious");
  assertEquals(temp.names(), ["feed"]);
});

overListeners("a symbolic link at the path is EADDRINUSE, wherever it leads", async () => {
  using temp = new TempDirectory();
  const listener = bind(temp.at("socket"));
  for (const target of ["socket", "missing"]) {
    Deno.symlinkSync(temp.at(target), temp.at(`to-${target}`));
    assertBindFails(temp.at(`to-${target}`), "EADDRINUSE", "a symbolic link is in the way");
  }
  assertEquals(temp.names(), ["socket", "to-missing", "to-socket"]);
  await assertReaches(temp.at("to-socket"), listener);
  await listener.close();
});

overListeners("a FIFO at the path is EADDRINUSE", only(!onWindows, "Windows has no such files"), async () => {
  using temp = new TempDirectory();
  const { success } = await new Deno.Command("mkfifo", { args: [temp.at("feed")] }).output();
  assert(success);
  assertBindFails(temp.at("feed"), "EADDRINUSE", "no socket is in the way");
  assert(Deno.lstatSync(temp.at("feed")).isFifo);
});

overListeners(
  "a directory that the process may not write to is EACCES",
  only(canBeRefused, "root is refused nothing here"),
  async () => {
    using temp = new TempDirectory();
    Deno.mkdirSync(temp.at("dir"));
    Deno.chmodSync(temp.at("dir"), 0o555);
    const report = reportOf(await runChild("bind", temp.at("dir", "feed"), { powerless: true }));
    assertEquals(report.code, "EACCES", report.message ?? "");
    assertEquals(report.missing, false);
    assertStringIncludes(report.message ?? "", `ipc://${temp.at("dir", "feed")}`);
  },
);

overListeners(
  "a socket that the process may not write to is EACCES",
  only(canBeRefused, "root is refused nothing here"),
  async () => {
    using temp = new TempDirectory();
    const listener = bind(temp.at("feed"));
    Deno.chmodSync(temp.at("feed"), 0o555);
    const report = reportOf(await runChild("connect", temp.at("feed"), { powerless: true }));
    assertEquals(report.code, "EACCES", report.message ?? "");
    assertEquals(report.missing, false);
    await listener.close();
  },
);

overListeners(
  "the file has the mode that the system gives",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    const before = Deno.umask();
    try {
      for (const mask of [0o022, 0o077, 0o000]) {
        Deno.umask(mask);
        const listener = bind(temp.at("feed"));
        assertEquals((Deno.lstatSync(temp.at("feed")).mode ?? 0) & 0o777, 0o777 & ~mask);
        await listener.close();
      }
    } finally {
      Deno.umask(before);
    }
  },
);

overListeners("the file stays after close, and nobody answers", async () => {
  using temp = new TempDirectory();
  const listener = bind(temp.at("feed"));
  assertEquals(temp.names(), ["feed"]);
  await listener.close();
  assertEquals(temp.names(), ["feed"]);
  await assertConnectFails(temp.at("feed"), "ECONNREFUSED");
});

overListeners("a stale socket file is replaced", async () => {
  using temp = new TempDirectory();
  const left = reportOf(await runChild("abandon", temp.at("feed")));
  assertEquals(left.endpoint, `ipc://${temp.at("feed")}`);
  await assertConnectFails(temp.at("feed"), "ECONNREFUSED");
  const listener = bind(temp.at("feed"));
  await assertReaches(temp.at("feed"), listener);
  await listener.close();
});

overListeners("a live binding is overridden, and its close leaves the successor alone", async () => {
  using temp = new TempDirectory();
  const path = temp.at("feed");
  const first = bind(path);
  await assertReaches(path, first);
  const second = bind(path);
  assertEquals(temp.names(), ["feed"]);
  await assertReaches(path, second);
  await first.close();
  await assertReaches(path, second);
  await second.close();
  assertEquals(temp.names(), ["feed"]);
});

overListeners("a relative path is bound in the directory of the moment, and close touches no other", async () => {
  using temp = new TempDirectory();
  Deno.mkdirSync(temp.at("a"));
  Deno.mkdirSync(temp.at("b"));
  const before = Deno.cwd();
  try {
    Deno.chdir(temp.at("a"));
    const first = bind("feed");
    Deno.chdir(temp.at("b"));
    const second = bind("feed");
    await first.close();
    await assertReaches("feed", second);
    await second.close();
  } finally {
    Deno.chdir(before);
  }
  assert(exists(temp.at("a", "feed")) && exists(temp.at("b", "feed")));
});

overListeners("a short relative path works in a directory with a long one", async () => {
  using temp = new TempDirectory();
  const deep = temp.at("d".repeat(120), "e".repeat(120));
  Deno.mkdirSync(deep, { recursive: true });
  const before = Deno.cwd();
  try {
    Deno.chdir(deep);
    const listener = bind("feed");
    await assertReaches("feed", listener);
    await listener.close();
    assertEquals(Array.from(Deno.readDirSync("."), (entry) => entry.name), ["feed"]);
  } finally {
    Deno.chdir(before);
  }
});

overListeners("a failed bind leaves nothing behind and the path can be bound later", async () => {
  using temp = new TempDirectory();
  const path = temp.at("dir", "feed");
  assertBindFails(path, "ENOENT");
  Deno.mkdirSync(temp.at("dir"));
  const listener = bind(path);
  await assertReaches(path, listener);
  await listener.close();
});
