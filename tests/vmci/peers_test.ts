// Peers in processes of their own: ours, ours that are killed, and one that is made of nothing but Deno's own vsock.

import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Pair, Publisher, Pull, Push, Reply } from "../../mod.ts";
import { Log, until } from "../api/support.ts";
import { expect, patient, words } from "../sockets/support.ts";
import { within } from "../support/deadline.ts";
import { freshPort, lines, test } from "./support.ts";

/** Deno without this flag ends at the first use of its vsock. */
const native = { flags: ["-A", "--unstable-vsock"] };

/** Starts a program that runs until it is killed. */
function start(name: string, ...args: string[]): Deno.ChildProcess {
  const script = fromFileUrl(new URL(`./programs/${name}.ts`, import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", script, ...args],
    stdout: "null",
    stdin: "null",
  }).spawn();
}

async function kill(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await child.status;
}

test("another process answers, and is found again when it was killed", async () => {
  await using pair = new Pair({ linger: 0, reconnectInterval: 20 });
  const endpoint = `vmci://1:${freshPort()}`;
  pair.connect(endpoint);
  for (let round = 0; round < 2; round++) {
    const child = start("echo", endpoint);
    try {
      await pair.send(["round", `${round}`]);
      await expect(pair, "round", `${round}`);
    } finally {
      await kill(child);
    }
    await until(() => pair.peerCount === 0, "the child is missed");
  }
});

test("a process that is killed in the middle of a message costs that message alone", async () => {
  await using pull = new Pull();
  const endpoint = `vmci://1:${freshPort()}`;
  const log = new Log(pull);
  await pull.bind(endpoint);
  const child = start("halfway", endpoint);
  try {
    // It has sent a frame and a half of the next, and says no more.
    await expect(pull, "whole");
    await within(pull.waitForPeers(1), "the peer");
  } finally {
    await kill(child);
  }
  await log.wait("disconnect");
  await using push = new Push();
  push.connect(endpoint);
  await push.send("after it");
  await expect(pull, "after it");
  assertEquals(pull.tryReceive(), null);
});

test("a peer of Deno's own vsock asks and is answered, subscribes and receives, and is connected to", async () => {
  await using reply = new Reply();
  await using publisher = new Publisher();
  await using push = new Push({ reconnectInterval: 50 });
  const [asked, published, pulled] = [freshPort(), freshPort(), freshPort()];
  await reply.bind(`vmci://*:${asked}`);
  await publisher.bind(`vmci://1:${published}`);
  push.connect(`vmci://1:${pulled}`);
  const child = lines("native_peer", [asked, published, pulled].map(String), native);

  for (let i = 0; i < 50; i++) {
    assertEquals(words(await reply.receive(patient)), [`question ${i}`]);
    await reply.send(["answer", `${i}`]);
  }
  await publisher.waitForSubscribers(1, patient);
  for (let i = 0; i < 100; i++) await publisher.send([i % 2 === 0 ? "even" : "odd", `${i}`]);
  let bytes = 0;
  for (let i = 0; i < 200; i++) {
    const body = new Uint8Array(i % 100 * 50).fill(i);
    bytes += body.length;
    await push.send(body, patient);
  }
  assertEquals(await child, ["50 answers", "50 messages, the last is 98", `200 messages, ${bytes} bytes`]);
});

test("programs with vmci sockets end, stay and linger as with others", async () => {
  const [first, second] = [`vmci://1:${freshPort()}`, `vmci://1:${freshPort()}`];
  const waits = lines("lives", ["receives", first]);
  const idles = lines("lives", ["idle", `vmci://1:${freshPort()}`]);
  const lingers = lines("lives", ["lingers", second]);
  await using push = new Push({ reconnectInterval: 50 });
  push.connect(first);
  await push.waitForPeers(1, patient);
  await new Promise((resolve) => setTimeout(resolve, 200)); // Time for it to end, were it to.
  await push.send("hello");
  assertEquals(await waits, ["hello"]);
  assertEquals(await idles, ["end"]);
  await using pull = new Pull();
  await pull.bind(second);
  for (let i = 0; i < 3; i++) await expect(pull, `${i}`);
  assertEquals(await lingers, ["end"]);
});
