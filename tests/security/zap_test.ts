import { assert, assertEquals } from "@std/assert";
import { Context, Dealer } from "../../mod.ts";
import { spaceOf } from "../../sockets/context.ts";
import { ZAP_NAME } from "../../sockets/zap.ts";
import { ProtocolError, ProtocolErrorValue as Value } from "../../zmtp/error.ts";
import { Log, until } from "../api/support.ts";
import { Raw } from "../api/raw.ts";
import { within } from "../support/deadline.ts";
import { overWires } from "../support/transports.ts";
import { admit, Ends, Handler, OpenHandler, type ZapReply, type ZapRequest } from "./support.ts";

const SERVER = { plainServer: true };
const CLIENT = { plainUsername: "admin", plainPassword: "secret" };

/** What the error of an event says, as far as programs look at it. */
function detail(error: Error | undefined): unknown[] {
  assert(error instanceof ProtocolError, String(error));
  return [error.kind, error.value, error.status];
}

// libzmq: test_security_plain, test_security_zap
overWires(
  "PLAIN: with the right password peers get through, and the handler knows whom it deals with",
  async (fresh) => {
    const context = new Context();
    await using handler = await Handler.bind(context, admit);
    await using ends = new Ends(context, { ...SERVER, zapDomain: "test", routingId: "IDENT" }, CLIENT);
    const [server, client] = [new Log(ends.server), new Log(ends.client)];
    await ends.join(fresh());
    assertEquals(await ends.bounce(), ["there", "back"]);
    ends.client.close();
    await server.wait("disconnect");
    ends.server.close();
    assertEquals(await server.end(), ["bind", "accept", "handshake", "disconnect", "close", "end"]);
    assertEquals((await client.end()).filter((type) => type !== "connect:delay"), [
      "connect",
      "handshake",
      "disconnect",
      "end",
    ]);
    const [request, ...others] = handler.requests;
    assertEquals(others, []);
    assert(request!.address !== "" && request!.id !== "");
    assertEquals(request, {
      version: "1.0",
      id: request!.id,
      domain: "test",
      address: request!.address,
      routingId: "IDENT",
      mechanism: "PLAIN",
      credentials: ["admin", "secret"],
    });
  },
);

for (const [status, wrong] of [["400", "password"], ["500", "handler"]] as const) {
  overWires(`PLAIN: a wrong ${wrong} is an event on both sides, and no other attempt is made`, async (fresh) => {
    const context = new Context();
    const respond = (request: ZapRequest): ZapReply => status === "500" ? { status, text: "Down" } : admit(request);
    await using handler = await Handler.bind(context, respond);
    await using ends = new Ends(context, SERVER, { ...CLIENT, plainPassword: "guess", reconnectInterval: 1 });
    const [server, client] = [new Log(ends.server), new Log(ends.client)];
    await ends.join(fresh());
    const there = await server.wait("handshake:error:auth");
    const here = await client.wait("handshake:error:auth");
    assertEquals(detail(there.error), ["refused", undefined, Number(status)]);
    assertEquals(detail(here.error), ["peer-error", undefined, Number(status)]);
    assert(there.error!.message.includes(status === "500" ? "500 Down" : "400 Invalid username or password"));
    // Longer than the wait before another attempt would be.
    await new Promise((resolve) => setTimeout(resolve, 50));
    ends.client.close();
    ends.server.close();
    const refused = ["handshake:error:auth", "disconnect"];
    assertEquals(await server.end(), ["bind", "accept", ...refused, "close", "end"]);
    assertEquals(client.types.filter((type) => type !== "connect:delay"), ["connect", ...refused, "end"]);
    assertEquals([handler.requests.length, ends.server.peerCount], [1, 0]);
  });
}

overWires(
  "PLAIN: status 300 is an event of the server, and tells the peer nothing before its time is over",
  async (fresh) => {
    const context = new Context();
    let status = "300";
    await using _handler = await Handler.bind(context, () => ({ status, text: "Later" }));
    await using ends = new Ends(context, SERVER, { ...CLIENT, handshakeInterval: 300 });
    const [server, client] = [new Log(ends.server), new Log(ends.client)];
    await ends.join(fresh());
    const { error } = await server.wait("handshake:error:auth");
    assertEquals([detail(error), error!.message.endsWith("300 Later")], [["refused", undefined, 300], true]);
    assertEquals(client.count("handshake:error:other"), 0);
    status = "200";
    assertEquals(detail((await client.wait("handshake:error:other")).error)[0], "handshake-timeout");
    assertEquals(await ends.bounce(), ["there", "back"]);
    const expected = ["bind", "accept", "handshake:error:auth", "disconnect", "accept", "handshake"];
    assertEquals(server.types.slice(0, 6), expected);
  },
);

