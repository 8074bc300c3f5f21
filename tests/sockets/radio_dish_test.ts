// RADIO and DISH: groups (RFC 48).

import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { Dish, Radio } from "../support/sockets.ts";
import { TempDirectory } from "../support/temp.ts";
import { overTransports, overWires } from "../support/transports.ts";
import { RawPeer } from "./raw_peer.ts";
import { join, patient, peersLeft, until } from "./support.ts";

const decoder = new TextDecoder();

/** Receives a message, as the group and the body. */
async function take(dish: zmq.Dish): Promise<[group: string, body: string]> {
  const [frame, { group }] = await dish.receive(patient);
  return [decoder.decode(group), decoder.decode(frame)];
}

function codeOf(operation: () => void): string {
  try {
    operation();
    return "";
  } catch (error) {
    return error instanceof zmq.ZmqError ? error.code : (error as Error).name;
  }
}

// libzmq: test_radio_dish
overTransports("radio/dish: a message goes to those who joined its very group", async (fresh) => {
  await using radio = new Radio();
  await using one = new Dish();
  await using other = new Dish();
  one.join("a", "both");
  await join(radio, fresh(), one, other);
  other.join("ab");
  other.join("both");
  await radio.waitForMembers(2, { group: "both", ...patient });
  await radio.waitForMembers(1, { group: "ab", ...patient });
  for (const group of ["", "a", "ab", "abc", "both"]) await radio.send(`for ${group}`, { group });
  assertEquals([await take(one), await take(one)], [["a", "for a"], ["both", "for both"]]);
  assertEquals([await take(other), await take(other)], [["ab", "for ab"], ["both", "for both"]]);
  other.leave("ab");
  await radio.waitForMembers(0, { group: "ab" });
  await radio.send("nobody", { group: "nobody" });
  await radio.send("end", { group: "both" });
  assertEquals([await take(one), await take(other)], [["both", "end"], ["both", "end"]]);
});

// ZMTP 3.1 (RFC 37) has `0*255group-char`, and libzmq joins the empty group as any other.
overTransports("radio/dish: groups are bytes, of every length up to 255", async (fresh) => {
  await using radio = new Radio();
  await using dish = new Dish();
  await join(radio, fresh(), dish);
  const groups = [
    new Uint8Array(0),
    Uint8Array.of(0),
    Uint8Array.of(255, 0, 254),
    new Uint8Array(254).fill(1),
    new Uint8Array(255).fill(1),
  ];
  dish.join(...groups);
  for (const group of groups) await radio.waitForMembers(1, { group, ...patient });
  for (const [i, group] of groups.entries()) await radio.send(i, { group });
  for (const [i, group] of groups.entries()) {
    const [frame, to] = await dish.receive(patient);
    assertEquals([decoder.decode(frame), [...to.group]], [`${i}`, [...group]]);
  }
});

// libzmq: test_radio_dish (join too long, join twice, leave unjoined)
Deno.test("radio/dish: what cannot be joined or left", () => {
  using dish = new zmq.Dish();
  assertEquals(dish.linger, 0);
  dish.join("a");
  assertEquals(codeOf(() => dish.join("a")), "EINVAL");
  assertEquals(codeOf(() => dish.leave("b")), "EINVAL");
  for (const group of ["x".repeat(256), new Uint8Array(256)]) {
    assertEquals([codeOf(() => dish.join(group)), codeOf(() => dish.leave(group))], ["RangeError", "RangeError"]);
  }
  assertEquals(codeOf(() => dish.join(1 as unknown as string)), "TypeError");
  dish.leave("a");
  assertEquals(codeOf(() => dish.leave("a")), "EINVAL");
  dish.join("a");
  dish.close();
  assertEquals([codeOf(() => dish.join("b")), codeOf(() => dish.leave("a"))], ["EBADF", "EBADF"]);
});

overTransports("radio/dish: a slow member misses messages, and nobody waits for it", async (fresh) => {
  await using radio = new Radio({ sendHighWaterMark: 10 });
  await using slow = new Dish({ receiveHighWaterMark: 10 });
  await using quick = new Dish();
  slow.join("g");
  quick.join("g");
  await join(radio, fresh(), slow, quick);
  await radio.waitForMembers(2, patient);
  const body = new Uint8Array(50_000);
  for (let i = 0; i < 200; i++) {
    assert(radio.trySend(body, { group: "g" }));
    assertEquals((await quick.receive(patient))[0].length, body.length);
  }
  let count = 0;
  for (;;) {
    await radio.send("end", { group: "g" });
    if ((await slow.receive(patient))[0].length !== body.length) break;
    count++;
  }
  assert(count >= 10 && count < 200, `${count} arrived`);
});

