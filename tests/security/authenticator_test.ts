import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Authenticator, Context, curveKeyPair, Dealer, Request } from "../../mod.ts";
import { Log, next, rejectsCode } from "../api/support.ts";
import { TempDirectory } from "../support/temp.ts";
import { Ends } from "./support.ts";

/** A key and its text: the example of RFC 32, four times over. */
const KEY = Uint8Array.from({ length: 32 }, (_, i) => [0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b][i % 8]!);
const KEY_TEXT = "HelloWorld".repeat(4);
const OTHER_TEXT = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

/** What an authenticator says of a peer: status, text and user id. */
async function ask(context: Context, ...request: (string | Uint8Array)[]): Promise<string[]> {
  await using socket = new Request({ context });
  socket.connect("inproc://zeromq.zap.01");
  await socket.send(["1.0", "7", ...request]);
  const [version, id, status, text, userId, metadata, ...more] = await next(socket);
  assertEquals([version, id, metadata, more], ["1.0", "7", "", []]);
  return [status!, text!, userId!];
}

/** An authenticator that answers. */
async function started(): Promise<{ context: Context; authenticator: Authenticator }> {
  const context = new Context();
  const authenticator = new Authenticator({ context });
  await authenticator.start();
  return { context, authenticator };
}

Deno.test("Authenticator: user names and passwords, by domain", async () => {
  const { context, authenticator } = await started();
  await using _ = authenticator;
  const plain = (domain: string, ...credentials: string[]) =>
    ask(context, domain, "127.0.0.1", "", "PLAIN", ...credentials);
  assertEquals(await plain("", "admin", "secret"), ["400", "Invalid domain", ""]);
  authenticator.configurePlain("*", { admin: "secret", guest: "" });
  authenticator.configurePlain("office", new Map([["anna", "tulip"]]));
  assertEquals(await plain("", "admin", "secret"), ["200", "OK", "admin"]);
  assertEquals(await plain("anywhere", "guest", ""), ["200", "OK", "guest"]);
  for (
    const [user, password] of [["admin", "secre"], ["admin", "secret!"], ["nobody", ""], ["__proto__", ""]] as const
  ) {
    assertEquals(await plain("", user, password), ["400", "Invalid username or password", ""]);
  }
  assertEquals(await plain("office", "anna", "tulip"), ["200", "OK", "anna"]);
  assertEquals((await plain("office", "admin", "secret"))[0], "400");
  assertEquals(await plain("", "admin"), ["400", "Invalid credentials", ""]);
  authenticator.configurePlain("office", {});
  assertEquals((await plain("office", "anna", "tulip"))[0], "400");
});

Deno.test("Authenticator: addresses are allowed or denied, before anything else counts", async () => {
  const { context, authenticator } = await started();
  await using _ = authenticator;
  const from = (address: string) => ask(context, "", address, "", "NULL");
  assertEquals(await from("127.0.0.1"), ["200", "OK", "anonymous"]);
  authenticator.deny("10.0.0.1", "localhost");
  assertEquals(await from("10.0.0.1"), ["400", "Address denied", ""]);
  assertEquals((await from("localhost:1000:1000:77"))[0], "400");
  assertEquals((await from("10.0.0.11"))[0], "200");
  assertThrows(() => authenticator.allow("127.0.0.1"), TypeError, "Cannot allow addresses");

  const strict = await started();
  await using _strict = strict.authenticator;
  strict.authenticator.allow("127.0.0.1");
  strict.authenticator.allow("localhost");
  strict.authenticator.configurePlain("*", { admin: "secret" });
  const check = async (address: string, ...more: string[]) =>
    (await ask(strict.context, "", address, "", ...more)).slice(0, 2);
  assertEquals(await check("127.0.0.1", "NULL"), ["200", "OK"]);
  assertEquals(await check("localhost", "NULL"), ["200", "OK"]);
  assertEquals(await check("localhost:0:0:1", "NULL"), ["200", "OK"]);
  assertEquals(await check("127.0.0.2", "NULL"), ["400", "Address not allowed"]);
  assertEquals(await check("127.0.0.2", "PLAIN", "admin", "secret"), ["400", "Address not allowed"]);
  assertEquals(await check("127.0.0.1", "PLAIN", "admin", "guess"), ["400", "Invalid username or password"]);
  assertThrows(() => strict.authenticator.deny("127.0.0.1"), TypeError, "Cannot deny addresses");
});