const malformed: [name: string, value: number, reply: ZapReply | Uint8Array[]][] = [
  ["too many frames", Value.ZAP_MALFORMED_REPLY, { more: [""] }],
  ["too few frames", Value.ZAP_MALFORMED_REPLY, [new Uint8Array(1)]],
  ["another version", Value.ZAP_BAD_VERSION, { version: "1.1" }],
  ["no version", Value.ZAP_BAD_VERSION, { version: "" }],
  ["the id of another request", Value.ZAP_BAD_REQUEST_ID, { id: "invalid" }],
  ["a status that is none", Value.ZAP_INVALID_STATUS_CODE, { status: "invalid" }],
  ["status 201", Value.ZAP_INVALID_STATUS_CODE, { status: "201" }],
  ["status 600", Value.ZAP_INVALID_STATUS_CODE, { status: "600" }],
  ["status 100", Value.ZAP_INVALID_STATUS_CODE, { status: "100" }],
  ["a status after a byte order mark", Value.ZAP_INVALID_STATUS_CODE, { status: "\ufeff200" }],
  ["a version after a byte order mark", Value.ZAP_BAD_VERSION, { version: "\ufeff1.0" }],
  ["an empty status", Value.ZAP_INVALID_STATUS_CODE, { status: "" }],
  ["metadata cut short", Value.ZAP_INVALID_METADATA, { metadata: new Uint8Array([5, 104, 105]) }],
];

// libzmq: test_security_zap (malformed replies)
overWires("ZAP: each malformed reply costs its own connection, and says what is wrong", async (fresh) => {
  const context = new Context();
  let reply: ZapReply | Uint8Array[] = {};
  await using _handler = await Handler.bind(context, () => reply);
  for (const options of [{ server: SERVER, client: CLIENT }, { server: { zapDomain: "test" }, client: {} }]) {
    for (const [name, value, nonsense] of malformed) {
      reply = nonsense;
      await using ends = new Ends(context, options.server, { ...options.client, reconnectInterval: -1 });
      const server = new Log(ends.server);
      await ends.join(fresh());
      assertEquals(
        detail((await server.wait("handshake:error:protocol")).error),
        ["authenticator", value, undefined],
        name,
      );
      ends.server.close();
      const failed = ["handshake:error:protocol", "disconnect"];
      assertEquals(await server.end(), ["bind", "accept", ...failed, "close", "end"], name);
    }
  }
  reply = {};
  await using ends = new Ends(context, SERVER, CLIENT);
  await ends.join(fresh());
  assertEquals(await ends.bounce(), ["there", "back"]);
});

Deno.test("ZAP: a Router may forget the empty frame", async () => {
  const context = new Context();
  await using handler = await OpenHandler.bind(context);
  await using ends = new Ends(context, SERVER, CLIENT);
  const server = new Log(ends.server);
  await ends.join("ipc://*");
  const [who] = await within(handler.socket.receive(), "the request");
  await handler.socket.send([who!, "x", "1.0", "1", "200", "", "", ""]);
  const { error } = await server.wait("handshake:error:protocol");
  assertEquals(detail(error), ["authenticator", Value.ZAP_UNSPECIFIED, undefined]);
});

// libzmq: test_security_no_zap_handler
overWires("PLAIN: without a handler everybody is refused, and gets in once there is one", async (fresh) => {
  const context = new Context();
  await using ends = new Ends(context, SERVER, CLIENT);
  const [server, client] = [new Log(ends.server), new Log(ends.client)];
  await ends.join(fresh());
  const { error } = await server.wait("handshake:error:other", 2);
  assertEquals([...detail(error), (error as ProtocolError).code], ["no-authenticator", undefined, undefined, "EFAULT"]);
  await client.wait("connect:retry", 2);
  assertEquals(ends.server.peerCount, 0);
  await using handler = await Handler.bind(context, admit);
  assertEquals(await ends.bounce(), ["there", "back"]);
  assertEquals(handler.requests.length, 1);
});

overWires("PLAIN: the server may be the one that connects, and tries again until there is a handler", async (fresh) => {
  const context = new Context();
  await using listening = new Dealer({ context, linger: 0, ...CLIENT });
  await using server = new Dealer({ context, linger: 0, reconnectInterval: 10, ...SERVER });
  const log = new Log(server);
  await listening.bind(fresh());
  server.connect(listening.lastEndpoint!);
  await log.wait("connect:retry", 2);
  await using _handler = await Handler.bind(context, admit);
  await server.send("hello");
  assertEquals(new TextDecoder().decode((await within(listening.receive(), "hello"))[0]), "hello");
});

