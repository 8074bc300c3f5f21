// Options of vmci: what they make of the kernel's sockets.

import { assert, assertEquals } from "@std/assert";
import { Pull, Push } from "../../mod.ts";
import { AF_VSOCK, VM_SOCKETS } from "../../ffi/sockaddr_vm.ts";
import type { ByteStream, VmciOptions } from "../../transports/transport.ts";
import { vmci } from "../../transports/vmci.ts";
import { DescriptorListener } from "../../transports/descriptor_listener.ts";
import { DescriptorStream } from "../../transports/descriptor_stream.ts";
import { within } from "../support/deadline.ts";
import { expect } from "../sockets/support.ts";
import { codeOf, freshPort, test } from "./support.ts";

/** The values of a descriptor: its three sizes and its timeout in ms; `null` for what is no such socket. */
function optionsOf(fd: number): number[] | null {
  const libc = Deno.dlopen("libc.so.6", {
    // int getsockopt(int fd, int level, int name, void *value, socklen_t *len);
    getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  });
  const { BUFFER_SIZE, BUFFER_MIN_SIZE, BUFFER_MAX_SIZE, CONNECT_TIMEOUT } = VM_SOCKETS;
  const get = (name: number, words: number): number[] | null => {
    const value = new BigInt64Array(words);
    const length = new Uint8Array(Uint32Array.of(words * 8).buffer);
    const result = libc.symbols.getsockopt(fd, AF_VSOCK, name, new Uint8Array(value.buffer), length);
    return result === 0 ? Array.from(value, Number) : null;
  };
  try {
    const sizes = [BUFFER_MIN_SIZE, BUFFER_MAX_SIZE, BUFFER_SIZE].map((name) => get(name, 1)?.[0]);
    const time = get(CONNECT_TIMEOUT, 2);
    if (time === null) return null;
    return [...sizes as number[], time[0]! * 1000 + time[1]! / 1000];
  } finally {
    libc.close();
  }
}

/** The options of every such socket of the process. */
function allOptions(): number[][] {
  const numbers = Array.from(Deno.readDirSync("/proc/self/fd"), (entry) => Number(entry.name));
  return numbers.map(optionsOf).filter((options) => options !== null);
}

const KiB = 1024;
const system = [128, 256 * KiB, 256 * KiB, 2000];
// Linux counts the timeout in ticks, of which 100 or 250 make a second.
const cases: readonly [VmciOptions, number[]][] = [
  [{}, system],
  [{ vmciBufferSize: 0, vmciBufferMinSize: 0, vmciBufferMaxSize: 0, vmciConnectTimeout: -1 }, system],
  [{ vmciBufferSize: 64 * KiB }, [128, 256 * KiB, 64 * KiB, 2000]],
  // Were the size set first, it would be kept below the old maximum.
  [{ vmciBufferSize: 1024 * KiB, vmciBufferMaxSize: 2048 * KiB }, [128, 2048 * KiB, 1024 * KiB, 2000]],
  [{ vmciBufferSize: 1024 * KiB }, [128, 256 * KiB, 256 * KiB, 2000]],
  [{ vmciBufferSize: 10, vmciBufferMinSize: 4 * KiB }, [4 * KiB, 256 * KiB, 4 * KiB, 2000]],
  [{ vmciConnectTimeout: 160 }, [128, 256 * KiB, 256 * KiB, 160]],
  [{ vmciConnectTimeout: 61_240 }, [128, 256 * KiB, 256 * KiB, 61_240]],
  [{ vmciConnectTimeout: 0 }, system],
];

// libzmq: test_setsockopt (buffers)
test("sizes and the timeout reach listeners and those who connect", async () => {
  for (const [options, expected] of cases) {
    const listener = vmci.bind("*:*", { backlog: 10, ...options });
    assert(listener instanceof DescriptorListener);
    assertEquals(optionsOf(listener.fd)!.slice(0, 3), expected.slice(0, 3), JSON.stringify(options));
    const accepting = listener.accept();
    const stream = await vmci.connect(`1:${listener.endpoint.split(":").at(-1)}`, options);
    assert(stream instanceof DescriptorStream);
    assertEquals(optionsOf(stream.fd), expected, JSON.stringify(options));
    const accepted = await within(accepting) as DescriptorStream;
    // The system hands the listener's sizes on.
    assertEquals(optionsOf(accepted.fd)!.slice(0, 3), expected.slice(0, 3));
    for (const each of [stream, accepted]) await each.close();
    await listener.close();
  }
});

test("options of a socket act at its next bind and connect", async () => {
  const port = freshPort();
  await using pull = new Pull({ vmciBufferSize: 32 * KiB });
  await using push = new Push({ vmciBufferMaxSize: 512 * KiB, vmciBufferSize: 512 * KiB, vmciConnectTimeout: 780 });
  assertEquals([push.vmciBufferSize, push.vmciBufferMaxSize, push.vmciConnectTimeout], [512 * KiB, 512 * KiB, 780]);
  await pull.bind(`vmci://1:${port}`);
  push.connect(`vmci://1:${port}`);
  await push.send("x");
  await expect(pull, "x");
  push.vmciBufferSize = 1000; // Too late for that connection.
  const all = allOptions();
  assertEquals(all.length, 3); // Those of the listener, and both ends.
  assertEquals(all.filter(([, , size]) => size === 32 * KiB).length, 2);
  assertEquals(all.filter(([, , size, time]) => size === 512 * KiB && time === 780).length, 1);
});

test("as many connections wait to be accepted as the backlog says", async () => {
  const listener = vmci.bind("*:*", { backlog: 3 });
  const address = `1:${listener.endpoint.split(":").at(-1)}`;
  const streams: ByteStream[] = [];
  const codes: string[] = [];
  for (let i = 0; i < 10; i++) codes.push(await codeOf(async () => void streams.push(await vmci.connect(address))));
  // Linux lets one more in than it was told.
  assert(streams.length >= 3 && streams.length <= 5, `${streams.length} wait`);
  assertEquals(new Set(codes), new Set(["nothing", "ECONNRESET"]));
  const accepted: ByteStream[] = [];
  for (let i = 0; i < streams.length; i++) accepted.push((await within(listener.accept()))!);
  for (const stream of [...streams, ...accepted]) await stream.close();
  await listener.close();
});

test("a peer's address is its CID and its port", async () => {
  const listener = vmci.bind("*:*", { backlog: 3 });
  const accepting = listener.accept();
  const port = listener.endpoint.split(":").at(-1);
  const near = await vmci.connect(`1:${port}`);
  const far = (await within(accepting))!;
  assertEquals(near.peerAddress, `1:${port}`);
  assert(/^1:\d+$/.test(far.peerAddress), far.peerAddress);
  for (const stream of [near, far]) await stream.close();
  await listener.close();
});
