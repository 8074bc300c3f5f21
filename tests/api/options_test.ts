import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as zmq from "../../mod.ts";
import { type Socket, ZmqError } from "../../mod.ts";
import { throwsCode } from "./support.ts";

type Maker = new (options?: Record<string, unknown>) => Socket;

const types: Record<string, { make: Maker; number: number; sends: boolean; receives: boolean }> = {};
for (
  const [name, number, way] of [
    ["Pair", 0, "sr"],
    ["Publisher", 1, "s"],
    ["Subscriber", 2, "r"],
    ["Request", 3, "sr"],
    ["Reply", 4, "sr"],
    ["Dealer", 5, "sr"],
    ["Router", 6, "sr"],
    ["Pull", 7, "r"],
    ["Push", 8, "s"],
    ["XPublisher", 9, "sr"],
    ["XSubscriber", 10, "sr"],
  ] as const
) {
  const make = zmq[name] as unknown as Maker;
  types[name] = { make, number, sends: way.includes("s"), receives: way.includes("r") };
}

/** Reads and writes an option whatever the type of the socket has. */
const at = (socket: Socket): Record<string, unknown> => socket as unknown as Record<string, unknown>;

/** What an option takes: its default, values that are fine, of the wrong type, and out of range. */
interface Row {
  of: string[] | "all" | "sends" | "receives";
  standard?: unknown;
  good: unknown[];
  type: unknown[];
  range: unknown[];
}

const notNumbers = ["1", true, null, undefined, {}, 1n];
const notBooleans = [0, 1, "true", null, undefined, {}];
const number = (of: Row["of"], standard: number, least: number, most = 2147483647): Row => ({
  of,
  standard,
  good: [least, most],
  type: notNumbers,
  range: [least - 1, most + 1, 1.5, NaN, Infinity],
});
const boolean = (...of: string[]): Row => ({ of, good: [true, false], type: notBooleans, range: [] });
const key = (): Row => ({
  of: "all",
  standard: null,
  good: ["JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6", null],
  type: [1, true, undefined, {}, new ArrayBuffer(32)],
  range: [
    "",
    "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh",
    "0".repeat(41),
    "~".repeat(40),
    "#".repeat(40),
    new Uint8Array(31),
  ],
});
const message = (...of: string[]): Row => ({
  of,
  good: ["text", null, ["several", null], new Uint8Array(3)],
  type: [undefined, true, {}, [], [undefined]],
  range: [],
});

const brief: Row = {
  of: "all",
  standard: null,
  good: ["a", "é".repeat(127), "x".repeat(255), null],
  type: [1, true, undefined, {}, new Uint8Array(3)],
  range: ["x".repeat(256)],
};

const numbers = (least: number, most = 2147483647): Row => ({
  of: "all",
  good: [least, most, [least, 7, most], [], null],
  type: ["1", true, undefined, {}, ["1"], [null], 1n, [[1]]],
  range: [least - 1, most + 1, 1.5, NaN, Infinity, [least, -1]],
});

