/** The demo as its user sees it: its result, its errors, and what it leaves behind. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { within } from "./support/deadline.ts";
import { runScript } from "./support/child.ts";
import { TempDirectory } from "./support/temp.ts";
import { onLinux, only } from "./support/platform.ts";

const demo = new URL("../examples/demo/main.ts", import.meta.url);

async function fill(directory: TempDirectory): Promise<void> {
  await Deno.mkdir(directory.at("deep", ".git"), { recursive: true });
  await Deno.writeTextFile(directory.at("a.txt"), "one two\n\n  three\n");
  await Deno.writeTextFile(directory.at("deep", "b.md"), "four-4 fünf");
  await Deno.writeFile(directory.at("deep", "c.bin"), Uint8Array.of(0x61, 0, 0x62));
  await Deno.writeTextFile(directory.at("deep", ".git", "d.txt"), "not to be counted\n");
}

/** The rows of the table that the demo prints. */
function rows(stdout: string): Map<string, string> {
  return new Map(
    Array.from(stdout.matchAll(/^(\S+(?: \d+)?) {2,}(.*)$/gm), ([, name = "", value = ""]) => [name, value]),
  );
}

/** The command lines of the running processes that name a path. */
async function processesNaming(path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes(path)) found.push(line.replaceAll("\0", " "));
  }
  return found;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

Deno.test("demo: counts a folder, and its processes agree with a direct count", async () => {
  using folder = new TempDirectory();
  using temporary = new TempDirectory();
  await fill(folder);
  const { code, stdout, stderr } = await runScript(demo, [folder.path, "--lines", "1000", "--workers", "3"], {
    env: { TMPDIR: temporary.path },
    limit: 60_000,
  });
  assertEquals(code, 0, stderr);
  const table = rows(stdout);
  assertEquals(table.get("files"), "2");
  assertEquals(table.get("lines"), "1,000 (the folder's 4, 250 times)");
  assertEquals(table.get("bytes"), String((7 + 0 + 7 + 12) * 250).replace(/(?=\d{3}$)/, ","));
  assertEquals(table.get("words"), "1,250");
  assertEquals(table.get("letters"), "4,500");
  const shares = [1, 2, 3].map((worker) => Number(table.get(`worker ${worker}`)?.split(" ")[0]));
  assertEquals(shares.reduce((sum, share) => sum + share), 1000);
  assertStringIncludes(stdout, "agree with a direct count");
  assertEquals(temporary.names(), []);
});

Deno.test({
  name: "demo: Ctrl-C ends it, and leaves neither processes nor files",
  ...only(onLinux, "it is about Linux"),
  async fn() {
    using folder = new TempDirectory();
    using temporary = new TempDirectory();
    await fill(folder);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", demo.href, folder.path, "--lines", "1000000000"],
      env: { TMPDIR: temporary.path, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = child.output();
    // Main's own command line does not name the directory: these are its children.
    await within(until(async () => (await processesNaming(temporary.path)).length >= 3), "the children", 30_000);
    await within(until(() => Promise.resolve(temporary.names().length > 0)), "the directory of the sockets");
    child.kill("SIGINT");
    const { code, stderr } = await within(output, "the end of the demo");
    assertEquals(code, 130, new TextDecoder().decode(stderr));
    assertMatch(new TextDecoder().decode(stderr), /^demo: Ended by SIGINT$/m);
    assertEquals(temporary.names(), []);
    assertEquals(await processesNaming(temporary.path), []);
  },
});

Deno.test("demo: says what is wrong with its arguments", async () => {
  using empty = new TempDirectory();
  const nothing = await runScript(demo, [empty.path]);
  assertEquals([nothing.code, nothing.stderr.trim()], [1, `demo: There are no lines of text in ${empty.path}`]);
  const option = await runScript(demo, ["--speed", "11"]);
  assertEquals(option.code, 1);
  assertStringIncludes(option.stderr, "demo: Unknown option --speed");
});
