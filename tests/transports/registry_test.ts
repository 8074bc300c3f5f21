import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../transports/error.ts";
import { ipc } from "../../transports/ipc.ts";
import { routeOf } from "../../transports/registry.ts";

function codeOf(endpoint: string, socketType: string): string {
  const error = assertThrows(() => routeOf(endpoint, socketType), ZmqError);
  assertEquals(error.address, endpoint);
  return error.code;
}

Deno.test("ipc is found by its scheme", () => {
  const { transport, address } = routeOf("ipc:///tmp/feed", "PUB");
  assertStrictEquals(transport, ipc);
  assertEquals(address, "/tmp/feed");
});

Deno.test("a scheme in upper case and one that nobody knows are EPROTONOSUPPORT", () => {
  for (const endpoint of ["IPC://x", "Ipc://x", "foo://x", "invalid://x", " ipc://x", "UDP://x"]) {
    assertEquals(codeOf(endpoint, "PUB"), "EPROTONOSUPPORT");
  }
  assertThrows(() => routeOf("IPC://x", "PUB"), ZmqError, `"ipc", in lower case`);
});

Deno.test("udp is for other types of socket", () => {
  for (
    const type of ["PAIR", "PUB", "SUB", "REQ", "REP", "DEALER", "ROUTER", "PULL", "PUSH", "XPUB", "XSUB", "STREAM"]
  ) {
    assertEquals(codeOf("udp://127.0.0.1:5555", type), "ENOCOMPATPROTO");
  }
  for (const type of ["RADIO", "DISH"]) assertEquals(codeOf("udp://127.0.0.1:5555", type), "EPROTONOSUPPORT");
});

Deno.test("multicast is for publishers and subscribers, and not here", () => {
  for (const scheme of ["pgm", "epgm", "norm"]) {
    for (const type of ["PUB", "SUB", "XPUB", "XSUB"]) assertEquals(codeOf(`${scheme}://x`, type), "EPROTONOSUPPORT");
    for (const type of ["PAIR", "REQ", "ROUTER", "PUSH"]) assertEquals(codeOf(`${scheme}://x`, type), "ENOCOMPATPROTO");
  }
});

Deno.test("a malformed endpoint is EINVAL whatever its scheme", () => {
  assertEquals(codeOf("udp://", "PUB"), "EINVAL");
  assertEquals(codeOf("IPC://", "PUB"), "EINVAL");
});
