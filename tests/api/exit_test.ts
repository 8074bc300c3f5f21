import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Publisher, Pull, Push } from "../../mod.ts";
import { type ChildResult, runScript } from "../support/child.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { isPending, next } from "./support.ts";

/** Runs one of the programs to its end. */
async function run(name: string, endpoint = "", limit = 10_000): Promise<ChildResult & { took: number }> {
  const start = performance.now();
  const result = await runScript(new URL("./programs/lives.ts", import.meta.url), [name, endpoint], { limit });
  return { ...result, took: performance.now() - start };
}

function assertEnds(result: ChildResult, ...lines: string[]): void {
  assertEquals(result.stderr, "");
  assertEquals([result.code, result.stdout], [0, [...lines, "end", ""].join("\n")]);
}

function assertGone(endpoint: string): void {
  const path = endpoint.slice("ipc://".length);
  assert(path.endsWith("/socket"), endpoint);
  assertThrows(() => Deno.lstatSync(path), Deno.errors.NotFound);
  assertThrows(() => Deno.lstatSync(path.slice(0, -"/socket".length)), Deno.errors.NotFound);
}

Deno.test("idle sockets let a program end, and a wildcard's file goes with it", async () => {
  const result = await run("idle");
  assertEquals([result.code, result.stderr], [0, ""]);
  const [endpoint = "", end] = result.stdout.split("\n");
  assertEquals(end, "end");
  assertGone(endpoint);
});

Deno.test("a receive that waits keeps a program running", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  const running = run("receives", endpoint);
  await using push = new Push({ reconnectInterval: 10 });
  push.connect(endpoint);
  await within(push.waitForPeers(), "the program");
  assert(await isPending(running));
  await push.send("hello");
  assertEnds(await running, "hello");
});

Deno.test("an iteration keeps a program running until the socket is closed", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  const running = run("iterates", endpoint);
  await using publisher = new Publisher({ reconnectInterval: 10 });
  publisher.connect(endpoint);
  await within(publisher.waitForSubscribers(), "the program");
  assert(await isPending(running));
  await publisher.send("hello");
  assertEnds(await running, "hello");
});

Deno.test("a receive with a timeout keeps a program running that long", async () => {
  assertEnds(await run("timeout"), "EAGAIN");
});

Deno.test("nothing keeps a program running whose sockets are closed", async () => {
  assertEnds(await run("closed"), "EAGAIN", "EAGAIN");
});

for (
  const [name, messages] of [["lingers", ["0", "1", "2"]], ["closes", ["closed"]], ["disposes", ["disposed"]]] as const
) {
  Deno.test(`a program that ends delivers what it has sent to a peer that comes later (${name})`, async () => {
    using temp = new TempDirectory();
    const endpoint = `ipc://${temp.at("feed")}`;
    const running = run(name, endpoint, 20_000);
    // The program is at its end by then; were it to exit, nobody would connect.
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert(await isPending(running));
    await using pull = new Pull();
    await pull.bind(endpoint);
    for (const text of messages) assertEquals(await next(pull), [text]);
    assertEnds(await running);
  });
}

Deno.test("a program that ends delivers all to a peer that reads slowly", async () => {
  await using pull = new Pull({ receiveHighWaterMark: 2 });
  await pull.bind("ipc://*");
  const running = run("floods", pull.lastEndpoint!, 20_000);
  await within(pull.waitForPeers(), "the program");
  for (let i = 0; i < 200; i++) {
    const [frame] = await within(pull.receive(), `message ${i}`);
    assertEquals([frame!.length, frame![0], frame!.at(-1)], [100_000, i & 255, i & 255]);
    if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEnds(await running);
});

Deno.test("a linger period bounds how long a program stays at its end", async () => {
  assertEnds(await run("impatient"));
  const { took, ...result } = await run("patient");
  assertEnds(result);
  assert(took >= 200, `${took} ms`);
});

Deno.test("Deno.exit() waits for nothing, and a wildcard's file is removed", async () => {
  const result = await run("exits");
  assertEquals([result.code, result.stderr], [7, ""]);
  assertGone(result.stdout.trim());
});

Deno.test("an error ends a program although a receive waits", async () => {
  using temp = new TempDirectory();
  const result = await run("throws", `ipc://${temp.at("feed")}`);
  assertEquals(result.code, 1);
  assertStringIncludes(result.stderr, "on purpose");
});

Deno.test("a worker with sockets can be terminated", async () => {
  assertEnds(await run("terminates"), "terminated");
});

Deno.test("a worker that closes its sockets and itself lets the program end", async () => {
  assertEnds(await run("ends"), "hello");
});