const rows: Record<string, Row> = {
  linger: number("all", -1, -1),
  reconnectInterval: number("all", 100, -1),
  reconnectMaxInterval: number("all", 0, 0),
  immediate: { ...boolean(), of: "all", standard: false },
  metadata: {
    of: "all",
    good: [{}, { "X-a": "b" }, { "X-": "é", [`X-${"y".repeat(253)}`]: " " }, new Map([["X-a.b_c+d-e", "f"]])],
    type: [null, undefined, 1, "X-a:b", { "X-a": 1 }, { "X-a": null }, new Map([[1, "b"]])],
    range: [{ a: "b" }, { "x-a": "b" }, { "X-a": "" }, { "X-a b": "c" }, { "X-é": "b" }, {
      [`X-${"y".repeat(254)}`]: "z",
    }],
  },
  maxMessageSize: number("all", -1, -1, Number.MAX_SAFE_INTEGER),
  handshakeInterval: number("all", 30000, 0),
  backlog: number("all", 100, 0),
  vmciBufferSize: number("all", 0, 0, Number.MAX_SAFE_INTEGER),
  vmciBufferMinSize: number("all", 0, 0, Number.MAX_SAFE_INTEGER),
  vmciBufferMaxSize: number("all", 0, 0, Number.MAX_SAFE_INTEGER),
  vmciConnectTimeout: number("all", -1, -1),
  ipv6: { ...boolean(), of: "all", standard: false },
  connectTimeout: number("all", 0, 0),
  tcpKeepalive: number("all", -1, -1, 1),
  tcpKeepaliveCount: number("all", -1, -1),
  tcpKeepaliveIdle: number("all", -1, -1),
  tcpKeepaliveInterval: number("all", -1, -1),
  tcpMaxRetransmitTimeout: number("all", 0, 0),
  // Filters are read as arrays, whatever they were set to: see tests/transports/tcp_test.ts and ipc_filter_test.ts here.
  tcpAcceptFilter: {
    of: "all",
    good: [["10.0.0.0/8", "::1"], "127.0.0.1", null],
    type: [1, undefined, [1], {}],
    range: [
      "",
      "localhost",
      "1.2.3",
      "1.2.3.256",
      "1.2.3.4/33",
      "::1/129",
      "1.2.3.4/",
      "1.2.3.4/8/8",
      ":::",
      "1::2::3",
    ],
  },
  ipcFilterUid: numbers(0, 4294967294),
  ipcFilterGid: numbers(0, 4294967294),
  ipcFilterPid: numbers(1),
  maxConnections: number("all", 65_536, 0),
  reconnectStop: number("all", 0, 0, 7),
  heartbeatInterval: number("all", 0, 0),
  heartbeatTimeToLive: { ...number("all", 0, 0, 6553599), good: [0, 100, 6553500] },
  heartbeatTimeout: number("all", -1, -1),
  plainServer: { ...boolean(), of: "all", standard: false },
  plainUsername: { ...brief, range: ["", "é".repeat(128)] },
  plainPassword: { ...brief, range: ["", "x".repeat(256)] },
  zapDomain: brief,
  zapEnforceDomain: { ...boolean(), of: "all", standard: false },
  sendHighWaterMark: number("sends", 1000, 0),
  sendTimeout: number("sends", -1, -1),
  receiveHighWaterMark: number("receives", 1000, 0),
  receiveTimeout: number("receives", -1, -1),
  routingId: {
    of: ["Request", "Reply", "Dealer", "Router"],
    standard: null,
    good: ["a", "é".repeat(127), null],
    type: [1, undefined, {}],
    range: ["", "é".repeat(128)],
  },
  notify: { ...number(["Router"], 0, 0, 3) },
  mandatory: boolean("Router"),
  handover: boolean("Router"),
  probeRouter: boolean("Request", "Dealer", "Router"),
  correlate: boolean("Request"),
  relaxed: boolean("Request"),
  conflate: boolean("Push", "Pull", "Publisher", "Subscriber", "Dealer"),
  invertMatching: boolean("Publisher", "Subscriber", "XPublisher"),
  noDrop: boolean("Publisher", "XPublisher"),
  verbosity: {
    of: ["XPublisher"],
    good: [null, "allSubs", "allSubsUnsubs"],
    type: ["all", true, undefined],
    range: [],
  },
  manual: boolean("XPublisher"),
  manualLastValue: boolean("XPublisher"),
  welcomeMessage: { ...message("XPublisher"), good: ["text", null], type: [true, undefined, ["two", "frames"]] },
  maxSubscriptions: number(["Publisher", "XPublisher"], 1_000_000, 0),
  maxSubscriptionBytes: number(["Publisher", "XPublisher"], 67_108_864, 0, Number.MAX_SAFE_INTEGER),
  onlyFirstSubscribe: boolean("Publisher", "XPublisher", "XSubscriber"),
  verboseUnsubscribe: boolean("XSubscriber"),
  helloMessage: message("Dealer", "Router"),
  disconnectMessage: message("Dealer", "Router"),
  hiccupMessage: message("Dealer"),
  curveServer: { ...boolean(), of: "all", standard: false },
  curvePublicKey: key(),
  curveSecretKey: key(),
  curveServerKey: key(),
};

Deno.test("keys of CURVE may be set as bytes and are read as Z85; an option of CURVE is its choice", async () => {
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => i);
  for (const option of ["curvePublicKey", "curveSecretKey", "curveServerKey"] as const) {
    await using pair = new zmq.Pair();
    pair[option] = bytes;
    assertEquals([pair[option], pair.securityMechanism], [zmq.z85Encode(bytes), "curve"]);
    pair[option] = null;
    assertEquals([pair[option], pair.securityMechanism], [null, null]);
  }
  await using server = new zmq.Pair({ curveServer: true });
  assertEquals(server.securityMechanism, "curve");
  server.curveServer = false;
  assertEquals(server.securityMechanism, null);
});

function has(name: string, row: Row): boolean {
  if (row.of === "all") return true;
  if (row.of === "sends" || row.of === "receives") return types[name]![row.of];
  return row.of.includes(name);
}