Deno.test("Authenticator: an address counts however it is written, and so do ranges of them", async () => {
  const { context, authenticator } = await started();
  await using _ = authenticator;
  const from = async (address: string) => (await ask(context, "", address, "", "NULL"))[0];
  authenticator.deny("10.0.0.1", "192.168.0.0/16", "2001:DB8:0::1");
  // What a tcp socket with `ipv6` says of an IPv4 peer.
  for (const address of ["10.0.0.1", "::ffff:10.0.0.1", "::ffff:192.168.7.7", "2001:db8::1"]) {
    assertEquals([address, await from(address)], [address, "400"]);
  }
  for (const address of ["10.0.0.2", "::ffff:10.0.0.2", "192.169.0.1", "2001:db8::2", "", "localhost"]) {
    assertEquals([address, await from(address)], [address, "200"]);
  }
});

Deno.test("Authenticator: denies an IPv4 peer of a socket for IPv6 and IPv4", async () => {
  const { context, authenticator } = await started();
  await using _ = authenticator;
  authenticator.deny("127.0.0.1");
  await using ends = new Ends(context, { ipv6: true, zapDomain: "test" }, {});
  const log = new Log(ends.client);
  await ends.server.bind("tcp://*:*");
  ends.client.connect(`tcp://127.0.0.1:${ends.server.lastEndpoint!.split(":").at(-1)}`);
  await log.wait("handshake:error:auth");
  assertEquals(ends.server.peerCount, 0);
});

Deno.test("Authenticator: what it cannot make sense of it says at once, and without a secret", async () => {
  const authenticator = new Authenticator({ context: new Context() });
  const wrong = (value: unknown) => value as string;
  assertThrows(() => authenticator.allow(), TypeError, "none");
  assertThrows(() => authenticator.deny(), TypeError, "none");
  assertThrows(() => authenticator.deny(wrong(["10.0.0.1"])), TypeError, "string");
  assertThrows(() => authenticator.allow(wrong(1)), TypeError, "string");
  assertThrows(() => authenticator.deny("10.0.0.1", ""), RangeError, "empty");
  for (const password of [null, undefined, 1, ["secret"]]) {
    assertThrows(() => authenticator.configurePlain("*", { admin: wrong(password) }), TypeError, '"admin"');
  }
  assertThrows(() => authenticator.configurePlain("*", new Map([[wrong(1), "secret"]])), TypeError, "user name");
  assertThrows(() => authenticator.configurePlain(wrong(undefined), {}), TypeError, "domain");
  await assertRejects(() => authenticator.configureCurve(wrong(undefined), "*"), TypeError, "domain");
  // Text of 40 characters that stands for more than 32 bytes: no peer can have such a key.
  await assertRejects(() => authenticator.configureCurve("*", ["#".repeat(40)]), RangeError, "Z85");
  const { secretKey } = curveKeyPair();
  const error = await assertRejects(() => authenticator.configureCurve("*", [`${secretKey}x`]), RangeError);
  assert(!Deno.inspect(error).includes(secretKey.slice(0, 10)), "a key is not shown, for it may be the wrong one");
});

