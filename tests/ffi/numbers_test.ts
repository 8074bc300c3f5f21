// What the kernel and libc are told, byte by byte and number by number.

import { assertEquals, assertInstanceOf } from "@std/assert";
import { CallError } from "../../ffi/call_error.ts";
import { codeOf, errnoOf } from "../../ffi/errno.ts";
import { LIBC_NAMES, LIBC_PATHS } from "../../ffi/libc_path.ts";
import { CID_ANY, decodeSockaddrVm, encodeSockaddrVm, PORT_ANY } from "../../ffi/sockaddr_vm.ts";
import { onLinux, only } from "../support/platform.ts";

Deno.test("sockaddr_vm: family, port and CID stand where linux/vm_sockets.h has them", () => {
  assertEquals(
    [...encodeSockaddrVm({ cid: 0x01020304, port: 0x0a0b0c0d })],
    [40, 0, 0, 0, 0x0d, 0x0c, 0x0b, 0x0a, 4, 3, 2, 1, 0, 0, 0, 0],
  );
  assertEquals([...encodeSockaddrVm({ cid: CID_ANY, port: PORT_ANY })], [
    40,
    0,
    0,
    0,
    ...Array(8).fill(255),
    0,
    0,
    0,
    0,
  ]);
});

Deno.test("sockaddr_vm: what is encoded is decoded, above 2³¹ as well, wherever it stands", () => {
  for (const address of [{ cid: 0, port: 0 }, { cid: 3, port: 5555 }, { cid: 2 ** 32 - 1, port: 2996102471 }]) {
    assertEquals(decodeSockaddrVm(encodeSockaddrVm(address)), address);
    const within = new Uint8Array(40);
    within.set(encodeSockaddrVm(address), 13);
    assertEquals(decodeSockaddrVm(within.subarray(13)), address);
  }
});

Deno.test("errno: the numbers of what AF_VSOCK reports on Linux", only(onLinux, "it is about Linux"), () => {
  const expected = {
    ENODEV: 19,
    EAFNOSUPPORT: 97,
    EADDRINUSE: 98,
    EADDRNOTAVAIL: 99,
    ENETUNREACH: 101,
    ECONNRESET: 104,
    ENOBUFS: 105,
    ETIMEDOUT: 110,
  } as const;
  for (const [code, errno] of Object.entries(expected)) {
    assertEquals([codeOf(errno), errnoOf(code as keyof typeof expected)], [code as keyof typeof expected, errno]);
  }
});

Deno.test("errno: an error of a call says which, also one without a name", () => {
  const known = new CallError("connect", errnoOf("ECONNRESET"));
  assertInstanceOf(known, Error);
  assertEquals([known.message, known.code], ["connect: Connection reset by peer", "ECONNRESET"]);
  const unknown = new CallError("ioctl", 9999);
  assertEquals([unknown.message, unknown.code, unknown.errno], ["ioctl: error 9999", undefined, 9999]);
});

Deno.test("libc: it is looked for by the names of glibc and musl, and in folders from the root", () => {
  const { arch } = Deno.build;
  assertEquals([...LIBC_NAMES].sort(), ["libc.so.6", `libc.musl-${arch}.so.1`].sort());
  for (const path of [`/lib/${arch}-linux-gnu/libc.so.6`, "/lib64/libc.so.6", `/lib/libc.musl-${arch}.so.1`]) {
    assertEquals(LIBC_PATHS.includes(path), true, path);
  }
  assertEquals(new Set(LIBC_PATHS).size, LIBC_PATHS.length);
});
