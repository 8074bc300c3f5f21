// The addresses of tcp, without a socket, and the ranges of its filter.

import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ZmqError } from "../../transports/error.ts";
import { routeOf } from "../../transports/registry.ts";
import { tcp } from "../../transports/tcp.ts";
import { parseTcpPlace, parseTcpTarget, tcpEndpoint } from "../../transports/tcp_address.ts";
import { isAdmitted, parseRange } from "../../transports/tcp_filter.ts";

/** Addresses to bind to, and what they mean. */
const places: readonly [address: string, kind: string, host: string, port: number][] = [
  ["*:*", "any", "", 0],
  ["*:0", "any", "", 0],
  ["*:5555", "any", "", 5555],
  ["127.0.0.1:*", "ip", "127.0.0.1", 0],
  ["127.0.0.1:65535", "ip", "127.0.0.1", 65535],
  ["0.0.0.0:1", "ip", "0.0.0.0", 1],
  ["[::]:*", "ip", "::", 0],
  ["[::1]:5555", "ip", "::1", 5555],
  ["[fe80::1%eth0]:5555", "ip", "fe80::1%eth0", 5555],
  ["[::ffff:127.0.0.1]:5555", "ip", "::ffff:127.0.0.1", 5555],
  ["lo:*", "interface", "lo", 0],
  ["eth0.100:5555", "interface", "eth0.100", 5555],
  ["br-0a1b:5555", "interface", "br-0a1b", 5555],
  // Not an address of IPv4, so that it can only be a name.
  ["1.2.3.256:5555", "interface", "1.2.3.256", 5555],
];

/** Addresses to connect to, and what they mean. */
const targets: readonly [address: string, host: string, port: number][] = [
  ["127.0.0.1:5555", "127.0.0.1", 5555],
  ["localhost:1", "localhost", 1],
  ["host_1.example.org:65535", "host_1.example.org", 65535],
  ["example.org.:80", "example.org.", 80],
  ["müller.example:80", "müller.example", 80],
  ["[::1]:5555", "::1", 5555],
];

const hosts = [
  "",
  " ",
  "a b",
  "::1",
  "[]",
  "[127.0.0.1]",
  "[::1",
  "::1]",
  "[x::1]",
  "-a",
  "a-",
  "a/b",
  "@",
  "a:b",
];
const ports = ["", " 5555", "5555 ", "abc", "5abc", "0x10", "+5", "-1", "65536", "99999", "5.5", "005555", "**"];

Deno.test("tcp: addresses to bind to", () => {
  for (const [address, kind, host, port] of places) {
    assertEquals(parseTcpPlace(address), { kind, host, port }, address);
    assertEquals(tcp.resolve(address, "bind"), `tcp://${address}`);
  }
});

Deno.test("tcp: addresses to connect to", () => {
  for (const [address, host, port] of targets) {
    assertEquals(parseTcpTarget(address), { host, port }, address);
    assertEquals(tcp.resolve(address, "connect"), `tcp://${address}`);
    assertEquals(tcpEndpoint(host, port), `tcp://${address}`);
  }
});

Deno.test("tcp: what is no address is EINVAL, and says why", () => {
  const bad: [string, string][] = [
    ["5555", "has no colon"],
    ["localhost", "has no colon"],
    ...hosts.map((host): [string, string] => [`${host}:5555`, "the host must be "]),
    ...ports.map((port): [string, string] => [`127.0.0.1:${port}`, `it is "${port}"`]),
  ];
  for (const [address, reason] of bad) {
    for (const parse of [parseTcpPlace, parseTcpTarget]) {
      const error = assertThrows(() => parse(address), ZmqError);
      assertEquals([error.code, error.address], ["EINVAL", `tcp://${address}`], `${address}: ${error.message}`);
      assertStringIncludes(error.message, reason);
    }
  }
});

Deno.test("tcp: wildcards are for binding", () => {
  for (const address of ["*:5555", "127.0.0.1:*", "127.0.0.1:0", "*:*"]) {
    assertEquals(assertThrows(() => parseTcpTarget(address), ZmqError).code, "EINVAL", address);
  }
});

