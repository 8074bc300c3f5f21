// What is tcp's own: addresses as the system has them, who may connect, attempts and their end.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Pull, Push, type ZmqError } from "../../mod.ts";
import { isPending, Log, next, rejectsCode, throwsCode } from "../api/support.ts";
import { runScript } from "../support/child.ts";
import { within } from "../support/deadline.ts";
import { onLinux, only } from "../support/platform.ts";
import { freshPort } from "../support/ports.ts";

function test(name: string, fn: () => Promise<void>, options: Partial<Deno.TestDefinition> = {}): void {
  Deno.test({ name: `tcp: ${name}`, ...options, fn: () => within(fn(), name) });
}

const hasIpv6 = (() => {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
})();
const withIpv6 = only(hasIpv6, "this machine has no IPv6");

// libzmq: test_unbind_wildcard, test_last_endpoint
test("bind shows the address that it got, which connects and unbinds", async () => {
  for (const address of ["*:*", "127.0.0.1:*", "127.0.0.1:0"]) {
    await using pull = new Pull();
    await using push = new Push();
    await pull.bind(`tcp://${address}`);
    const [, host, port] = /^tcp:\/\/(.*):(\d+)$/.exec(pull.lastEndpoint!)!;
    assertEquals(host, address.startsWith("*") ? "0.0.0.0" : "127.0.0.1");
    assert(Number(port) > 0);
    push.connect(`tcp://127.0.0.1:${port}`);
    assertEquals(push.lastEndpoint, `tcp://127.0.0.1:${port}`);
    await push.send("x");
    assertEquals(await next(pull), ["x"]);
    push.disconnect(`tcp://127.0.0.1:${port}`);
    await rejectsCode(() => pull.unbind(`tcp://${address}`), "ENOENT");
    await pull.unbind(pull.lastEndpoint!);
    await rejectsCode(() => pull.unbind(pull.lastEndpoint!), "ENOENT");
  }
});

// libzmq: test_unbind_wildcard, test_reqrep_tcp (IPv6)
test("with ipv6 the wildcard is for both kinds of addresses, and ::1 can be bound", async () => {
  await using pull = new Pull({ ipv6: true });
  await using push = new Push();
  await pull.bind("tcp://*:*");
  const [port] = /\d+$/.exec(pull.lastEndpoint!)!;
  assertEquals(pull.lastEndpoint, `tcp://[::]:${port}`);
  for (const host of ["127.0.0.1", "[::1]"]) {
    push.connect(`tcp://${host}:${port}`);
    assertEquals(push.lastEndpoint, `tcp://${host}:${port}`);
    await push.send(host);
    assertEquals(await next(pull), [host]);
    push.disconnect(`tcp://${host}:${port}`);
  }
  await pull.bind("tcp://[::1]:*");
  assertMatch(pull.lastEndpoint!, /^tcp:\/\/\[::1\]:\d+$/);
}, withIpv6);

test("bind fails with the name of what is wrong", async () => {
  await using pull = new Pull();
  await using other = new Pull();
  const endpoint = `tcp://127.0.0.1:${freshPort()}`;
  await other.bind(endpoint);
  for (
    const [address, code] of [
      [endpoint, "EADDRINUSE"],
      ["tcp://192.0.2.77:*", "EADDRNOTAVAIL"],
      ["tcp://[::1]:*", "ENODEV"],
      ["tcp://localhost:*", "ENODEV"],
      ["tcp://denomq-none:*", "ENODEV"],
      ["tcp://127.0.0.1", "EINVAL"],
    ] as const
  ) {
    const error = await rejectsCode(() => pull.bind(address), code);
    assertEquals(error.address, address);
  }
  assertEquals(pull.lastEndpoint, null);
});

test("the name of a network interface can be bound", async () => {
  const names = Deno.networkInterfaces().filter(({ family, address }) => family === "IPv4" && address === "127.0.0.1");
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind(`tcp://${names[0]!.name}:*`);
  assertMatch(pull.lastEndpoint!, /^tcp:\/\/127\.0\.0\.1:\d+$/);
  push.connect(pull.lastEndpoint!);
  await push.send("x");
  assertEquals(await next(pull), ["x"]);
}, only(onLinux, "interfaces have other names elsewhere"));

const linkLocal = Deno.networkInterfaces().find(({ family, address }) => family === "IPv6" && /^fe80:/i.test(address));