for (const [name, { make: Type, number }] of Object.entries(types)) {
  Deno.test(`${name} has its options, their defaults and their limits`, async () => {
    await using socket = new Type();
    assertEquals(socket.type, number);
    assertEquals(socket.securityMechanism, null);
    for (const [option, row] of Object.entries(rows)) {
      if (!has(name, row)) continue;
      const what = `${name}.${option}`;
      if (row.standard !== undefined) {
        const standard = option === "linger" && name.endsWith("ubscriber") ? 0 : row.standard;
        assertEquals(at(socket)[option], standard, what);
      }
      for (const value of row.good) {
        at(socket)[option] = value;
        if (row.standard !== undefined) assertEquals(at(socket)[option], value, what);
        await using other = new Type({ [option]: value });
        if (row.standard !== undefined) assertEquals(at(other)[option], value, what);
      }
      const before = at(socket)[option];
      for (const [values, Kind] of [[row.type, TypeError], [row.range, RangeError]] as const) {
        for (const value of values) {
          const set = assertThrows(() => at(socket)[option] = value, Kind, option, `${what} = ${String(value)}`);
          assert(!(set instanceof ZmqError));
          // An option that is left undefined is not given.
          if (value !== undefined) assertThrows(() => new Type({ [option]: value }), Kind, option, what);
        }
      }
      assertEquals(at(socket)[option], before, `${what} changed by a value that it refused`);
    }
  });

  Deno.test(`${name} refuses options that it does not have`, async () => {
    await using socket = new Type();
    const others = Object.keys(rows).filter((option) => !has(name, rows[option]!));
    for (const option of [...others, "lingre", "affinity2", "constructor", "send"]) {
      const error = assertThrows(() => new Type({ [option]: 1 }), TypeError, option);
      assertStringIncludes(error.message, name);
    }
    for (const option of [...others, "lingre"]) assertThrows(() => at(socket)[option] = 1, TypeError, option);
    for (const option of ["type", "lastEndpoint", "closed", "events", "peerCount", "securityMechanism", "context"]) {
      assertThrows(() => at(socket)[option] = 1, TypeError, option);
      if (option !== "context") assertThrows(() => new Type({ [option]: 1 }), TypeError, option);
    }
    assertThrows(() => new Type(Object.fromEntries([["__proto__", {}]])), TypeError, "__proto__");
  });

  // libzmq: test_socket_null
  Deno.test(`${name} that is closed has no options and no operations`, async () => {
    await using socket = new Type();
    socket.close();
    assertEquals(socket.closed, true);
    for (const [option, row] of Object.entries(rows)) {
      if (!has(name, row)) continue;
      throwsCode(() => at(socket)[option] = row.good[0], "ENOTSOCK");
      if (row.standard !== undefined) throwsCode(() => at(socket)[option], "ENOTSOCK");
    }
    throwsCode(() => socket.connect("ipc://@denomq-closed"), "EBADF");
    throwsCode(() => socket.disconnect("ipc://@denomq-closed"), "EBADF");
    for (const call of ["trySend", "tryReceive", "tryReceiveBatch", "subscribe", "unsubscribe"]) {
      const method = at(socket)[call];
      if (typeof method === "function") {
        throwsCode(() => method.call(socket, ...call.endsWith("Batch") ? [0] : ["x"]), "EBADF");
      }
    }
    for (const call of ["bind", "unbind", "send", "receive", "waitForPeers", "waitForSubscribers"]) {
      const method = at(socket)[call];
      if (typeof method !== "function") continue;
      const args = call.endsWith("bind") ? ["ipc://@denomq-closed"] : call === "send" ? ["x"] : [];
      const error = await (method.call(socket, ...args) as Promise<unknown>).then(() => null, (error) => error);
      assert(error instanceof ZmqError, call);
      assertEquals(error.code, "EBADF", call);
    }
    for (const state of ["readable", "writable"]) if (state in socket) assertEquals(at(socket)[state], false);
  });
}

Deno.test("a time to live is counted in steps of 100 ms", async () => {
  await using socket = new zmq.Push();
  for (const [value, kept] of [[99, 0], [199, 100], [6553599, 6553500]] as const) {
    socket.heartbeatTimeToLive = value;
    assertEquals(socket.heartbeatTimeToLive, kept);
  }
});

Deno.test("the option that was set last decides on the mechanism", async () => {
  await using socket = new zmq.Push();
  const now = () => [socket.securityMechanism, socket.plainServer];
  assertEquals(now(), [null, false]);
  socket.plainServer = true;
  assertEquals(now(), ["plain", true]);
  socket.plainUsername = "admin";
  assertEquals(now(), ["plain", false]);
  socket.plainServer = true;
  socket.plainPassword = "secret";
  assertEquals(now(), ["plain", false]);
  socket.plainServer = false;
  assertEquals(now(), [null, false]);
  socket.plainPassword = "secret";
  socket.plainUsername = null;
  assertEquals([...now(), socket.plainPassword], [null, false, "secret"]);
  socket.zapDomain = "global";
  socket.zapDomain = "";
  assertEquals([socket.zapDomain, ...now()], [null, null, false]);
});

Deno.test("a socket whose options are wrong is not left open", () => {
  const context = new zmq.Context({ maxSockets: 1 });
  for (let i = 0; i < 3; i++) assertThrows(() => new zmq.Push({ context, linger: -2 }), RangeError, "linger");
  using socket = new zmq.Push({ context });
  assertEquals(socket.context, context);
});

Deno.test("types of sockets can be extended", async () => {
  class Feed extends zmq.Push {
    sent = 0;
    #secret = "x";
    constructor(options = {}) {
      super({ sendTimeout: 7, ...options });
    }
    publish(): string {
      this.sent++;
      return this.#secret;
    }
  }
  await using feed = new Feed({ linger: 0 });
  assertEquals([feed.publish(), feed.sent, feed.sendTimeout, feed.linger], ["x", 1, 7, 0]);
  assert(feed instanceof zmq.Push);
  assertThrows(() => new Feed({ lingre: 0 }), TypeError, "a Feed has no such option");
});
