import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { splitEndpoint } from "../../transports/endpoint.ts";
import { ZmqError } from "../../transports/error.ts";

Deno.test("an endpoint is split at its first ://", () => {
  assertEquals(splitEndpoint("ipc:///tmp/feed"), { scheme: "ipc", address: "/tmp/feed" });
  assertEquals(splitEndpoint("ipc://a://b"), { scheme: "ipc", address: "a://b" });
  assertEquals(splitEndpoint("ipc://://"), { scheme: "ipc", address: "://" });
});

Deno.test("nothing of an endpoint is decoded or normalised", () => {
  for (const address of [" ", "a b", "%20", "?x=1#y", "../a//b/./c/", "é😀", "*", "@", "\n", "UPPER"]) {
    assertEquals(splitEndpoint(`ipc://${address}`), { scheme: "ipc", address });
  }
  assertEquals(splitEndpoint("IPC://x").scheme, "IPC");
  assertEquals(splitEndpoint(" ipc://x").scheme, " ipc");
});

Deno.test("a malformed endpoint is EINVAL, and the error says what is wrong with it", () => {
  const cases = [
    ["foo", "no"],
    ["", "no"],
    ["ipc:", "no"],
    ["ipc:/x", "no"],
    ["://x", "no transport"],
    ["://", "no transport"],
    ["ipc://", "no address"],
    ["inproc://", "no address"],
  ] as const;
  for (const [endpoint, detail] of cases) {
    const error = assertThrows(() => splitEndpoint(endpoint), ZmqError, detail);
    assertEquals(error.code, "EINVAL");
    assertEquals(error.address, endpoint);
    assertStringIncludes(error.message, endpoint);
  }
});

Deno.test("an endpoint that is not a string is a TypeError", () => {
  for (const endpoint of [undefined, null, 1, {}, [], new URL("ipc://x/")]) {
    assertThrows(() => splitEndpoint(endpoint), TypeError, "not a string");
  }
});
