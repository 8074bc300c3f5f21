/** Proves that vsock is there to be tested: libc joins two sockets over the CID that means the machine itself. */

import { assert, assertEquals } from "@std/assert";
import { inGuest, only } from "../support/platform.ts";

const here = only(inGuest, "vsock is tested in a virtual machine only");

const AF_VSOCK = 40;
const SOCK_STREAM = 1;
const VMADDR_CID_LOCAL = 1;
const ANY = 0xffff_ffff;

/** struct sockaddr_vm, in the byte order of the machine. */
function address(cid: number, port: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  new Uint16Array(bytes.buffer)[0] = AF_VSOCK;
  new Uint32Array(bytes.buffer).set([port, cid], 1);
  return bytes;
}

function open() {
  return Deno.dlopen("libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    listen: { parameters: ["i32", "i32"], result: "i32" },
    getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    accept: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    close: { parameters: ["i32"], result: "i32" },
  });
}

Deno.test("vsock: two sockets of this machine exchange bytes over CID 1", here, () => {
  const libc = open();
  const { socket, bind, listen, getsockname, connect, accept, read, write, close } = libc.symbols;
  const descriptors: number[] = [];
  const kept = (descriptor: number): number => {
    assert(descriptor >= 0, "libc refuses a descriptor");
    descriptors.push(descriptor);
    return descriptor;
  };
  try {
    const listener = kept(socket(AF_VSOCK, SOCK_STREAM, 0));
    assertEquals(bind(listener, address(ANY, ANY), 16), 0);
    assertEquals(listen(listener, 1), 0);
    const bound = address(0, 0);
    assertEquals(getsockname(listener, bound, new Uint32Array([16])), 0);
    const port = new Uint32Array(bound.buffer)[1] ?? 0;

    const client = kept(socket(AF_VSOCK, SOCK_STREAM, 0));
    assertEquals(connect(client, address(VMADDR_CID_LOCAL, port), 16), 0);
    const peer = address(0, 0);
    const server = kept(accept(listener, peer, new Uint32Array([16])));
    assertEquals(new Uint32Array(peer.buffer)[2], VMADDR_CID_LOCAL);

    for (const [from, to] of [[client, server], [server, client]] as const) {
      const sent = crypto.getRandomValues(new Uint8Array(1000));
      assertEquals(write(from, sent, 1000n), 1000n);
      const received = new Uint8Array(1000);
      assertEquals(read(to, received, 1000n), 1000n);
      assertEquals(received, sent);
    }
  } finally {
    descriptors.forEach((descriptor) => close(descriptor));
    libc.close();
  }
});
