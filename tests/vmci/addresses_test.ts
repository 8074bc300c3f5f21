// The tables of addresses and errors, against the kernel.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Pull, Push } from "../../mod.ts";
import { Log } from "../api/support.ts";
import { expect } from "../sockets/support.ts";
import { codeOf, freshPort, lines, test } from "./support.ts";

/** The machine's own CID, as `@` shows it. */
async function ownCid(): Promise<number> {
  await using pull = new Pull();
  await pull.bind("vmci://@:*");
  return Number(/^vmci:\/\/(\d+):\d+$/.exec(pull.lastEndpoint!)![1]);
}

// libzmq: test_pair_vmci, test_reqrep_vmci
test("bind shows the CID and the port that it got", async () => {
  await using pull = new Pull();
  const [own, port] = [await ownCid(), freshPort()];
  for (const scheme of ["vmci", "vsock"]) {
    const at = scheme === "vmci" ? own : 1;
    for (
      const [address, printed] of [
        [`*:${port}`, `*:${port}`],
        [`-1:${port}`, `*:${port}`],
        [`4294967295:${port}`, `*:${port}`],
        [`1:${port}`, `1:${port}`],
        [`01:0${port}`, `1:${port}`],
        [`@:${port}`, `${at}:${port}`],
        ["1:0", "1:0"],
      ]
    ) {
      await pull.bind(`${scheme}://${address}`);
      assertEquals(pull.lastEndpoint, `${scheme}://${printed}`, address);
      await pull.unbind(pull.lastEndpoint!);
    }
    for (const [address, cid] of [["*:*", "\\*"], ["1:*", "1"], ["-1:-1", "\\*"], ["@:4294967295", `${at}`]]) {
      await pull.bind(`${scheme}://${address}`);
      assertMatch(pull.lastEndpoint!, new RegExp(`^${scheme}://${cid}:[1-9]\\d+$`));
      await pull.unbind(pull.lastEndpoint!);
    }
  }
});

test("wildcard ports differ, and can be connected to", async () => {
  await using pull = new Pull();
  const ports = new Set<string>();
  for (let i = 0; i < 3; i++) {
    await pull.bind("vmci://*:*");
    ports.add(pull.lastEndpoint!.split(":").at(-1)!);
  }
  assertEquals(ports.size, 3);
  for (const port of ports) {
    await using push = new Push();
    push.connect(`vmci://1:${port}`);
    await push.send(port);
    await expect(pull, port);
  }
});

test("bind fails with the name of what is wrong", async () => {
  await using pull = new Pull();
  const port = freshPort();
  const bind = (endpoint: string) => codeOf(() => pull.bind(endpoint));
  await pull.bind(`vmci://*:${port}`);
  // A port that is bound for every CID is taken for each.
  for (const taken of [`vmci://*:${port}`, `vmci://1:${port}`, `vsock://@:${port}`]) {
    assertEquals(await bind(taken), "EADDRINUSE", taken);
  }
  for (const cid of [0, 99, 4294967294]) assertEquals(await bind(`vmci://${cid}:${port}`), "EADDRNOTAVAIL", `${cid}`);
  for (const bad of ["abc:1", "-2:1", "1:@", "1:", ":1", "1", "4294967296:1", "1:4294967296"]) {
    assertEquals(await bind(`vmci://${bad}`), "EINVAL", bad);
  }
  assertEquals(pull.lastEndpoint, `vmci://*:${port}`);
});

test("a bind that fails names the endpoint and leaves nothing behind", async () => {
  await using pull = new Pull();
  const log = new Log(pull);
  const error = await pull.bind("vmci://99:1234").catch((error) => error);
  assertEquals([error.code, error.address], ["EADDRNOTAVAIL", "vmci://99:1234"]);
  assertStringIncludes(error.message, "this machine does not have that CID");
  assertEquals((await log.wait("bind:error")).address, "vmci://99:1234");
  assertEquals(pull.lastEndpoint, null);
});

test("ports below 1024 are for those who may", async () => {
  assertEquals(await lines("without_power", [], { powerless: true }), [
    "EACCES Permission denied: ports below 1024 are for privileged programs: vmci://*:1023",
    "vmci://*:1024",
  ]);
});

test("unbind takes the endpoint that bind showed, and nothing else", async () => {
  await using pull = new Pull();
  const port = freshPort();
  await pull.bind(`vmci://*:${port}`);
  for (const other of [`4294967295:${port}`, `-1:${port}`, `@:${port}`, `1:${port}`, "*:*"]) {
    assertEquals(await codeOf(() => pull.unbind(`vmci://${other}`)), "ENOENT", other);
  }
  assertEquals(await codeOf(() => pull.unbind(`vsock://*:${port}`)), "ENOENT");
  await pull.unbind(`vmci://*:${port}`);
  assertEquals(await codeOf(() => pull.unbind(`vmci://*:${port}`)), "ENOENT");
  await pull.bind(`vmci://1:${port}`);
  assertEquals(pull.lastEndpoint, `vmci://1:${port}`);
});

test("connect takes every address, prints what it means, and is undone by what it was given", async () => {
  await using push = new Push({ linger: 0 });
  const [own, port] = [await ownCid(), freshPort()];
  for (
    const [address, printed] of [
      [`@:${port}`, `vmci://${own}:${port}`],
      [`*:${port}`, `vmci://*:${port}`],
      [`1:*`, "vmci://1:*"],
      [`-1:-1`, "vmci://*:*"],
      [`7777:${port}`, `vmci://7777:${port}`],
    ]
  ) {
    push.connect(`vmci://${address}`);
    assertEquals(push.lastEndpoint, printed);
    if (printed !== `vmci://${address}`) assertEquals(await codeOf(() => push.disconnect(printed!)), "ENOENT");
    push.disconnect(`vmci://${address}`);
  }
  for (const bad of ["abc:1", "1:@", "1"]) assertEquals(await codeOf(() => push.connect(`vmci://${bad}`)), "EINVAL");
});

// libzmq: test_pair_vsock, test_reqrep_vsock
test("vmci and vsock reach each other", async () => {
  await using pull = new Pull();
  await using push = new Push();
  await pull.bind("vsock://*:*");
  push.connect(`vmci://1:${pull.lastEndpoint!.split(":").at(-1)}`);
  await push.send("over vmci");
  await expect(pull, "over vmci");
  await using reverse = new Push();
  await pull.bind("vmci://*:*");
  reverse.connect(`vsock://@:${pull.lastEndpoint!.split(":").at(-1)}`);
  assertMatch(reverse.lastEndpoint!, /^vsock:\/\/1:\d+$/);
  await reverse.send("over vsock");
  await expect(pull, "over vsock");
});

test("without the device the machine's own CID is ENODEV, and all else goes on", async () => {
  await using pull = new Pull();
  Deno.renameSync("/dev/vsock", "/dev/vsock-away");
  try {
    for (const operation of ["bind", "connect"] as const) {
      const endpoint = `vmci://@:${freshPort()}`;
      const error = await (async () => await pull[operation](endpoint))().catch((error) => error);
      assertEquals([error.code, error.address], ["ENODEV", endpoint]);
      assertStringIncludes(error.message, "this machine has no /dev/vsock");
      // An endpoint that nothing was bound or connected to is that, whatever the system knows.
      assertEquals(await codeOf(() => pull.unbind(endpoint)), "ENOENT");
    }
    await pull.bind("vmci://*:*");
    await pull.bind("vsock://@:*");
  } finally {
    Deno.renameSync("/dev/vsock-away", "/dev/vsock");
  }
  assert(pull.lastEndpoint!.startsWith("vsock://1:"));
});
