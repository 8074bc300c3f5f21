/** Tests the command lines of the harness, as far as they go without a guest. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type ChildResult, runScript } from "../support/child.ts";
import { exits, Failure } from "./failure.ts";
import { parse } from "./run.ts";
import { sorted } from "./suite.ts";

const LIMIT = 30_000;

function run(script: string, args: readonly string[], env: Record<string, string> = {}): Promise<ChildResult> {
  return runScript(new URL(script, import.meta.url), args, { env, limit: LIMIT });
}

Deno.test("vm: options end where the command begins", () => {
  assertEquals(parse(["ls", "--limit=1"]), { command: ["ls", "--limit=1"] });
  assertEquals(parse(["--limit=5", "--memory=512", "--cpus=1", "ls"]), {
    command: ["ls"],
    limit: 5,
    memory: 512,
    cpus: 1,
  });
  assertEquals(parse(["--", "--odd"]), { command: ["--odd"] });
});

Deno.test("vm: arguments that make no sense", () => {
  const message = (...args: string[]): string => {
    const failure = assertThrows(() => parse(args), Failure);
    assertEquals(failure.status, exits.usage);
    return failure.message;
  };
  assertStringIncludes(message(), "No command given");
  assertStringIncludes(message("--limit=5"), "No command given");
  assertStringIncludes(message("--fast", "ls"), "Unknown option --fast");
  for (const value of ["", "0", "-1", "1.5", "soon"]) {
    assertStringIncludes(message(`--limit=${value}`, "ls"), `Cannot set --limit to "${value}"`);
  }
});

Deno.test("vm: the exit status of wrong arguments, with how it is used", async () => {
  const { code, stderr } = await run("./run.ts", []);
  assertEquals(code, exits.usage);
  assertStringIncludes(stderr, "Usage: deno task vm");
});

Deno.test("vm: without its tools each command ends at once, and says so", async () => {
  for (const script of ["./run.ts", "./suite.ts", "./cross/main.ts"]) {
    const { code, stdout, stderr } = await run(script, ["ls"], { PATH: "" });
    assertEquals([code, stdout], [exits.unavailable, ""], stderr);
    assertStringIncludes(stderr, "Cannot run a virtual machine: ");
  }
});

Deno.test("test:vm: the vmci suite, unless files or folders are named", () => {
  assertEquals(sorted([]), { paths: ["tests/vmci/"], args: [] });
  assertEquals(sorted(["--filter", "a"]), { paths: ["tests/vmci/"], args: ["--filter", "a"] });
  assertEquals(sorted(["tests/sockets/", "--filter", "a"]), { paths: ["tests/sockets/"], args: ["--filter", "a"] });
});