Deno.test("Authenticator: of two calls the later one counts, also when the earlier one takes longer", async () => {
  const { context, authenticator } = await started();
  await using _ = authenticator;
  using directory = new TempDirectory();
  Deno.writeTextFileSync(directory.at("revoked.key"), `curve\n    public-key = "${KEY_TEXT}"\n`);
  const earlier = authenticator.configureCurve("*", directory.at("revoked.key"));
  await authenticator.configureCurve("*", [OTHER_TEXT]);
  await earlier;
  assertEquals((await ask(context, "", "", "", "CURVE", KEY))[1], "Unknown key");
  // One that fails has never counted.
  const good = authenticator.configureCurve("*", directory.at("revoked.key"));
  await assertRejects(() => authenticator.configureCurve("*", directory.at("missing")));
  await good;
  assertEquals((await ask(context, "", "", "", "CURVE", KEY))[0], "200");
});

Deno.test("Authenticator: a folder as Kubernetes mounts secrets, with links to folders and to files", async () => {
  const { context, authenticator } = await started();
  await using _ = authenticator;
  using directory = new TempDirectory();
  Deno.mkdirSync(directory.at("..2026"));
  Deno.writeTextFileSync(directory.at("..2026/client.key"), `curve\n    public-key = "${KEY_TEXT}"\n`);
  Deno.symlinkSync("..2026", directory.at("..data"));
  Deno.symlinkSync("..data/client.key", directory.at("client.key"));
  await authenticator.configureCurve("*", directory.at("client.key").slice(0, -"/client.key".length));
  assertEquals((await ask(context, "", "", "", "CURVE", KEY))[0], "200");
});

Deno.test("Authenticator: public keys, in every form", async () => {
  const { context, authenticator } = await started();
  await using _ = authenticator;
  const curve = (key: Uint8Array, domain = "") => ask(context, domain, "127.0.0.1", "", "CURVE", key);
  assertEquals(await curve(KEY), ["400", "Unknown domain", ""]);
  await authenticator.configureCurve("*", [KEY]);
  assertEquals(await curve(KEY), ["200", "OK", KEY_TEXT]);
  assertEquals(await curve(KEY.toReversed()), ["400", "Unknown key", ""]);
  await authenticator.configureCurve("*", new Set([OTHER_TEXT]));
  assertEquals((await curve(KEY))[1], "Unknown key");
  await authenticator.configureCurve("office", [OTHER_TEXT, KEY_TEXT]);
  assertEquals((await curve(KEY, "office"))[0], "200");
  await authenticator.configureCurve("*", "*");
  assertEquals((await curve(KEY.toReversed()))[0], "200");
  assertEquals(await curve(KEY.subarray(1)), ["400", "Invalid credentials", ""]);
  await assertRejects(() => authenticator.configureCurve("*", [KEY.subarray(1)]), RangeError, "32 bytes");
  await assertRejects(() => authenticator.configureCurve("*", [`${KEY_TEXT}x`]), RangeError, "Z85");
  await assertRejects(() => authenticator.configureCurve("*", ["~".repeat(40)]), RangeError, "Z85");
  await assertRejects(() => authenticator.configureCurve("*", [7 as unknown as string]), TypeError);
});

