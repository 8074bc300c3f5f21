import { assert, assertEquals, assertThrows } from "@std/assert";
import { ZmqError } from "../../transports/error.ts";
import { ipc } from "../../transports/ipc.ts";
import { TempDirectory } from "../support/temp.ts";
import { assertBindFails, assertConnectFails, assertReaches, bind, exists, overListeners } from "./ipc_support.ts";
import { onLinux, only, onWindows } from "../support/platform.ts";

const name = () => `@denomq-${crypto.randomUUID()}`;

overListeners("ipc binds and connects at an absolute path", async () => {
  using temp = new TempDirectory();
  const path = temp.at("feed");
  const listener = bind(path);
  assertEquals(listener.endpoint, `ipc://${path}`);
  assert(Deno.lstatSync(path).isSocket);
  await assertReaches(path, listener);
  await listener.close();
});

overListeners("ipc takes paths to the letter", async () => {
  using temp = new TempDirectory();
  for (const file of ["a b", "%20", "?x=1#y", "é😀", "a://b", "*", "@x", "a,b", "'\"$", ".~x", "a\nb"]) {
    const path = file === "a://b" ? temp.path + "/a://b" : `${temp.path}/${file}`;
    if (file === "a://b") Deno.mkdirSync(temp.at("a:"));
    const listener = bind(path);
    assertEquals(listener.endpoint, `ipc://${path}`);
    assert(Deno.lstatSync(path).isSocket, file);
    await assertReaches(path, listener);
    await listener.close();
  }
});

overListeners("ipc keeps a relative path relative", async () => {
  using temp = new TempDirectory();
  Deno.mkdirSync(temp.at("feeds"));
  const before = Deno.cwd();
  Deno.chdir(temp.path);
  try {
    for (const path of ["feed", "feeds/0", "./feeds/../other"]) {
      const listener = bind(path);
      assertEquals(listener.endpoint, `ipc://${path}`);
      await assertReaches(path, listener);
      await listener.close();
      assert(Deno.lstatSync(path).isSocket);
    }
  } finally {
    Deno.chdir(before);
  }
});

overListeners("ipc counts the bytes of a path: 107 are possible", only(onLinux, "it is about Linux"), async () => {
  using temp = new TempDirectory();
  for (const file of ["a", "ab", "abc", "abcdefgh", "abcdefghijklmnopqrst", "é", "😀é"]) {
    const path = temp.pathOfLength(107, file);
    const listener = bind(path);
    await assertReaches(path, listener);
    await listener.close();
    assertEquals(Array.from(Deno.readDirSync(path.slice(0, path.lastIndexOf("/"))), (entry) => entry.name), [file]);
    Deno.removeSync(path);
  }
});

overListeners("ipc refuses a path of 108 bytes", only(onLinux, "it is about Linux"), async () => {
  using temp = new TempDirectory();
  for (const file of ["a", "abcdefghij", "é"]) {
    const path = temp.pathOfLength(108, file);
    assertBindFails(path, "ENAMETOOLONG", "108 bytes");
    await assertConnectFails(path, "ENAMETOOLONG", "108 bytes");
    assertThrows(() => ipc.resolve(path, "connect"), ZmqError);
    assert(!exists(path));
  }
  assertBindFails("é".repeat(54), "ENAMETOOLONG");
  await assertConnectFails("x".repeat(5000), "ENAMETOOLONG");
});

overListeners("ipc refuses a NUL in a path", async () => {
  for (const path of ["\0", "\0abstract", "/tmp/a\0b", "@a\0b", "*\0"]) {
    assertBindFails(path, "EINVAL", "NUL");
    await assertConnectFails(path, "EINVAL", "NUL");
  }
});

Deno.test("ipc resolves an endpoint without touching the system", () => {
  assertEquals(ipc.resolve("/nowhere/at/all", "connect"), "ipc:///nowhere/at/all");
  assertEquals(ipc.resolve("*", "connect"), "ipc://*");
  assertEquals(ipc.resolve("*", "bind"), "ipc://*");
  assertEquals(ipc.resolve("@x", "bind"), "ipc://@x");
});

// libzmq: test_abstract_ipc
overListeners("@ and a name is the abstract namespace", only(onLinux, "it is about Linux"), async () => {
  const address = name();
  const listener = bind(address);
  assertEquals(listener.endpoint, `ipc://${address}`);
  assert(!exists(address));
  await assertReaches(address, listener);
  await listener.close();
  await assertConnectFails(address, "ECONNREFUSED");
});

overListeners("the system knows an abstract name by its exact length", only(onLinux, "it is about Linux"), async () => {
  const address = name();
  const listener = bind(address);
  // The kernel prints every NUL of an abstract name as "@": padding would be seen.
  const found = Deno.readTextFileSync("/proc/net/unix").split("\n").filter((line) => line.includes(address));
  assertEquals(found.map((line) => line.slice(line.indexOf("@"))), [address]);
  await listener.close();
});

overListeners(
  "an abstract name in use is EADDRINUSE, and free again after close",
  only(onLinux, "it is about Linux"),
  async () => {
    const address = name();
    const first = bind(address);
    assertBindFails(address, "EADDRINUSE");
    await first.close();
    const second = bind(address);
    await second.close();
  },
);

// libzmq: test_abstract_ipc (empty name)
overListeners("@ alone is EINVAL", only(onLinux, "it is about Linux"), async () => {
  assertBindFails("@", "EINVAL", "no name");
  await assertConnectFails("@", "EINVAL", "no name");
});

overListeners(
  "an abstract name has 107 bytes at most, the @ included",
  only(onLinux, "it is about Linux"),
  async () => {
    const longest = name().padEnd(107, "x");
    const listener = bind(longest);
    await assertReaches(longest, listener);
    await listener.close();
    assertBindFails(`${longest}x`, "ENAMETOOLONG");
    await assertConnectFails(`${longest}x`, "ENAMETOOLONG");
    assertBindFails(`@${"é".repeat(54)}`, "ENAMETOOLONG");
  },
);

overListeners(
  "elsewhere than on Linux @ is a file",
  only(!onLinux && !onWindows, "it is about systems without abstract names"),
  async () => {
    using temp = new TempDirectory();
    const before = Deno.cwd();
    Deno.chdir(temp.path);
    try {
      const listener = bind("@x");
      await listener.close();
      assertEquals(temp.names(), ["@x"]);
    } finally {
      Deno.chdir(before);
    }
  },
);
