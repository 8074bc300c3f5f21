import { assert, assertEquals } from "@std/assert";
import { Dealer, Pull, Push, Reply, Router } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { Log, next, Pipeline, until } from "./support.ts";
import { command, greeting, message, Proxy, random, Raw, RawServer, ready } from "./raw.ts";

/** What a message of the proxy test holds: its number, then bytes that follow from it, in up to three frames. */
function compose(serial: number, roll: () => number): Uint8Array[] {
  const frames = [new TextEncoder().encode(String(serial))];
  for (let count = Math.floor(roll() * 3); count > 0; count--) {
    const size = Math.floor(roll() ** 4 * 100_000);
    frames.push(new Uint8Array(size).fill((serial + count) & 255));
  }
  frames.push(Uint8Array.of(frames.length + 1));
  return frames;
}

/** The number of a message that arrived as it was sent. */
function check(frames: Uint8Array[]): number {
  const serial = Number(new TextDecoder().decode(frames[0]));
  assertEquals(Array.from(frames.at(-1)!), [frames.length], `message ${serial} is torn`);
  for (const frame of frames.slice(1, -1)) {
    assert(frame.every((byte) => byte === frame[0]), `message ${serial} is torn`);
  }
  return serial;
}

for (const seed of [1, 2, 3]) {
  Deno.test(`a connection that is cut anywhere tears and repeats nothing (seed ${seed})`, async () => {
    using temp = new TempDirectory();
    const roll = random(seed);
    await using pull = new Pull({ receiveHighWaterMark: 0 });
    await pull.bind(`ipc://${temp.at("behind")}`);
    const total = 400;
    let cutting = true;
    const allowance = () => cutting ? 120 + Math.floor(roll() ** 2 * 300_000) : Infinity;
    await using proxy = new Proxy(`ipc://${temp.at("front")}`, pull.lastEndpoint!, allowance);
    await using push = new Push({ linger: 0, reconnectInterval: 1, sendHighWaterMark: 20 });
    push.connect(`ipc://${temp.at("front")}`);
    const serials: number[] = [];
    const receiving = (async () => {
      for await (const frames of pull) {
        const serial = check(frames);
        serials.push(serial);
        if (serial === total) return;
      }
    })();
    const rolls = random(seed + 100);
    for (let serial = 0; serial < total; serial++) await push.send(compose(serial, rolls));
    cutting = false;
    // What was on its way when the last connection was cut may be lost; what waits until one holds is not.
    const last = setInterval(() => push.trySend(compose(total, rolls)), 20);
    try {
      await within(receiving, `the last message; ${serials.length} came, ${proxy.cuts} cuts`);
    } finally {
      clearInterval(last);
    }
    assert(proxy.cuts >= 5, `${proxy.cuts} cuts`);
    assert(serials.length > total / 4, `${serials.length} messages came`);
    for (let i = 1; i < serials.length; i++) {
      assert(serials[i]! > serials[i - 1]!, `${serials[i]} after ${serials[i - 1]}`);
    }
  });
}

Deno.test("what waits for a connection is kept in order while connections fail", async () => {
  using temp = new TempDirectory();
  using server = new RawServer(`ipc://${temp.at("feed")}`);
  await using push = new Push({ linger: 0, reconnectInterval: 1 });
  push.connect(server.endpoint);
  for (let i = 0; i < 20; i++) await push.send(`${i}`);
  for (const reading of [0, 11, 40, 64]) {
    using raw = await server.accept();
    await raw.write(greeting().subarray(0, Math.max(1, reading)));
    await raw.read(Math.min(reading, 11));
  }
  using raw = await server.accept();
  await raw.shake("PULL");
  for (let i = 0; i < 20; i++) assertEquals(new TextDecoder().decode((await raw.frame()).body), `${i}`);
});

Deno.test("a frame above maxMessageSize ends its connection and no other", async () => {
  await using pull = new Pull({ maxMessageSize: 100 });
  await pull.bind("ipc://*");
  const log = new Log(pull);
  await using small = new Push({ linger: 0 });
  await using large = new Push({ linger: 0 });
  small.connect(pull.lastEndpoint!);
  large.connect(pull.lastEndpoint!);
  await within(pull.waitForPeers(2), "the peers");
  await large.send(new Uint8Array(100));
  assertEquals((await within(pull.receive(), "the largest"))[0]!.length, 100);
  await large.send(["fine", new Uint8Array(101)]);
  const { error } = await log.wait("disconnect");
  assertEquals((error as Error & { code?: string }).code, "EMSGSIZE");
  await small.send("still here");
  assertEquals(await next(pull), ["still here"]);
});

