/** Tests the command lines of the harness, as far as they go without a guest. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type ChildResult, runScript } from "../support/child.ts";
import { exits, Failure } from "./failure.ts";
import { parse } from "./run.ts";
import { sorted } from "./suite.ts";
import { sideBySide } from "./testing.ts";

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
  const longest = ["tests/vmci/sockets_test.ts", "tests/vmci/peers_test.ts"];
  const suite = [longest, ["tests/vmci/", `--ignore=${longest}`]];
  assertEquals(sorted([]), { runs: suite, args: [] });
  assertEquals(sorted(["--filter", "a"]), { runs: suite, args: ["--filter", "a"] });
  assertEquals(sorted(["tests/sockets/", "--filter", "a"]), { runs: [["tests/sockets/"]], args: ["--filter", "a"] });
});

Deno.test("test:vm: runs side by side show all that they print, and fail as one of them does", async () => {
  const say = (text: string, status = 0) => ["sh", "-c", `echo "$1"; exit ${status}`, "sh", text];
  const run = async (...commands: string[][]) => {
    const [command = "", ...args] = sideBySide(commands);
    const { code, stdout } = await new Deno.Command(command, { args }).output();
    return [code, new TextDecoder().decode(stdout)];
  };
  assertEquals(await run(say("alone", 3)), [3, "alone\n"]);
  assertEquals(await run(say("it's"), say('a "b" $c'), say("last")), [0, 'last\nit\'s\na "b" $c\n']);
  assertEquals(await run(say("one", 4), say("two"), say("three")), [4, "three\none\ntwo\n"]);
  assertEquals(await run(say("one"), say("two"), say("three", 5)), [5, "three\none\ntwo\n"]);
});
