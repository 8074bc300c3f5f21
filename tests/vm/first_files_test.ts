/** Tests what a guest begins with: an archive and a script. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { only } from "../support/platform.ts";
import { archive } from "./cpio.ts";
import { initScript, quote } from "./init.ts";
import { findProgram } from "./tools.ts";

const decoder = new TextDecoder();

/** Reads an archive as cpio(5) describes it. */
function* entries(bytes: Uint8Array): Generator<{ path: string; mode: number; content: string }> {
  for (let position = 0;;) {
    const header = decoder.decode(bytes.subarray(position, position + 110));
    assertEquals(header.slice(0, 6), "070701");
    const number = (index: number): number => parseInt(header.slice(6 + index * 8, 14 + index * 8), 16);
    const path = decoder.decode(bytes.subarray(position + 110, position + 110 + number(11) - 1));
    const start = Math.ceil((position + 110 + number(11)) / 4) * 4;
    const content = decoder.decode(bytes.subarray(start, start + number(6)));
    position = Math.ceil((start + number(6)) / 4) * 4;
    if (path === "TRAILER!!!") return assertEquals(position, bytes.length);
    yield { path, mode: number(1), content };
  }
}

Deno.test("archive: files after their directories, with their modes", () => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const made = archive([
    { path: "init", bytes: text("#!"), executable: true },
    { path: "a/b/c", bytes: text("12345") },
    { path: "a/d", bytes: text("") },
  ]);
  assertEquals(Array.from(entries(made)), [
    { path: "a", mode: 0o040755, content: "" },
    { path: "a/b", mode: 0o040755, content: "" },
    { path: "init", mode: 0o100755, content: "#!" },
    { path: "a/b/c", mode: 0o100644, content: "12345" },
    { path: "a/d", mode: 0o100644, content: "" },
  ]);
});

const withShell = only(findProgram("sh") !== undefined, "there is no sh to ask");

async function shell(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("sh", { args, signal: AbortSignal.timeout(20_000) })
    .output();
  assert(success, decoder.decode(stderr));
  return decoder.decode(stdout);
}

Deno.test("init: whatever is quoted reaches the command as it was", withShell, async () => {
  for (const text of ["", "a b", "it's", "''", '$HOME `id` \\ " * \n!']) {
    assertEquals(await shell("-c", `printf %s ${quote(text)}`), text);
    const nested = `exec sh -c ${quote(`printf %s ${quote(text)}`)}`;
    assertEquals(await shell("-c", nested), text);
  }
});

Deno.test("init: the script is one for a shell, and loads the modules in their order", withShell, async () => {
  const script = initScript(["/modules/00-a.ko", "/modules/01-b.ko"], {
    command: ["deno", "eval", "it's"],
    cwd: "/a folder",
    env: { NAME: "some 'value'" },
  });
  assertStringIncludes(script, "for module in /modules/00-a.ko /modules/01-b.ko;");
  await shell("-n", "-c", script);
});