Deno.test("a declared size costs no memory", async () => {
  await using pull = new Pull();
  await pull.bind("ipc://*");
  const log = new Log(pull);
  using raw = await Raw.connect(pull.lastEndpoint!);
  await raw.shake("PUSH");
  const before = Deno.memoryUsage().rss;
  await raw.write(Uint8Array.of(2, 0, 0, 0, 4, 0, 0, 0, 0, 1, 2, 3));
  using other = await Raw.connect(pull.lastEndpoint!);
  await other.shake("PUSH");
  await other.write(message("hello"));
  assertEquals(await next(pull), ["hello"]);
  assert(Deno.memoryUsage().rss - before < 500_000_000);
  await other.write(Uint8Array.of(2, 0x80, 0, 0, 0, 0, 0, 0, 0));
  await other.closed();
  await log.wait("disconnect");
});

for (
  const [name, bytes] of [
    ["ZMTP 1.0", [1, 0]],
    ["ZMTP 1.0 with a long identity", [0xff, 0, 0, 0, 0, 0, 0, 0, 9, 0]],
    ["ZMTP 2.0", [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, 5]],
    ["another protocol", [...new TextEncoder().encode("GET / HTTP/1.1\r\n")]],
    ["another mechanism", [...greeting().with(12, 0x58)]],
    ["another type of socket", [...greeting(), ...ready("SUB")]],
    ["a message before the handshake", [...greeting(), ...message("hello")]],
    ["an unknown command in the handshake", [...greeting(), ...command("HELLO", [1, 2])]],
    ["metadata cut short", [...greeting(), ...command("READY", [11, 1, 2])]],
    ["a refusal", [...greeting(), ...command("ERROR", [3, 98, 97, 100])]],
  ] as const
) {
  Deno.test(`a peer with ${name} is refused and disturbs nobody`, async () => {
    await using pipeline = await Pipeline.make();
    const { pull, push } = pipeline;
    const log = new Log(pull);
    using raw = await Raw.connect(pull.lastEndpoint!);
    await raw.write(Uint8Array.from(bytes));
    const { address, error } = await log.wait("handshake:error:protocol");
    assertEquals(address, pull.lastEndpoint);
    assert(error instanceof Error && error.message.length > 10);
    await raw.closed();
    await push.send("undisturbed");
    assertEquals(await next(pull), ["undisturbed"]);
    assertEquals([pull.peerCount, log.count("handshake")], [1, 0]);
  });
}

Deno.test("random bytes on some connections do not disturb the others", async () => {
  const roll = random(7);
  await using reply = new Reply({ handshakeInterval: 200 });
  await using router = new Router({ handshakeInterval: 200 });
  await using dealer = new Dealer({ linger: 0 });
  await reply.bind("ipc://*");
  await router.bind("ipc://*");
  dealer.connect(reply.lastEndpoint!);
  await within(dealer.waitForPeers(), "the peer");
  for (let round = 0; round < 60; round++) {
    using raw = await Raw.connect((round % 2 === 0 ? reply : router).lastEndpoint!);
    const junk = Uint8Array.from({ length: 1 + Math.floor(roll() * 400) }, () => Math.floor(roll() * 256));
    // Some begin well: with a greeting, or a whole handshake.
    const start = round % 3 === 0 ? [] : round % 3 === 1 ? [greeting()] : [greeting(), ready("DEALER")];
    await raw.write(...start, junk).catch(() => {});
    await dealer.send([null, `${round}`]);
    // What the junk happens to ask is answered, too.
    for (let question = await next(reply);; question = await next(reply)) {
      await reply.send(question);
      if (question[0] === `${round}`) break;
    }
    assertEquals(await next(dealer), ["", `${round}`]);
    router.tryReceiveBatch();
  }
  await until(() => reply.peerCount === 1 && router.peerCount === 0, "the others have gone");
});
