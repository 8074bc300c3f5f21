/** Deno's sanitizers, which from 2.9 on are off unless told otherwise, are on in every test, or it is written why not. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import config from "../deno.json" with { type: "json" };
import { TempDirectory } from "./support/temp.ts";

const root = new URL("../", import.meta.url);
/** In parts, so that this file is not found itself. */
const OFF = new RegExp(["sanitize(Ops|Resources)\\b\\s*[:=]\\s*" + "false", "DENO_TEST_" + "SANITIZE"].join("|"));
/** A comment that gives at least some words. */
const REASON = /\/\/ Not sanitized: \S+ \S+ \S+/;

/** Where in a source sanitizers are turned off with no comment `// Not sanitized: …`, on the line or the one before. */
function withoutReason(name: string, source: string): string[] {
  const lines = source.split("\n");
  return lines.flatMap((line, i) => {
    if (!OFF.test(line) || REASON.test(line) || REASON.test(lines[i - 1] ?? "")) return [];
    return [`${name}:${i + 1}: ${line.trim()}`];
  });
}

function* files(folder: URL): Generator<URL> {
  for (const entry of Deno.readDirSync(folder)) {
    const url = new URL(entry.name + (entry.isDirectory ? "/" : ""), folder);
    if (entry.isDirectory) yield* files(url);
    else if (/\.(ts|mjs|json|sh)$/.test(entry.name)) yield url;
  }
}

Deno.test("the sanitizers are on by default, and nobody turns them off without a reason", () => {
  const { sanitizeOps, sanitizeResources } = config.test;
  assertEquals({ sanitizeOps, sanitizeResources }, { sanitizeOps: true, sanitizeResources: true });
  const sources = [
    new URL("deno.json", root),
    ...["tests/", "bench/", "examples/"].flatMap((folder) => [
      ...files(new URL(folder, root)),
    ]),
  ];
  const bad = sources.flatMap((url) =>
    withoutReason(url.pathname.slice(root.pathname.length), Deno.readTextFileSync(url))
  );
  assertEquals(bad, []);
});

Deno.test("that they are off is noticed, and a reason is one only if it is written", () => {
  const off = "sanitizeOps: " + "false";
  assertEquals(withoutReason("x", `a\n  ${off},`), [`x:2: ${off},`]);
  assertEquals(withoutReason("x", `sanitizeResources:${"false"}`).length, 1);
  assertEquals(withoutReason("x", `// Not sanitized:\n${off}`).length, 1);
  assertEquals(withoutReason("x", `// Not sanitized: a thread of another test\n${off}`), []);
  assertEquals(withoutReason("x", "sanitizeOps: true"), []);
});

Deno.test("a test that leaks a file, or a timer, fails", async () => {
  using temp = new TempDirectory();
  const settings = { test: { sanitizeOps: config.test.sanitizeOps, sanitizeResources: config.test.sanitizeResources } };
  Deno.writeTextFileSync(temp.at("deno.json"), JSON.stringify(settings));
  const leaks = { file: `Deno.openSync("x");`, timer: `setTimeout(() => {}, 1000);`, nothing: "" };
  const tests = Object.entries(leaks).map(([name, leak]) => `Deno.test("leaks a ${name}", () => { ${leak} });`);
  Deno.writeTextFileSync(temp.at("x"), "");
  Deno.writeTextFileSync(temp.at("leak_test.js"), tests.join("\n"));
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "--allow-read", join(temp.path, "leak_test.js")],
    cwd: temp.path,
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(60_000),
  }).output();
  const output = new TextDecoder().decode(stdout);
  assertEquals(code, 1, output);
  for (const line of ["leaks a file ... FAILED", "leaks a timer ... FAILED", "leaks a nothing ... ok"]) {
    assertStringIncludes(output, line);
  }
});
