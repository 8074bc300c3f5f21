// The addresses of vmci and vsock, without a socket.

import { assertEquals, assertStrictEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CID_ANY, PORT_ANY } from "../../ffi/sockaddr_vm.ts";
import { ZmqError } from "../../transports/error.ts";
import { routeOf } from "../../transports/registry.ts";
import { vmci, vsock } from "../../transports/vmci.ts";
import { parseVmciAddress, printVmciAddress, type VmciScheme } from "../../transports/vmci_address.ts";

const schemes: readonly VmciScheme[] = ["vmci", "vsock"];

/** Addresses, what they mean, and how they are printed. */
const good: readonly [address: string, cid: number | "own", port: number, printed: string][] = [
  ["*:5555", CID_ANY, 5555, "*:5555"],
  ["-1:5555", CID_ANY, 5555, "*:5555"],
  ["4294967295:5555", CID_ANY, 5555, "*:5555"],
  ["0:5555", 0, 5555, "0:5555"],
  ["1:5555", 1, 5555, "1:5555"],
  ["2:5555", 2, 5555, "2:5555"],
  ["3:5555", 3, 5555, "3:5555"],
  ["003:5555", 3, 5555, "3:5555"],
  ["4294967294:5555", 4294967294, 5555, "4294967294:5555"],
  ["3:0", 3, 0, "3:0"],
  ["3:1023", 3, 1023, "3:1023"],
  ["3:2996102471", 3, 2996102471, "3:2996102471"],
  ["3:4294967294", 3, 4294967294, "3:4294967294"],
  ["3:*", 3, PORT_ANY, "3:*"],
  ["3:-1", 3, PORT_ANY, "3:*"],
  ["3:4294967295", 3, PORT_ANY, "3:*"],
  ["*:*", CID_ANY, PORT_ANY, "*:*"],
];

/** Addresses that are none. libzmq takes some of them for what strtoul(3) makes of them. */
const cids = [
  "",
  "abc",
  "-2",
  "4294967296",
  "99999999999999999999",
  "3abc",
  " 3",
  "3 ",
  "+3",
  "0x3",
  "1.5",
  "1:2",
  "**",
];
const ports = ["", "abc", "@", "-2", "4294967296", "80abc", " 80", "80 ", "+80", "0x50", "8.0", "**"];

for (const scheme of schemes) {
  Deno.test(`${scheme}: an address is a CID, a colon and a port, either of which can be any`, () => {
    for (const [address, cid, port, printed] of good) {
      const parsed = parseVmciAddress(scheme, address);
      assertEquals(parsed, { cid, port }, address);
      assertEquals(printVmciAddress(scheme, parsed), `${scheme}://${printed}`);
    }
  });

  Deno.test(`${scheme}: what is no address is EINVAL and says what is wrong with it`, () => {
    const refuses = (address: string, words: string) => {
      const error = assertThrows(() => parseVmciAddress(scheme, address), ZmqError);
      assertEquals([error.code, error.address], ["EINVAL", `${scheme}://${address}`]);
      assertStringIncludes(error.message, words);
    };
    for (const cid of cids) {
      refuses(`${cid}:5555`, `the CID must be a number from 0 to 4294967295, "*" or "@", it is "${cid}"`);
    }
    for (const port of ports) {
      refuses(`3:${port}`, `the port must be a number from 0 to 4294967295 or "*", it is "${port}"`);
    }
    for (const address of ["5555", "*", "@", "abc"]) refuses(address, "has no colon");
  });

  Deno.test(`${scheme}: its endpoints find it, and are checked without touching the system`, () => {
    const { transport, address } = routeOf(`${scheme}://*:5555`, "PUSH");
    assertStrictEquals(transport, scheme === "vmci" ? vmci : vsock);
    assertEquals(address, "*:5555");
    for (const purpose of ["bind", "connect"] as const) {
      assertEquals((scheme === "vmci" ? vmci : vsock).resolve("-1:-1", purpose), `${scheme}://*:*`);
    }
  });
}

Deno.test("vmci: @ is the machine's own CID, which the system knows; vsock: @ is the loopback, CID 1", () => {
  assertEquals(parseVmciAddress("vmci", "@:5555"), { cid: "own", port: 5555 });
  assertEquals(vmci.resolve("@:5555", "bind"), "vmci://@:5555");
  assertEquals(parseVmciAddress("vsock", "@:5555"), { cid: 1, port: 5555 });
  assertEquals(vsock.resolve("@:5555", "bind"), "vsock://1:5555");
});