overWires("radio/dish: a radio that comes again is told all groups again", async (fresh) => {
  const endpoint = fresh();
  await using radio = new Radio();
  await using dish = new Dish({ reconnectInterval: 10 });
  dish.join("a", "b");
  await join(radio, endpoint, dish);
  await radio.waitForMembers(1, { group: "b", ...patient });
  await radio.unbind(endpoint);
  await peersLeft(radio, 0);
  assertEquals(radio.memberCount, 0);
  dish.leave("a");
  dish.join("c");
  await radio.bind(endpoint);
  await radio.waitForMembers(1, { group: "c", ...patient });
  for (const group of ["a", "b", "c"]) await radio.send("x", { group });
  assertEquals([await take(dish), await take(dish)], [["b", "x"], ["c", "x"]]);
});

/** Registers a test with an endpoint that a raw peer can connect to. */
function withPeer(name: string, test: (endpoint: string) => Promise<void>): void {
  Deno.test(name, async () => {
    using directory = new TempDirectory();
    await within(test(`ipc://${directory.at("s")}`), name);
  });
}

withPeer("mock: RADIO understands JOIN and LEAVE, and nothing else", async (endpoint) => {
  await using radio = new zmq.Radio();
  await radio.bind(endpoint);
  using peer = await RawPeer.connect(endpoint, "DISH");
  await peer.command("SUBSCRIBE", "g");
  await peer.command("JOIN", "h");
  await peer.message("\x01g");
  await peer.command("LEAVE", "never joined");
  await radio.waitForMembers(1, { group: "h", ...patient });
  await radio.send("dropped", { group: "g" });
  await radio.send("body", { group: "h" });
  assertEquals([await peer.receive(), await peer.receive()], [[1, "h"], [0, "body"]]);
  await peer.command("LEAVE", "h");
  await peer.command("JOIN", "i");
  await radio.waitForMembers(1, { group: "i", ...patient });
  await radio.send("left", { group: "h" });
  await radio.send("", { group: "i" });
  assertEquals([await peer.receive(), await peer.receive()], [[1, "i"], [0, ""]]);
});

withPeer("mock: DISH says JOIN and LEAVE, and drops what it did not ask for", async (endpoint) => {
  const listener = Deno.listen({ transport: "unix", path: endpoint.slice("ipc://".length) });
  using _ = { [Symbol.dispose]: () => listener.close() };
  await using dish = new zmq.Dish();
  dish.join("a");
  dish.connect(endpoint);
  using peer = await RawPeer.accept(listener, "RADIO");
  assertEquals(await peer.receive(), [4, "\x04JOINa"]);
  dish.join("b");
  dish.leave("a");
  assertEquals([await peer.receive(), await peer.receive()], [[4, "\x04JOINb"], [4, "\x05LEAVEa"]]);
  await peer.message("a", "left");
  await peer.message("b");
  await peer.message("b", "too", "many");
  await peer.message("bb", "not the group");
  await peer.message("b", "body");
  assertEquals(await take(dish), ["b", "body"]);
  assertEquals(dish.tryReceive(), null);
});

Deno.test("radio/dish: a stream of what comes can be piped into another radio", async () => {
  await using radio = new zmq.Radio();
  await using dish = new zmq.Dish();
  await using relay = new zmq.Radio();
  await using last = new zmq.Dish();
  dish.join("g");
  last.join("g");
  await join(radio, "inproc://radio-streams-a", dish);
  await join(relay, "inproc://radio-streams-b", last);
  await Promise.all([radio, relay].map((each) => each.waitForMembers(1, patient)));
  const piping = dish.readableStream().pipeTo(relay.writableStream());
  await radio.send("x", { group: "g" });
  assertEquals(await take(last), ["g", "x"]);
  dish.close();
  await piping;
});

// libzmq looks at the groups when a message is received, as a SUB looks at its subscriptions.
overTransports("radio/dish: what waits of a group that is left is not received", async (fresh) => {
  await using radio = new Radio();
  await using dish = new Dish();
  await join(radio, fresh(), dish);
  dish.join("left", "kept");
  await radio.waitForMembers(1, { group: "kept", ...patient });
  await radio.waitForMembers(1, { group: "left", ...patient });
  for (let i = 0; i < 3; i++) await radio.send("not this", { group: "left" });
  await radio.send("this", { group: "kept" });
  await until(() => dish.readable);
  dish.leave("left");
  assertEquals(await take(dish), ["kept", "this"]);
  assertEquals(dish.tryReceive(), null);
});
