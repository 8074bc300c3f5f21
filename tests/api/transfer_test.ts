// What happens when a program gives the memory of frames away: an error that says so, and no more is lost than that.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Pull, Push, ZmqError } from "../../mod.ts";
import { within as limited } from "../support/deadline.ts";

const within = { timeout: 5000 };

function transfer(frame: Uint8Array<ArrayBuffer>): void {
  structuredClone(frame, { transfer: [frame.buffer] });
}

async function pair(): Promise<{ push: Push; pull: Pull } & AsyncDisposable> {
  const pull = new Pull({ linger: 0 });
  const push = new Push({ linger: 0, reconnectInterval: 10 });
  await pull.bind("ipc://*");
  push.connect(pull.lastEndpoint!);
  await push.waitForPeers(1, within);
  const dispose = async () => {
    await push[Symbol.asyncDispose]();
    await pull[Symbol.asyncDispose]();
  };
  return { push, pull, [Symbol.asyncDispose]: dispose };
}

Deno.test("a message whose memory went with another frame's buffer is an error, and the connection is made anew", async () => {
  await using sockets = await pair();
  const { push, pull } = sockets;
  for (const text of ["one", "two", "three"]) assert(push.trySend(text));
  const [first] = await pull.receive(within);
  while (!pull.readable) await new Promise((resolve) => setTimeout(resolve, 1));
  transfer(first!);
  const error = await assertRejects(() => pull.receive(within), ZmqError, "transferred");
  assertEquals(error.code, "EFAULT");
  await assertRejects(() => pull.receive(within), ZmqError, "transferred");
  // The next bytes have nowhere to go: the connection ends, and its successor works.
  const lost = new Promise((resolve) => push.events.on("disconnect", resolve));
  assert(push.trySend("gone with it"));
  // A socket that waits for its peer does not hold the test.
  await limited(lost, "the end of the connection");
  await push.waitForPeers(1, within);
  await push.send("after");
  assertEquals(new TextDecoder().decode((await pull.receive(within))[0]), "after");
});

Deno.test("a large frame that is transferred after send() costs its connection, not the socket", async () => {
  await using sockets = await pair();
  const { push, pull } = sockets;
  const large = new Uint8Array(4_000_000).fill(1);
  const lost = new Promise((resolve) => push.events.on("disconnect", resolve));
  await push.send(["head", large]);
  transfer(large);
  await limited(lost, "the end of the connection");
  await push.waitForPeers(1, within);
  await push.send("after");
  assertEquals(new TextDecoder().decode((await pull.receive(within))[0]), "after");
});

Deno.test("a frame whose buffer was transferred before is no frame", async () => {
  await using sockets = await pair();
  const gone = new Uint8Array(10);
  transfer(gone);
  await assertRejects(() => sockets.push.send(gone), TypeError, "transferred");
  assertThrows(() => sockets.push.trySend(["head", gone]), TypeError, "transferred");
  await sockets.push.send(new Uint8Array(0));
  assertEquals(await sockets.pull.receive(within), [new Uint8Array(0)]);
});

Deno.test("a small frame that waits to be queued is a copy", async () => {
  await using pull = new Pull({ linger: 0 });
  await using push = new Push({ linger: 0 });
  const frame = new Uint8Array([1, 2, 3]);
  const sent = push.send(frame, within);
  frame.fill(9);
  transfer(frame);
  await pull.bind("ipc://*");
  push.connect(pull.lastEndpoint!);
  await sent;
  assertEquals(await pull.receive(within), [new Uint8Array([1, 2, 3])]);
});