Deno.test("ZAP: with a domain to enforce, but none to ask for, PLAIN refuses everybody", async () => {
  const context = new Context();
  await using handler = await Handler.bind(context);
  await using ends = new Ends(context, { ...SERVER, zapEnforceDomain: true }, CLIENT);
  const server = new Log(ends.server);
  await ends.join("ipc://*");
  assertEquals(detail((await server.wait("handshake:error:other")).error)[0], "no-authenticator");
  assertEquals(handler.requests, []);
});

overWires("ZAP: a handler that goes away without an answer ends the connection", async (fresh) => {
  const context = new Context();
  await using ends = new Ends(context, SERVER, CLIENT);
  const server = new Log(ends.server);
  {
    await using handler = await OpenHandler.bind(context);
    await ends.join(fresh());
    await handler.next();
  }
  const { error } = await server.wait("handshake:error:other");
  assertEquals([...detail(error), (error as ProtocolError).code], ["no-authenticator", undefined, undefined, "EFAULT"]);
  await using _handler = await Handler.bind(context, admit);
  assertEquals(await ends.bounce(), ["there", "back"]);
});

overWires("ZAP: a handler that does not answer has as long as a handshake takes", async (fresh) => {
  const context = new Context();
  await using handler = await OpenHandler.bind(context);
  await using ends = new Ends(context, { ...SERVER, handshakeInterval: 100 }, CLIENT);
  const server = new Log(ends.server);
  await ends.join(fresh());
  const late = await handler.next();
  assertEquals(detail((await server.wait("handshake:error:other")).error)[0], "handshake-timeout");
  // Nobody is there to hear it.
  await late.answer({});
  await (await handler.next()).answer({});
  await server.wait("handshake");
  assertEquals(server.count("handshake"), 1);
});

// libzmq: test_security_null
overWires(
  "NULL: asks about peers only with a domain, and does without a handler unless it is enforced",
  async (fresh) => {
    const context = new Context();
    {
      await using ends = new Ends(context, { zapDomain: "test" }, {});
      await ends.join(fresh());
      assertEquals(await ends.bounce(), ["there", "back"]);
    }
    {
      await using ends = new Ends(context, { zapDomain: "test", zapEnforceDomain: true }, {});
      const server = new Log(ends.server);
      await ends.join(fresh());
      assertEquals(detail((await server.wait("handshake:error:other")).error)[0], "no-authenticator");
    }
    const known = (request: ZapRequest): ZapReply => request.domain === "test" ? {} : { status: "400" };
    await using handler = await Handler.bind(context, known);
    {
      await using ends = new Ends(context, {}, {});
      await ends.join(fresh());
      assertEquals(await ends.bounce(), ["there", "back"]);
      assertEquals(handler.requests, []);
    }
    {
      await using ends = new Ends(context, { zapDomain: "test", zapEnforceDomain: true }, {});
      await ends.join(fresh());
      assertEquals(await ends.bounce(), ["there", "back"]);
      assertEquals(handler.requests.map(({ mechanism, credentials }) => [mechanism, credentials]), [["NULL", []]]);
    }
    await using ends = new Ends(context, { zapDomain: "elsewhere" }, {});
    const [server, client] = [new Log(ends.server), new Log(ends.client)];
    await ends.join(fresh());
    assertEquals(detail((await server.wait("handshake:error:auth")).error), ["refused", undefined, 400]);
    assertEquals(detail((await client.wait("handshake:error:auth")).error), ["peer-error", undefined, 400]);
  },
);

overWires("options act for later endpoints only", async (fresh) => {
  const context = new Context();
  await using _handler = await Handler.bind(context, admit);
  await using server = new Dealer({ context, linger: 0 });
  const [open, closed] = [fresh(), fresh()];
  await server.bind(open);
  server.plainServer = true;
  await server.bind(closed);
  await using client = new Dealer({ context, linger: 0 });
  const log = new Log(client);
  client.connect(open);
  await log.wait("handshake");
  client.connect(closed);
  assertEquals(detail((await log.wait("handshake:error:protocol")).error), [
    "mechanism-mismatch",
    Value.MECHANISM_MISMATCH,
    undefined,
  ]);
  Object.assign(client, CLIENT);
  client.disconnect(open);
  client.connect(closed);
  await log.wait("handshake", 2);
});

