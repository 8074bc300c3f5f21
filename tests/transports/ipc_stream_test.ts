import { assert, assertEquals, assertInstanceOf, assertRejects, assertStrictEquals } from "@std/assert";
import { ZmqError } from "../../transports/error.ts";
import { ipc } from "../../transports/ipc.ts";
import { runScript } from "../support/child.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";
import { assertConnectFails, assertReaches, bind, overListeners, reportOf, runChild } from "./ipc_support.ts";
import { onLinux, only } from "../support/platform.ts";

Deno.test("both ends know their peer as localhost", async () => {
  using temp = new TempDirectory();
  const listener = bind(temp.at("feed"));
  const client = await ipc.connect(temp.at("feed"));
  const server = await within(listener.accept());
  assertEquals(client.peerAddress, "localhost");
  assertEquals(server?.peerAddress, "localhost");
  client.close();
  server?.close();
  await listener.close();
});

Deno.test(
  "a filtered listener knows its peer's user, group and process",
  only(onLinux, "it is about Linux"),
  async () => {
    const listener = ipc.bind(`@denomq-${crypto.randomUUID()}`, { backlog: 100, ipcFilterPid: [Deno.pid] });
    const client = await ipc.connect(listener.endpoint.slice("ipc://".length));
    const server = await within(listener.accept());
    assertEquals(client.peerAddress, "localhost");
    assertEquals(server?.peerAddress, `localhost:${Deno.uid()}:${Deno.gid()}:${Deno.pid}`);
    client.close();
    server?.close();
    await listener.close();
  },
);

overListeners("the end of the peer is the end of the stream", async () => {
  using temp = new TempDirectory();
  const listener = bind(temp.at("feed"));
  const client = await ipc.connect(temp.at("feed"));
  const server = await within(listener.accept());
  client.close();
  client.close();
  assertEquals(await within(server?.read(new Uint8Array(1)) ?? Promise.reject()), null);
  server?.close();
  await listener.close();
});

overListeners("closing a stream ends its pending read and write", async () => {
  using temp = new TempDirectory();
  const listener = bind(temp.at("feed"));
  const client = await ipc.connect(temp.at("feed"));
  const server = await within(listener.accept());
  const read = assertRejects(() => client.read(new Uint8Array(1)));
  const write = assertRejects(async () => {
    while (true) await client.write(new Uint8Array(1 << 20));
  });
  // The write that the system has no room for is pending once the peer can read what went before.
  await within(server?.read(new Uint8Array(1)) ?? Promise.reject());
  client.close();
  await within(Promise.all([read, write]));
  server?.close();
  await listener.close();
});

overListeners("accepted streams outlive the listener", async () => {
  using temp = new TempDirectory();
  const listener = bind(temp.at("feed"));
  const client = await ipc.connect(temp.at("feed"));
  const server = await within(listener.accept());
  await listener.close();
  await client.write(Uint8Array.of(5));
  const into = new Uint8Array(2);
  assertEquals(await within(server?.read(into) ?? Promise.reject()), 1);
  assertEquals(into[0], 5);
  client.close();
  server?.close();
});

overListeners("close ends a pending accept with null, and later ones too", async () => {
  using temp = new TempDirectory();
  const listener = bind(temp.at("feed"));
  const accepted = listener.accept();
  let ended = false;
  accepted.finally(() => ended = true);
  const closed = listener.close();
  assertStrictEquals(listener.close(), closed);
  await within(closed);
  assert(ended, "close() resolves when the pending accept has ended");
  assertEquals(await accepted, null);
  assertEquals(await listener.accept(), null);
});

overListeners("a peer that comes in while the listener closes is let go", async () => {
  using temp = new TempDirectory();
  for (let i = 0; i < 50; i++) {
    const listener = bind(temp.at("feed"));
    const accepted = listener.accept();
    const client = await ipc.connect(temp.at("feed"));
    await within(listener.close());
    const server = await accepted;
    if (server === null) {
      const end = await within(client.read(new Uint8Array(1)).catch((error: unknown) => error));
      if (end !== null) assertInstanceOf(end, Deno.errors.ConnectionReset);
    }
    server?.close();
    client.close();
  }
});

Deno.test("a connect to nothing is ENOENT", async () => {
  using temp = new TempDirectory();
  await assertConnectFails(temp.at("feed"), "ENOENT");
});

overListeners("a connect to a full backlog is EAGAIN", only(onLinux, "it is about Linux"), async () => {
  const listener = bind(`@denomq-backlog-${crypto.randomUUID()}`);
  const address = listener.endpoint.slice("ipc://".length);
  const clients = [];
  let failure: unknown;
  while (failure === undefined && clients.length < 10_000) {
    try {
      clients.push(await within(ipc.connect(address)));
    } catch (error) {
      failure = error;
    }
  }
  for (const client of clients) client.close();
  await listener.close();
  assertInstanceOf(failure, ZmqError);
  if (failure.code === "EMFILE") console.log(`Skipped: only ${clients.length} files can be open`);
  else assertEquals(failure.code, "EAGAIN");
});

overListeners("to connect, * is a file of that name", async () => {
  using temp = new TempDirectory();
  const before = Deno.cwd();
  Deno.chdir(temp.path);
  try {
    await assertConnectFails("*", "ENOENT");
    const listener = bind("./*");
    await assertReaches("*", listener);
    await listener.close();
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("without file descriptors accept rejects with EMFILE, and works again later", {
  ...only(onLinux, "it is about Linux"),
}, async () => {
  const script = new URL("./ipc_emfile_child.ts", import.meta.url);
  const { stdout, stderr } = await runScript(script, [], { files: 64 });
  assertEquals(stdout.trim().split("\n"), ["connect EMFILE", "accept EMFILE", "accept localhost"], stderr);
});

overListeners("a listener and idle streams do not hold the process", async () => {
  using temp = new TempDirectory();
  const result = await runChild("idle", temp.at("feed"));
  assertEquals(result.code, 0, result.stderr);
  assertEquals(reportOf(result).endpoint, `ipc://${temp.at("feed")}`);
});

overListeners("a pending write holds the process", async () => {
  using temp = new TempDirectory();
  const result = await runChild("write", temp.at("feed"), { count: 20_000_000 });
  assertEquals(result.code, 0, result.stderr);
  assertEquals(result.stdout.trim().split("\n").at(-1), "written");
});