Deno.test("tcp: an address to connect from is ENOTSUP, and a malformed one EINVAL", () => {
  for (const source of ["192.168.1.1:0", "*:5000", "eth0:*", "[::1]:5"]) {
    const error = assertThrows(() => parseTcpTarget(`${source};127.0.0.1:5555`), ZmqError);
    assertEquals([error.code, error.address], ["ENOTSUP", `tcp://${source};127.0.0.1:5555`]);
  }
  for (const address of ["nowhere;127.0.0.1:5555", "127.0.0.1:1;", "127.0.0.1:1;127.0.0.1:*", ";127.0.0.1:5555"]) {
    assertEquals(assertThrows(() => parseTcpTarget(address), ZmqError).code, "EINVAL", address);
  }
});

Deno.test("tcp: the registry has it, for every type", () => {
  for (const type of ["PUB", "REP", "PAIR"]) {
    const { transport, address } = routeOf("tcp://127.0.0.1:5555", type);
    assertStrictEquals(transport, tcp);
    assertEquals(address, "127.0.0.1:5555");
  }
});

/** Ranges, addresses in them, addresses beside them. */
const ranges: readonly [range: string, inside: string[], outside: string[]][] = [
  ["127.0.0.1", ["127.0.0.1"], ["127.0.0.2", "::1", "::"]],
  ["127.0.0.0/8", ["127.0.0.1", "127.255.255.255"], ["126.255.255.255", "128.0.0.0"]],
  ["10.1.2.128/25", ["10.1.2.128", "10.1.2.255"], ["10.1.2.127", "10.1.3.128"]],
  ["0.0.0.0/0", ["1.2.3.4", "::ffff:1.2.3.4"], ["::1"]],
  ["192.168.0.0/16", ["::ffff:192.168.3.4", "::ffff:c0a8:1"], ["::ffff:192.169.0.0"]],
  ["::1", ["::1", "0:0:0:0:0:0:0:1"], ["::2", "0.0.0.1"]],
  ["::/0", ["::1", "fe80::1"], ["1.2.3.4"]],
  ["fe80::/10", ["fe80::1", "febf:ffff::"], ["fec0::"]],
  ["2001:db8:0:1::/64", ["2001:db8:0:1:ffff:ffff:ffff:ffff"], ["2001:db8:0:2::"]],
  ["2001:DB8::1.2.3.4/128", ["2001:db8::102:304"], ["2001:db8::102:305"]],
];

Deno.test("tcp: the ranges of the filter", () => {
  for (const [text, inside, outside] of ranges) {
    const range = parseRange(text)!;
    assertEquals(range.text, text);
    for (const address of inside) assertEquals(isAdmitted([range], address), true, `${address} is in ${text}`);
    for (const address of outside) assertEquals(isAdmitted([range], address), false, `${address} is not in ${text}`);
  }
});

Deno.test("tcp: one range that fits is enough, and without any all fit", () => {
  const both = ["10.0.0.0/8", "::1"].map((text) => parseRange(text)!);
  assertEquals([isAdmitted(both, "10.1.1.1"), isAdmitted(both, "::1"), isAdmitted(both, "11.0.0.0")], [
    true,
    true,
    false,
  ]);
  assertEquals(isAdmitted([], "11.0.0.0"), true);
  assertEquals(isAdmitted(both, "nonsense"), false);
});

Deno.test("tcp: what is no range", () => {
  const bad = [
    "",
    "/",
    "/8",
    "localhost",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.4/",
    "1.2.3.4/33",
    "1.2.3.4/-1",
    "1.2.3.4/8/8",
  ];
  for (
    const text of [
      ...bad,
      "::1/129",
      ":",
      ":::",
      "1::2::3",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9",
      "::g",
      "::1.2.3",
      "12345::",
    ]
  ) {
    assertEquals(parseRange(text), undefined, text);
  }
});
