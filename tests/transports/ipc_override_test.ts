import { assert, assertEquals } from "@std/assert";
import { ZmqError } from "../../transports/error.ts";
import { ipc } from "../../transports/ipc.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { assertBindFails, assertReaches, bind, exists, overListeners, reportOf, runChild } from "./ipc_support.ts";
import { onLinux, only } from "../support/platform.ts";

/** Every name of one byte that a temporary file may have. */
const SHORT_NAMES = Array.from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

/** Permissions for one endpoint and nothing else. */
function scopedFlags(directory: string): string[] {
  const paths = `${directory}/feed,${directory}/.~feed`;
  return [`--allow-read=${paths}`, `--allow-write=${paths}`, `--allow-net=unix:${directory}/.~feed`];
}

for (const scoped of [false, true]) {
  const how = scoped ? "with permissions for one endpoint" : "with all permissions";
  overListeners(`no moment is without a file while another process binds 1000 times ${how}`, async () => {
    using temp = new TempDirectory();
    const path = temp.at("feed");
    const first = bind(path);
    let running = true;
    const child = runChild("rebind", path, { count: 1000, ...(scoped ? { flags: scopedFlags(temp.path) } : {}) })
      .finally(() => running = false);
    let [looks, connected] = [0, 0];
    const connects = (async () => {
      while (running) {
        try {
          (await ipc.connect(path)).close();
        } catch (error) {
          // A peer may reach a socket in the moment it closes, or a full one since nobody accepts; what it must not meet
          // is a path without a file.
          if (!(error instanceof ZmqError) || !["ECONNREFUSED", "ECONNRESET", "EAGAIN"].includes(error.code)) {
            throw error;
          }
        }
        // Connecting never waits: without a pause nothing else would ever run.
        if (++connected % 50 === 0) await new Promise((resolve) => setTimeout(resolve));
      }
    })();
    const polls = (async () => {
      while (running) {
        for (let i = 0; i < 200; i++, looks++) assert(Deno.lstatSync(path).isSocket);
        await new Promise((resolve) => setTimeout(resolve));
      }
    })();
    const [result] = await within(Promise.all([child, connects, polls]), "the other process").finally(() => child);
    assertEquals(reportOf(result).endpoint, `ipc://${path}`, result.stdout);
    assert(looks > 200 && connected > 50, `${looks} looks, ${connected} connects`);
    assertEquals(temp.names(), ["feed"]);
    await first.close();
  });

  overListeners(`processes that bind one path at the same time all succeed ${how}`, async () => {
    using temp = new TempDirectory();
    const path = temp.at("feed");
    const options = { count: 300, ...(scoped ? { flags: scopedFlags(temp.path) } : {}) };
    const results = await Promise.all([1, 2, 3, 4].map(() => runChild("rebind", path, options)));
    for (const result of results) assertEquals(reportOf(result).endpoint, `ipc://${path}`, result.stdout);
    assertEquals(temp.names(), ["feed"]);
  });
}

overListeners("close spares what somebody made at the temporary name", only(onLinux, "it is about Linux"), async () => {
  using temp = new TempDirectory();
  // A name of one byte at the limit leaves one byte for the temporary name: somebody else can hit it.
  const path = temp.pathOfLength(107, "a");
  const directory = path.slice(0, -1);
  const listener = bind(path);
  const others = SHORT_NAMES.filter((name) => name !== "a");
  for (const name of others) Deno.writeTextFileSync(directory + name, name);
  await listener.close();
  for (const name of others) assertEquals(Deno.readTextFileSync(directory + name), name);
  assertEquals(Array.from(Deno.readDirSync(directory)).length, SHORT_NAMES.length);
});

overListeners(
  "a bind at the limit finds the one free name and touches no other",
  only(onLinux, "it is about Linux"),
  async () => {
    using temp = new TempDirectory();
    const path = temp.pathOfLength(107, "a");
    const directory = path.slice(0, -1);
    const others = SHORT_NAMES.filter((name) => name !== "a" && name !== "x");
    for (const name of others) Deno.writeTextFileSync(directory + name, name);
    const listener = bind(path);
    await assertReaches(path, listener);
    await listener.close();
    for (const name of others) assertEquals(Deno.readTextFileSync(directory + name), name);
    assert(!exists(directory + "x"));

    Deno.writeTextFileSync(directory + "x", "x");
    assertBindFails(path, "EADDRINUSE", "no temporary name");
    assert(Deno.lstatSync(path).isSocket);
  },
);

overListeners("a temporary socket that a crash left is cleared away", async () => {
  using temp = new TempDirectory();
  await runChild("abandon", temp.at(".~feed"));
  assert(Deno.lstatSync(temp.at(".~feed")).isSocket);
  const report = reportOf(await runChild("bind", temp.at("feed"), { flags: scopedFlags(temp.path) }));
  assertEquals(report.endpoint, `ipc://${temp.at("feed")}`, report.message ?? "");
  assertEquals(temp.names(), ["feed"]);
});

overListeners("a file at the fixed temporary name is left alone", async () => {
  using temp = new TempDirectory();
  Deno.writeTextFileSync(temp.at(".~feed"), "precious");
  const report = reportOf(await runChild("bind", temp.at("feed"), { flags: scopedFlags(temp.path) }));
  assertEquals(report.code, "EADDRINUSE");
  assertEquals(Deno.readTextFileSync(temp.at(".~feed")), "precious");
  assertEquals(temp.names(), [".~feed"]);
});