test("an address that is the link's own is bound with the name of the interface, and shown so", async () => {
  const { name, address } = linkLocal!;
  const endpoint = `tcp://[${address}%${name}]`;
  const { networkInterfaces } = Deno;
  Deno.networkInterfaces = () => [linkLocal!];
  try {
    for (const place of [`${endpoint}:*`, `tcp://${name}:*`]) {
      await using pull = new Pull({ ipv6: true });
      await using push = new Push({ linger: 0 });
      await pull.bind(place);
      assertEquals(pull.lastEndpoint!.replace(/:\d+$/, ""), endpoint);
      push.connect(pull.lastEndpoint!);
      await push.send("x");
      assertEquals(await next(pull), ["x"]);
      await pull.unbind(pull.lastEndpoint!);
    }
  } finally {
    Deno.networkInterfaces = networkInterfaces;
  }
}, only(linkLocal !== undefined && onLinux, "no interface has an address of its link's own"));

// libzmq: test_connect_resolve, test_bind_src_address
test("connect refuses what no machine can be called, and takes what may be one some day", async () => {
  await using push = new Push({ linger: 0, reconnectInterval: 5 });
  for (const address of ["localhost", "localhost:", "localhost: 1", "local host:1", ":1", "*:1", "localhost:*"]) {
    throwsCode(() => push.connect(`tcp://${address}`), "EINVAL");
  }
  throwsCode(() => push.connect("tcp://127.0.0.1:0;127.0.0.1:5555"), "ENOTSUP");
  const log = new Log(push);
  push.connect("tcp://denomq.invalid:5555");
  assertEquals(push.lastEndpoint, "tcp://denomq.invalid:5555");
  await log.wait("connect:retry", 2);
  assertEquals(
    (await log.wait("close")).error!.message,
    "Host unreachable: nobody knows the name of the host: tcp://denomq.invalid:5555",
  );
});

test("the name of a machine is looked up", async () => {
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint!.replace("127.0.0.1", "localhost"));
  await push.send("x");
  assertEquals(await next(pull), ["x"]);
});

// libzmq: test_tcp_accept_filter
test("a filter lets in whom it admits, and costs others their connection only", async () => {
  await using pull = new Pull({ tcpAcceptFilter: ["10.0.0.0/8", "::1"] });
  assertEquals(pull.tcpAcceptFilter, ["10.0.0.0/8", "::1"]);
  const log = new Log(pull);
  await pull.bind("tcp://127.0.0.1:*");
  const [refusing, port] = [pull.lastEndpoint!, Number(/\d+$/.exec(pull.lastEndpoint!)![0])];
  for (let i = 1; i <= 3; i++) {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    assertEquals(await conn.read(new Uint8Array(1)).catch(() => null), null);
    const { error, address } = await log.wait("accept:error", i);
    assertEquals(address, refusing);
    assertEquals(error!.message, `Permission denied: the filter does not admit 127.0.0.1: ${refusing}`);
  }
  assertEquals(log.count("accept"), 0);
  pull.tcpAcceptFilter = "127.0.0.0/8";
  assertEquals(pull.tcpAcceptFilter, ["127.0.0.0/8"]);
  await pull.bind("tcp://127.0.0.1:*");
  await using push = new Push();
  push.connect(pull.lastEndpoint!);
  await push.send("x");
  assertEquals(await next(pull), ["x"]);
  pull.tcpAcceptFilter = null;
  assertEquals(pull.tcpAcceptFilter, []);
});

test("connections do not wait to fill packets, and are kept alive as the option says", async () => {
  const calls: string[] = [];
  const prototype = Object.getPrototypeOf(await connection()) as Deno.TcpConn;
  const { setNoDelay, setKeepAlive } = prototype;
  prototype.setNoDelay = function (on) {
    calls.push(`nodelay ${on}`);
    return setNoDelay.call(this, on);
  };
  prototype.setKeepAlive = function (on) {
    calls.push(`keepalive ${on}`);
    return setKeepAlive.call(this, on);
  };
  try {
    for (const [tcpKeepalive, expected] of [[-1, []], [0, ["keepalive false"]], [1, ["keepalive true"]]] as const) {
      calls.length = 0;
      await using pull = new Pull({ tcpKeepalive });
      await using push = new Push({ tcpKeepalive });
      await pull.bind("tcp://127.0.0.1:*");
      push.connect(pull.lastEndpoint!);
      await push.send("x");
      assertEquals(await next(pull), ["x"]);
      const both = ["nodelay true", ...expected].flatMap((call) => [call, call]);
      assertEquals(calls.toSorted(), both.toSorted());
    }
  } finally {
    Object.assign(prototype, { setNoDelay, setKeepAlive });
  }
});

