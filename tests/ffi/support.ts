/**
 * What the tests of the calls into libc share: pairs of sockets that need no network, and what a process has open.
 *
 * @module
 */

import { acceptFrom } from "../../ffi/socket.ts";
import { isPending } from "../api/support.ts";
import { DescriptorStream } from "../../transports/descriptor_stream.ts";
import { DescriptorListener } from "../../transports/descriptor_listener.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
/** Not for programs that are started, and no call waits. */
const FLAGS = 0o2000000 | 0o4000;

/** Two descriptors that are connected with each other. */
export function descriptors(): [number, number] {
  const libc = Deno.dlopen("libc.so.6", {
    // int socketpair(int domain, int type, int protocol, int sv[2]);
    socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  });
  try {
    const pair = new Int32Array(2);
    const result = libc.symbols.socketpair(AF_UNIX, SOCK_STREAM | FLAGS, 0, new Uint8Array(pair.buffer));
    if (result === -1) throw new Error("socketpair failed");
    return [pair[0]!, pair[1]!];
  } finally {
    libc.close();
  }
}

/** Two streams that are connected with each other, closed at the end of the block that uses them. */
export class StreamPair implements AsyncDisposable {
  readonly near: DescriptorStream;
  readonly far: DescriptorStream;

  constructor() {
    const [near, far] = descriptors();
    this.near = new DescriptorStream(near, "near");
    this.far = new DescriptorStream(far, "far");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.near.close(), this.far.close()]);
  }
}

/** A listener over a nameless Unix socket, a peer that connects to it, and all descriptors that can be had, each to be given back. */
export function listening(): { listener: DescriptorListener; connect: () => void; hog: () => (() => void)[] } {
  const { symbols } = Deno.dlopen("libc.so.6", {
    // As ffi/libc.ts has them, and int dup(int fd);
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    listen: { parameters: ["i32", "i32"], result: "i32" },
    connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    dup: { parameters: ["i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const address = new Uint8Array(2 + 1 + 36);
  address[0] = AF_UNIX;
  address.set(new TextEncoder().encode(crypto.randomUUID()), 3);
  const open = () => symbols.socket(AF_UNIX, SOCK_STREAM | FLAGS, 0);
  const fd = open();
  if (symbols.bind(fd, address, address.length) + symbols.listen(fd, 10) !== 0) throw new Error("listen failed");
  return {
    listener: new DescriptorListener(
      fd,
      "ipc://test",
      (libc, fd) => new DescriptorStream(acceptFrom(libc, fd), "localhost"),
    ),
    connect() {
      if (symbols.connect(open(), address, address.length) !== 0) throw new Error("connect failed");
    },
    hog() {
      const all: (() => void)[] = [];
      for (let fd = symbols.dup(0); fd !== -1; fd = symbols.dup(0)) all.push(() => void symbols.close(fd));
      return all;
    },
  };
}

/** How many descriptors the process has open. */
export function openDescriptors(): number {
  return Array.from(Deno.readDirSync("/proc/self/fd")).length;
}

/** The descriptors of epolls that the process has open, Deno's own among them. */
export function openEpolls(): number[] {
  const isEpoll = (name: string) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`) === "anon_inode:[eventpoll]";
    } catch {
      return false; // The descriptor of the listing itself.
    }
  };
  return Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => name).filter(isEpoll).map(Number);
}

/** Whether a thread of the process sleeps in a call whose first argument is this descriptor. */
export function waitedFor(fd: number | undefined): boolean {
  return Array.from(Deno.readDirSync("/proc/self/task")).some(({ name }) =>
    Deno.readTextFileSync(`/proc/self/task/${name}/syscall`).split(" ")[1] === `0x${fd?.toString(16)}`
  );
}

/** How many threads the process has. */
export function threads(): number {
  return Array.from(Deno.readDirSync("/proc/self/task")).length;
}

/** The processor time that the process has used so far, ms. */
export function processorTime(): number {
  const [, fields = ""] = Deno.readTextFileSync("/proc/self/stat").split(") ");
  const [user, system] = fields.split(" ").slice(11, 13).map(Number);
  return (user! + system!) * 10; // In units of 1/100 s on every Linux.
}

/** Writes all of it. */
export async function writeAll(stream: DescriptorStream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
}

/** Reads exactly as much as that. */
export async function readAll(stream: DescriptorStream, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await stream.read(bytes.subarray(at, Math.min(length, at + 262_144)));
    if (count === null) throw new Error(`The stream ended after ${at} of ${length} bytes`);
    at += count;
  }
  return bytes;
}

/** Bytes that differ from place to place and from seed to seed. */
export function pattern(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed | 1;
  for (let i = 0; i < length; i++) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Whether two arrays hold the same bytes. */
export function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** Writes until the other side's buffers are full; the bytes that went in and the write that waits. */
export async function fillUp(stream: DescriptorStream): Promise<{ written: number; last: Promise<number> }> {
  const bytes = new Uint8Array(65_536);
  for (let written = 0;;) {
    const last = stream.write(bytes);
    if (await isPending(last)) return { written, last };
    written += await last;
  }
}