Deno.test("ZAP: many peers are asked about at a time, and each gets the answer that is its own", async () => {
  const context = new Context();
  await using handler = await OpenHandler.bind(context);
  await using server = new Dealer({ context, linger: 0, ...SERVER });
  const log = new Log(server);
  await server.bind("ipc://*");
  const clients = Array.from({ length: 20 }, (_, i) => {
    const client = new Dealer({ context, linger: 0, plainUsername: `${i}`, plainPassword: "x" });
    client.connect(server.lastEndpoint!);
    return { client, log: new Log(client) };
  });
  try {
    const requests = [];
    for (const _ of clients) requests.push(await handler.next());
    assertEquals(new Set(requests.map(({ request }) => request.id)).size, clients.length);
    for (const { request, answer } of requests.reverse()) {
      await answer({ status: Number(request.credentials[0]) % 2 === 0 ? "200" : "400" });
    }
    await Promise.all(clients.map(({ log }, i) => log.wait(i % 2 === 0 ? "handshake" : "handshake:error:auth")));
    await until(() => server.peerCount === 10, "those that are welcome");
    assertEquals([log.count("handshake"), log.count("handshake:error:auth")], [10, 10]);
  } finally {
    await Promise.all(clients.map(({ client }) => client[Symbol.asyncDispose]()));
  }
});

Deno.test("ZAP: a peer that leaves before the answer leaves nothing behind", async () => {
  const context = new Context();
  await using handler = await OpenHandler.bind(context);
  await using ends = new Ends(context, SERVER, CLIENT);
  const server = new Log(ends.server);
  await ends.join("ipc://*");
  const { answer } = await handler.next();
  assertEquals(handler.socket.peerCount, 1);
  ends.client.close();
  await server.wait("handshake:error:other");
  await until(() => handler.socket.peerCount === 0, "the question is given up");
  await answer({});
  assertEquals(server.types, ["bind", "accept", "handshake:error:other", "disconnect"]);
});

Deno.test("ZAP: a question that is given up before a handler takes it leaves nothing behind", async () => {
  const context = new Context();
  const space = spaceOf(context);
  let met = 0;
  // Bound, but too busy to take anybody.
  space.bind(ZAP_NAME, { meet: () => met++, welcome() {}, evict() {} });
  await using ends = new Ends(context, { ...SERVER, handshakeInterval: 50 }, { ...CLIENT, reconnectInterval: -1 });
  const server = new Log(ends.server);
  await ends.join("ipc://*");
  assertEquals(detail((await server.wait("handshake:error:other")).error)[0], "handshake-timeout");
  space.open(ZAP_NAME);
  assertEquals(met, 0);
});

Deno.test("ZAP: a question that cannot be asked costs the connection that it is about", async () => {
  const context = new Context();
  const cause = new Error("no locks");
  spaceOf(context).isBound = () => Promise.reject(cause);
  await using ends = new Ends(context, { zapDomain: "test" }, { reconnectInterval: -1 });
  const server = new Log(ends.server);
  await ends.join("ipc://*");
  const { error } = await server.wait("handshake:error:other");
  assertEquals([detail(error)[0], error!.cause], ["no-authenticator", cause]);
});

Deno.test("PLAIN: peers of old versions and those that break the order get nothing through", async () => {
  const context = new Context();
  await using _handler = await Handler.bind(context, admit);
  await using ends = new Ends(context, SERVER, CLIENT);
  const server = new Log(ends.server);
  await ends.server.bind("ipc://*");
  const greeting = new Uint8Array(64);
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 1, ...new TextEncoder().encode("PLAIN")]);
  const openings: [Uint8Array, string][] = [
    [Uint8Array.of(1, 0, 8, 0, ...new TextEncoder().encode("sneaky!")), "old-version"],
    [Uint8Array.of(...greeting, 4, 7, 5, ...new TextEncoder().encode("HELLO"), 1), "malformed-command"],
    [Uint8Array.of(...greeting, 4, 9, 8, ...new TextEncoder().encode("INITIATE")), "unexpected-command"],
    [Uint8Array.of(...greeting, 0, 6, ...new TextEncoder().encode("sneaky")), "unexpected-command"],
  ];
  let count = 0;
  for (const [bytes, kind] of openings) {
    using raw = await Raw.connect(ends.server.lastEndpoint!);
    await raw.write(bytes);
    assertEquals(detail((await server.wait("handshake:error:protocol", ++count)).error)[0], kind);
    await raw.closed();
  }
  ends.client.connect(ends.server.lastEndpoint!);
  assertEquals(await ends.bounce(), ["there", "back"]);
});