// As on macOS, where a connection that the peer has reset meanwhile takes no options.
test("a connection that cannot be set up is closed, by either side, and others can come", async () => {
  const prototype = Object.getPrototypeOf(await connection()) as Deno.TcpConn;
  const { setNoDelay } = prototype;
  let failing = true;
  prototype.setNoDelay = function (on) {
    if (failing) throw new TypeError("Invalid argument (os error 22)");
    return setNoDelay.call(this, on);
  };
  try {
    await using pull = new Pull();
    const log = new Log(pull);
    await pull.bind("tcp://127.0.0.1:*");
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(/\d+$/.exec(pull.lastEndpoint!)![0]) });
    const { error } = await log.wait("accept:error");
    assertEquals([(error as ZmqError).code, (error as ZmqError).address], ["EIO", pull.lastEndpoint]);
    assertEquals(await conn.read(new Uint8Array(1)), null);

    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    await using push = new Push({ linger: 0, reconnectInterval: 5 });
    push.connect(`tcp://127.0.0.1:${listener.addr.port}`);
    using accepted = await listener.accept();
    assertEquals(await accepted.read(new Uint8Array(1)), null);
    push.disconnect(`tcp://127.0.0.1:${listener.addr.port}`);

    failing = false;
    push.connect(pull.lastEndpoint!);
    await push.send("x");
    assertEquals(await next(pull), ["x"]);
  } finally {
    Object.assign(prototype, { setNoDelay });
  }
});

/** A connection of Deno's, closed again. */
async function connection(): Promise<Deno.TcpConn> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [accepted, conn] = await Promise.all([
    listener.accept(),
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
  ]);
  accepted.close();
  conn.close();
  return conn;
}

test("an attempt that nobody answers ends with connectTimeout, and is followed by another", async () => {
  // Where a queue of connections is full, Linux lets others wait.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
  const { port } = listener.addr;
  const conns: Deno.Conn[] = [];
  const attempts: Promise<void>[] = [];
  const giveUp = new AbortController();
  for (let full = false; !full;) {
    const attempt = Deno.connect({ port, signal: giveUp.signal }).then((conn) => void conns.push(conn), () => {});
    attempts.push(attempt);
    full = await isPending(attempt);
  }
  await using push = new Push({ linger: 0, connectTimeout: 50, reconnectInterval: 5 });
  const log = new Log(push);
  push.connect(`tcp://127.0.0.1:${port}`);
  await log.wait("connect:retry", 2);
  const { error } = await log.wait("close");
  assertEquals(error!.message, `Operation timed out: nobody answers: tcp://127.0.0.1:${port}`);
  giveUp.abort();
  await Promise.all(attempts);
  conns.forEach((conn) => conn.close());
}, only(onLinux, "other systems refuse"));

test("a bind and a connect without permissions throw, each with the flags to add", async () => {
  const script = new URL("../api/programs/permitted.ts", import.meta.url);
  const run = async (operation: string, endpoint: string, flags: string[]): Promise<Record<string, string>> => {
    const { stdout, stderr, code } = await runScript(script, [operation, endpoint], { flags });
    assertEquals([code, stderr], [0, ""]);
    return JSON.parse(stdout);
  };
  const port = freshPort();
  for (
    const [operation, endpoint, flag] of [
      ["bind", `tcp://127.0.0.1:${port}`, `--allow-net=127.0.0.1:${port}`],
      ["bind", `tcp://*:${port}`, `--allow-net=0.0.0.0:${port}`],
      ["bind", "tcp://lo:*", "--allow-sys=networkInterfaces"],
      ["connect", `tcp://127.0.0.1:${port}`, `--allow-net=127.0.0.1:${port}`],
      ["connect", `tcp://[::1]:${port}`, `'--allow-net=[::1]:${port}'`],
      ["connect", `tcp://localhost:${port}`, `--allow-net=localhost:${port}`],
    ] as const
  ) {
    const refused = await run(operation, endpoint, []);
    assertEquals([refused.code, refused.address], ["EACCES", endpoint]);
    assertEquals(refused.message, `Permission denied: run Deno with ${flag}: ${endpoint}`);
    if (endpoint.includes("lo:")) continue;
    const granted = await run(operation, endpoint, [flag.replaceAll("'", "")]);
    assertEquals([granted.name, granted.last], [undefined, endpoint.replace("*", "0.0.0.0")], granted.message);
  }
}, only(onLinux, "the loopback has another name elsewhere"));