Deno.test("Authenticator: public keys from certificates of pyzmq and CZMQ", async () => {
  const { context, authenticator } = await started();
  await using _ = authenticator;
  using directory = new TempDirectory();
  const pyzmq = `#   ****  Generated on 2026-01-01 by pyzmq  ****
#   ZeroMQ CURVE Public Certificate
#   public-key = "${OTHER_TEXT}"

metadata
    public-key = "no key"
curve
    public-key = "${KEY_TEXT}"
`;
  const czmq =
    `#   ZeroMQ CURVE Public Certificate\r\nmetadata\r\n    name = "x"\r\ncurve\r\n    public-key = "${OTHER_TEXT}"\r\n`;
  Deno.writeTextFileSync(directory.at("client.key"), pyzmq);
  Deno.writeTextFileSync(directory.at("other #1.txt"), czmq);
  Deno.writeTextFileSync(directory.at("README"), 'curve\n    nothing = "here"\n');
  Deno.writeTextFileSync(directory.at("third.key_secret"), `curve\n    public-key = "${"0".repeat(40)}"\n`);
  Deno.mkdirSync(directory.at("sub"));
  const curve = async (key: Uint8Array) => (await ask(context, "", "", "", "CURVE", key))[0];
  const url = new URL(`file://${directory.at("client.key").slice(0, -"/client.key".length)}`);
  for (const location of [url.pathname, url, new URL(`${url}/`)]) {
    await authenticator.configureCurve("*", location);
    assertEquals([await curve(KEY), await curve(new Uint8Array(32))], ["200", "400"]);
    const other = Uint8Array.fromHex("54fcba24e93249969316fb617c872bb0c1d1ff14800427c594cbfacf1bc2d652");
    assertEquals(await curve(other), "200");
  }
  await authenticator.configureCurve("*", directory.at("client.key"));
  assertEquals(await curve(KEY), "200");
  await assertRejects(() => authenticator.configureCurve("*", directory.at("README")), RangeError, "no public key");
  await assertRejects(() => authenticator.configureCurve("*", directory.at("missing")), Deno.errors.NotFound);
  Deno.writeTextFileSync(directory.at("bad.key"), 'curve\n    public-key = "short"\n');
  await assertRejects(() => authenticator.configureCurve("*", url), RangeError, "Z85");
  assertEquals(await curve(KEY), "200", "what was known before stays so");
});

Deno.test("Authenticator: what it does not understand it refuses", async () => {
  const { context, authenticator } = await started();
  await using _ = authenticator;
  assertEquals(await ask(context, "", "", "", "GSSAPI", "x"), ["400", "Security mechanism not supported", ""]);
  await using socket = new Dealer({ context });
  socket.connect("inproc://zeromq.zap.01");
  await socket.send(["no empty frame"]);
  await socket.send([null, "1.0"]);
  await socket.send([null, "2.0", "1", "", "", "", "NULL"]);
  assertEquals((await next(socket)).slice(0, 4), ["", "1.0", "1", "500"]);
  await socket.send(["way", "back", null, "1.0", "2", "", ""]);
  assertEquals((await next(socket)).slice(0, 6), ["way", "back", "", "1.0", "2", "500"]);
});

Deno.test("Authenticator: starts and stops, one at a time", async () => {
  const context = new Context();
  await using first = new Authenticator({ context });
  await using second = new Authenticator({ context });
  assertEquals(first.running, false);
  await first.start();
  await first.start();
  assertEquals(first.running, true);
  await rejectsCode(() => second.start(), "EADDRINUSE");
  assertEquals(second.running, false);
  await first.stop();
  await first.stop();
  await second.start();
  assertEquals([first.running, second.running], [false, true]);
  assertEquals((await ask(context, "", "", "", "NULL"))[0], "200");
});

Deno.test("Authenticator: decides who may talk to sockets, while it runs", async () => {
  const { context, authenticator } = await started();
  authenticator.configurePlain("*", { admin: "secret" });
  authenticator.allow("localhost");
  const server = { plainServer: true };
  {
    await using ends = new Ends(context, server, { plainUsername: "admin", plainPassword: "secret" });
    await ends.join("ipc://*");
    assertEquals(await ends.bounce(), ["there", "back"]);
    await authenticator.stop();
    assertEquals(await ends.bounce(), ["there", "back"]);
    const log = new Log(ends.server);
    await using late = new Dealer({ context, linger: 0, plainUsername: "admin", plainPassword: "secret" });
    late.connect(ends.server.lastEndpoint!);
    await log.wait("handshake:error:other");
    await authenticator.start();
    await log.wait("handshake");
  }
  await using ends = new Ends(context, server, { plainUsername: "admin", plainPassword: "guess" });
  const log = new Log(ends.client);
  await ends.join("ipc://*");
  assert((await log.wait("handshake:error:auth")).error!.message.includes("400"));
  authenticator[Symbol.dispose]();
  assertEquals(authenticator.running, false);
});
