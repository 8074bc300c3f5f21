import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TempDirectory } from "../support/temp.ts";
import { bind, reportOf, runChild } from "./ipc_support.ts";
import type { ChildReport } from "./ipc_child.ts";
import { onLinux, only, onWindows } from "../support/platform.ts";

async function run(operation: string, address: string, flags: string[], env = {}): Promise<ChildReport> {
  return reportOf(await runChild(operation, address, { flags, env }));
}

/** The flags that an error says to add. */
function flagsOf(report: ChildReport, address: string): string[] {
  assertEquals(report.code, "EACCES", report.message ?? "");
  assertEquals(report.missing, true);
  const found = /: run Deno with (.*): ipc:\/\//s.exec(report.message ?? "")?.[1];
  assert(found !== undefined, report.message);
  assertStringIncludes(report.message ?? "", `ipc://${address}`);
  return found.split(" ");
}

/**
 * The promise of the message: what it says to add is enough in one go, none of it is too much, and with all but one flag
 * it names that one.
 */
async function assertFlags(operation: string, address: string, expected: string[], env = {}): Promise<void> {
  assertEquals(flagsOf(await run(operation, address, [], env), address), expected);
  const done = await run(operation, address, expected, env);
  assertEquals(done.code, undefined, done.message ?? "");
  for (const flag of expected) {
    const others = expected.filter((other) => other !== flag);
    assertEquals(flagsOf(await run(operation, address, others, env), address), [flag]);
  }
}

Deno.test(
  "bind at a path needs the path and its temporary name",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    const [path, fixed] = [temp.at("feed"), temp.at(".~feed")];
    await assertFlags("bind", path, [
      `--allow-read=${path},${fixed}`,
      `--allow-write=${path},${fixed}`,
      `--allow-net=unix:${fixed}`,
    ]);
    assertEquals(temp.names(), ["feed"]);
  },
);

Deno.test("each path of a bind is needed on its own", only(!onWindows, "Windows has no such files"), async () => {
  using temp = new TempDirectory();
  const [path, fixed] = [temp.at("feed"), temp.at(".~feed")];
  const both = `${path},${fixed}`;
  const net = `--allow-net=unix:${fixed}`;
  const cases: [string[], string][] = [
    [[`--allow-read=${path}`, `--allow-write=${both}`, net], `--allow-read=${fixed}`],
    [[`--allow-read=${fixed}`, `--allow-write=${both}`, net], `--allow-read=${path}`],
    [[`--allow-read=${both}`, `--allow-write=${path}`, net], `--allow-write=${fixed}`],
    [[`--allow-read=${both}`, `--allow-write=${fixed}`, net], `--allow-write=${path}`],
    [[`--allow-read=${both}`, `--allow-write=${both}`, `--allow-net=unix:${path}`], net],
  ];
  for (const [flags, expected] of cases) {
    assertEquals(flagsOf(await run("bind", path, flags), path), [expected]);
    assertEquals(temp.names(), [], "a failed bind leaves nothing behind");
  }
});

Deno.test(
  "the directory and all of the network do for a bind too",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    const flags = [`--allow-read=${temp.path}`, `--allow-write=${temp.path}`, "--allow-net"];
    assertEquals((await run("bind", temp.at("feed"), flags)).endpoint, `ipc://${temp.at("feed")}`);
    const single = [`--allow-read=${temp.at("feed")}`, `--allow-write=${temp.at("feed")}`, "--allow-net"];
    const fixed = temp.at(".~feed");
    assertEquals(flagsOf(await run("bind", temp.at("feed"), single), temp.at("feed")), [
      `--allow-read=${fixed}`,
      `--allow-write=${fixed}`,
    ]);
  },
);

Deno.test(
  "a path without room for a known temporary name needs its directory",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    const path = temp.pathOfLength(Deno.build.os === "linux" ? 107 : 103, "a");
    const directory = path.slice(0, -2);
    await assertFlags("bind", path, [`--allow-read=${directory}`, `--allow-write=${directory}`, "--allow-net"]);
  },
);

Deno.test("a relative path is named from the root", only(!onWindows, "Windows has no such files"), async () => {
  using temp = new TempDirectory();
  const before = Deno.cwd();
  Deno.chdir(temp.path);
  try {
    const [path, fixed] = [temp.at("feed"), temp.at(".~feed")];
    await assertFlags("bind", "feed", [
      `--allow-read=${path},${fixed}`,
      `--allow-write=${path},${fixed}`,
      `--allow-net=unix:${fixed}`,
    ]);
  } finally {
    Deno.chdir(before);
  }
});

Deno.test(
  "connect needs the path for reading, writing and as a socket",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    const path = temp.at("feed");
    const listener = bind(path);
    await assertFlags("connect", path, [`--allow-read=${path}`, `--allow-write=${path}`, `--allow-net=unix:${path}`]);
    await listener.close();
  },
);

Deno.test(
  "an abstract name needs the network as a whole and no file",
  only(onLinux, "it is about Linux"),
  async () => {
    const listener = bind(`@denomq-${crypto.randomUUID()}`);
    await assertFlags("bind", `@denomq-${crypto.randomUUID()}`, ["--allow-net"]);
    await assertFlags("connect", listener.endpoint.slice("ipc://".length), ["--allow-net"]);
    await listener.close();
  },
);

Deno.test(
  "the wildcard needs its directory and the network as a whole",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    await assertFlags("bind", "*", ["--allow-read=/tmp", "--allow-write=/tmp", "--allow-net"], { TMPDIR: temp.path });
    assertEquals(temp.names(), [], "a variable that may not be read does not count");
  },
);

Deno.test(
  "the wildcard's directory is the variable's where it may be read",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    const env = { TMPDIR: temp.path };
    const wanted = [`--allow-read=${temp.path}`, `--allow-write=${temp.path}`, "--allow-net"];
    assertEquals(flagsOf(await run("bind", "*", ["--allow-env=TMPDIR"], env), "*"), wanted);
    const done = await run("bind", "*", ["--allow-env=TMPDIR", ...wanted], env);
    assert(done.endpoint?.startsWith(`ipc://${temp.path}/tmp`), done.message);
    assertEquals(temp.names(), []);
  },
);

Deno.test(
  "flags are quoted for a shell, and a comma needs the flag as a whole",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    const spaced = temp.at("it's here");
    const message = (await run("connect", spaced, [])).message ?? "";
    assertStringIncludes(message, `'--allow-read=${temp.path}/it'\\''s here'`);
    const comma = temp.at("a,b");
    assertEquals(flagsOf(await run("connect", comma, []), comma), ["--allow-read", "--allow-write", "--allow-net"]);
  },
);
