// inproc between Workers: the memory between two of them goes with them.

import { assert, assertEquals } from "@std/assert";
import { runScript } from "../support/child.ts";

Deno.test("inproc: the rings of Workers that were terminated are freed", async () => {
  const script = new URL("./programs/rings.ts", import.meta.url);
  const { code, stdout, stderr } = await runScript(script, [], {
    flags: ["--allow-read", "--v8-flags=--expose-gc"],
    limit: 60_000,
  });
  assertEquals([code, stderr], [0, ""]);
  const { made, left } = JSON.parse(stdout);
  assertEquals(made, 20);
  // The one that was looked at last may still be on somebody's mind.
  assert(left <= 1, `${left} of ${made} rings are left`);
});
