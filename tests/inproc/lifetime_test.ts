// inproc and the life of a program: what keeps it running, what it may ask for, what it leaves.

import { assertEquals } from "@std/assert";
import { Pull, Push } from "../../mod.ts";
import { runScript } from "../support/child.ts";
import { expect } from "../sockets/support.ts";
import { fresh } from "./support.ts";

/** Runs the program that has a part for each test, which must end by itself. */
async function part(name: string, ...flags: string[]): Promise<string> {
  const script = new URL("./programs/lives.ts", import.meta.url);
  const { code, stdout, stderr } = await runScript(script, [name], { flags, limit: 30_000 });
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  return stdout.trim();
}

Deno.test("inproc: a program whose sockets are merely open ends, and needs no permission", async () => {
  assertEquals(await part("alone"), "bound and connected");
});

Deno.test("inproc: a message that nobody takes keeps no program", async () => {
  assertEquals(await part("pending"), "sent to nobody");
});

Deno.test("inproc: when its Workers are gone a program ends", async () => {
  // Deno wants to read what a Worker imports.
  assertEquals(await part("workers", "--allow-read"), "hello from web");
});

Deno.test("inproc: a Worker of node:worker_threads takes part, and ends when its sockets are closed", async () => {
  assertEquals(await part("node", "--allow-read"), "hello from node\nexit 0");
});

Deno.test({
  name: "inproc: closed sockets leave nothing to Deno's sanitizers",
  sanitizeOps: true,
  sanitizeResources: true,
  async fn() {
    for (let i = 0; i < 3; i++) {
      const endpoint = fresh();
      await using pull = new Pull();
      await using push = new Push();
      push.connect(endpoint);
      await pull.bind(endpoint);
      await push.send("x");
      await expect(pull, "x");
    }
  },
});
