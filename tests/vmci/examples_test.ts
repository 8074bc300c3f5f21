// The host's and the guest's program on one machine, with no permission but those that they tell of.

import { assertEquals, assertMatch } from "@std/assert";
import { LIBC_PATHS } from "../../ffi/libc_path.ts";
import { runScript } from "../support/child.ts";
import { freshPort, test } from "./support.ts";

test("the examples hand work from a host to a guest, whoever is there first", async () => {
  const libc = LIBC_PATHS.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  const flags = [`--allow-ffi=${libc}`];
  const run = (name: string, ...args: string[]) =>
    runScript(new URL(`../../examples/vm/${name}.ts`, import.meta.url), args, { flags, limit: 50_000 });
  const port = freshPort() & ~1;
  const [guest, host] = await Promise.all([
    run("guest", "1", `${port}`),
    run("host", `vmci://*:${port}`, `vmci://*:${port + 1}`),
  ]);
  assertEquals([guest.code, guest.stderr, host.code, host.stderr], [0, "", 0, ""]);
  assertEquals(guest.stdout, `asking vmci://1:${port}\ndone\n`);
  const [first, ...rest] = host.stdout.trim().split("\n");
  assertEquals(first, `waiting for guests at vmci://*:${port} and vmci://*:${port + 1}`);
  assertEquals(rest.at(-1), "done");
  assertEquals(rest.length, 6);
  assertMatch(rest[0]!, /^guest \d+: 1229 primes up to 10000$/);
  assertMatch(rest[4]!, /^guest \d+: 5133 primes up to 50000$/);
});
