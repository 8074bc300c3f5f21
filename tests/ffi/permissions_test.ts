// What Deno has to be allowed for calls into libc, and what is said where it is not, or where there is no libc that will do.
// No program here gets as far as a socket.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { LIBC_PATHS } from "../../ffi/libc_path.ts";
import { type ChildResult, runScript } from "../support/child.ts";
import { onLinux, only } from "../support/platform.ts";

const here = only(onLinux, "elsewhere there are no such sockets");

async function run(name: string, flags: string[]): Promise<ChildResult> {
  const result = await runScript(new URL("./programs/permitted.ts", import.meta.url), [name], { flags });
  assertEquals([result.code, result.stderr], [0, ""]);
  return result;
}

/** What bind() and connect() of a program with these flags throw. */
async function refusals(name: string, ...flags: string[]): Promise<{ code: string; message: string; cause: string }[]> {
  const lines = (await run(name, flags)).stdout.trim().split("\n");
  assertEquals(lines.length, 2);
  return lines.map((line) => JSON.parse(line));
}

/** The places where this machine has libc. */
const places = onLinux ? LIBC_PATHS.filter((path) => exists(path)) : [];

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

Deno.test("ffi: without permission bind() and connect() name the flag to add", here, async () => {
  for (const { code, message, cause } of await refusals("vmci")) {
    assertEquals([code, cause], ["EACCES", "NotCapable"]);
    assertMatch(
      message,
      /^Permission denied: run Deno with --allow-ffi=\/\S+\/libc\.\S+, or --allow-ffi where libc is elsewhere: vmci:\/\/1:5555$/,
    );
  }
});

Deno.test("ffi: where the program may look, the flag names a libc that is there", here, async () => {
  assert(places.length > 0, "no libc is where it is looked for");
  for (const { message } of await refusals("vmci", "--allow-read")) {
    assertEquals(message.match(/--allow-ffi=([^,\s]+)/)?.[1], places[0]);
  }
});

Deno.test("ffi: the permission for libc alone is enough, wherever it is, and so is the one for all", here, async () => {
  for (const flags of [["--allow-ffi"], ...places.map((path) => [`--allow-ffi=${path}`])]) {
    assertEquals((await run("calls", flags)).stdout, "hello\n88\n3\n", flags[0]);
  }
});

Deno.test("ffi: a permission for a libc that is not there says so", here, async () => {
  const missing = LIBC_PATHS.find((path) => !exists(path));
  assert(missing !== undefined, "libc is everywhere");
  for (const { code, message } of await refusals("vmci", `--allow-ffi=${missing}`)) {
    assertEquals([code, message], [
      "EPROTONOSUPPORT",
      `Protocol not supported: cannot load libc from ${missing}: vmci://1:5555`,
    ]);
  }
});

for (const os of ["darwin", "windows", "freebsd"]) {
  Deno.test(`ffi: vmci on ${os} is EPROTONOSUPPORT, whatever is allowed`, async () => {
    for (const flags of [[], ["--allow-ffi"]]) {
      for (const { code, message } of await refusals(os, ...flags)) {
        assertEquals([code, message], [
          "EPROTONOSUPPORT",
          `Protocol not supported: it needs Linux, this is ${os}: vmci://1:5555`,
        ]);
      }
    }
  });
}
