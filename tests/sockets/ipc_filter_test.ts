// Filters of ipc over whole sockets: who is let in, what it costs those who are not, and what a filtered endpoint carries.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Context, Dealer, Pull, Push, type Socket, Stream } from "../../mod.ts";
import { Log, next, rejectsCode, until } from "../api/support.ts";
import { Raw } from "../api/raw.ts";
import { openDescriptors, pattern, same } from "../ffi/support.ts";
import { Handler } from "../security/support.ts";
import { runScript } from "../support/child.ts";
import { within } from "../support/deadline.ts";
import { onLinux, only } from "../support/platform.ts";
import { TempDirectory } from "../support/temp.ts";

const here = only(onLinux, "elsewhere nobody is told who connects");
const [uid, gid, pid] = onLinux ? [Deno.uid()!, Deno.gid()!, Deno.pid] : [0, 0, 0];
/** Whom this process is not. */
const stranger = { ipcFilterUid: [uid + 1] };
const me = { ipcFilterUid: [uid] };

function test(name: string, fn: () => Promise<void>): void {
  Deno.test(`ipc filter: ${name}`, here, () => within(fn(), name, 60_000));
}

/** Asserts that this process cannot connect, and why it is told that it cannot. */
async function assertRefuses(socket: Socket, log: Log): Promise<void> {
  const before = [log.count("accept:error"), log.count("accept")];
  using raw = await Raw.connect(socket.lastEndpoint!);
  await raw.closed();
  const { error, address } = await log.wait("accept:error", before[0]! + 1);
  assertEquals(address, socket.lastEndpoint);
  assertEquals((error as { code?: string }).code, "EACCES");
  assertEquals(
    error!.message,
    `Permission denied: the filter does not admit user ${uid}, group ${gid}, process ${pid}: ${socket.lastEndpoint}`,
  );
  assertEquals(log.count("accept"), before[1]);
}

/** Asserts that a message of this process gets through. */
async function assertAdmits(pull: Pull): Promise<void> {
  await using push = new Push({ linger: 0 });
  push.connect(pull.lastEndpoint!);
  await push.send("x");
  assertEquals(await next(pull), ["x"]);
}

test("one number, several, or null can be set, and what is read is nobody else's", async () => {
  await using pull = new Pull({ ipcFilterGid: [1, 2] });
  pull.ipcFilterUid = 7;
  pull.ipcFilterPid = null;
  assertEquals([pull.ipcFilterUid, pull.ipcFilterGid, pull.ipcFilterPid], [[7], [1, 2], []]);
  (pull.ipcFilterUid as number[]).push(uid);
  assertEquals(pull.ipcFilterUid, [7]);
  const numbers = [uid + 1];
  pull.ipcFilterUid = numbers;
  numbers[0] = uid;
  assertEquals(pull.ipcFilterUid, [uid + 1]);
  pull.ipcFilterGid = [];
  pull.ipcFilterUid = null;
  assertEquals([pull.ipcFilterGid, pull.ipcFilterUid], [[], []]);
});

test("a peer is admitted for any one of the three", async () => {
  const others = { ipcFilterUid: [uid + 1], ipcFilterGid: [gid + 1], ipcFilterPid: [pid + 1] };
  for (const endpoint of ["ipc://*", `ipc://@denomq-${crypto.randomUUID()}`]) {
    for (const own of [me, { ipcFilterGid: [gid + 2, gid] }, { ipcFilterPid: [pid] }]) {
      await using pull = new Pull({ ...others, ...own });
      await pull.bind(endpoint);
      await assertAdmits(pull);
    }
    await using pull = new Pull(others);
    const log = new Log(pull);
    await pull.bind(endpoint);
    for (let i = 0; i < 3; i++) await assertRefuses(pull, log);
  }
});

test("what is set acts at the next bind", async () => {
  await using pull = new Pull();
  const log = new Log(pull);
  await pull.bind("ipc://*");
  const open = pull.lastEndpoint!;
  pull.ipcFilterUid = uid + 1;
  await pull.bind("ipc://*");
  const closed = pull.lastEndpoint!;
  await assertRefuses(pull, log);
  pull.ipcFilterUid = null;
  await assertRefuses(pull, log);
  await pull.bind("ipc://*");
  await assertAdmits(pull);
  await using push = new Push({ linger: 0 });
  push.connect(open);
  await push.send("open");
  assertEquals(await next(pull), ["open"]);
  for (const endpoint of [open, closed]) await pull.unbind(endpoint);
  await rejectsCode(() => pull.unbind(closed), "ENOENT");
});

test("those who are refused keep nobody else waiting", async () => {
  await using pull = new Pull({ ipcFilterPid: [pid] });
  const log = new Log(pull);
  await pull.bind(`ipc://@denomq-${crypto.randomUUID()}`);
  const script = `const address = { transport: "unix", path: "\\0" + Deno.args[0] };
    for (;;) await Deno.connect(address).then((conn) => conn.close(), () => {});`;
  const intruder = new Deno.Command(Deno.execPath(), {
    args: ["eval", script, pull.lastEndpoint!.slice("ipc://@".length)],
    stdin: "null",
  }).spawn();
  try {
    await log.wait("accept:error", 20);
    for (let i = 0; i < 20; i++) await assertAdmits(pull);
    await log.wait("accept:error", log.count("accept:error") + 20);
  } finally {
    intruder.kill("SIGKILL");
    await intruder.status;
  }
});

/** The files of accounts, as a test wants them. */
class Accounts implements Disposable {
  readonly #read = Deno.readFileSync;
  readonly reads: string[] = [];

  constructor(files: Record<string, string | Error>) {
    Deno.readFileSync = (path) => {
      const file = files[String(path)];
      if (file === undefined) return this.#read(path);
      this.reads.push(String(path));
      if (file instanceof Error) throw file;
      return Uint8Array.from(file, (character) => character.charCodeAt(0));
    };
  }

  [Symbol.dispose](): void {
    Deno.readFileSync = this.#read;
  }
}

// libzmq: test_filter_ipc (supplemental GID)
test("a user is of a group that lists it by the name that comes first for its number", async () => {
  const [mine, other] = [gid + 10, gid + 11];
  const users = [
    `# old:x:${uid}:0::/:`,
    `-gone:x:${uid}:0::/:`,
    `other:x:${uid + 1}:0::/:`,
    `:x:${uid}:0::/:`,
    `m\xff:x:${uid}:0::/:`,
    `second:x:${uid}:0::/:`,
    "+::::::\n",
  ].join("\n");
  const cases: [string, boolean][] = [
    [`g:x:${mine}:other,m\xff\n`, true],
    [`g:x:${other}:\nh:x:${mine}:a\nh2:x:${mine}:m\xff,b`, true],
    [`g:x:${mine}:m\xfe,m\xfd,other,second\n`, false],
    [`g:x:${mine}:mm\xff,m\n`, false],
    [`g:x:${other}:m\xff\n`, false],
    [`g:x:${mine}:\n`, false],
    [`g:x:${mine}\n`, false],
    [`g:x::m\xff\n\n+:::\n`, false],
    ["", false],
    // What glibc passes over: comments, entries of NIS, space in front.
    [`#g:x:${mine}:m\xff\n`, false],
    [` \t# g:x:${mine}:m\xff\n`, false],
    [`+g:x:${mine}:m\xff\n-g:x:${mine}:m\xff\n`, false],
    [`  g:x:${mine}:a, m\xff\n`, true],
  ];
  for (const [groups, admitted] of cases) {
    using _accounts = new Accounts({ "/etc/group": groups, "/etc/passwd": users });
    await using pull = new Pull({ ipcFilterGid: [mine] });
    const log = new Log(pull);
    await pull.bind("ipc://*");
    if (admitted) await assertAdmits(pull);
    else await assertRefuses(pull, log);
  }
});

test("members are looked up only for a group, only if need be, and with every peer anew", async () => {
  const files: Record<string, string | Error> = { "/etc/group": `g:x:${gid + 10}:me\n`, "/etc/passwd": "" };
  using accounts = new Accounts(files);
  await using pull = new Pull({ ipcFilterUid: [uid], ipcFilterGid: [gid + 10] });
  const log = new Log(pull);
  await pull.bind("ipc://*");
  await assertAdmits(pull);
  pull.ipcFilterGid = null;
  pull.ipcFilterUid = uid + 1;
  await pull.bind("ipc://*");
  await assertRefuses(pull, log);
  assertEquals(accounts.reads, []);
  pull.ipcFilterGid = gid + 10;
  await pull.bind("ipc://*");
  await assertRefuses(pull, log);
  files["/etc/passwd"] = `me:x:${uid}:\n`;
  await assertAdmits(pull);
  assertEquals(accounts.reads, ["/etc/group", "/etc/passwd", "/etc/group", "/etc/passwd"]);
});

test("nobody is a member where there are no files, or none that can be read", async () => {
  const files: Record<string, string | Error> = { "/etc/group": `g:x:${gid + 10}:me\n`, "/etc/passwd": "" };
  using _accounts = new Accounts(files);
  await using pull = new Pull({ ipcFilterGid: [gid + 10] });
  const log = new Log(pull);
  await pull.bind("ipc://*");
  for (const file of ["/etc/passwd", "/etc/group"]) {
    files[file] = new Deno.errors.NotFound("none");
    await assertRefuses(pull, log);
  }
  files["/etc/group"] = new Deno.errors.PermissionDenied("no");
  const before = log.count("accept:error");
  using raw = await Raw.connect(pull.lastEndpoint!);
  await raw.closed();
  const { error } = await log.wait("accept:error", before + 1);
  assertMatch(error!.message, /^Permission denied: /);
  assertEquals(log.count("accept"), 0);
});

test("handlers of ZAP are told who has connected", async () => {
  for (const [filter, address] of [[me, `localhost:${uid}:${gid}:${pid}`], [{}, "localhost"]] as const) {
    const context = new Context();
    await using handler = await Handler.bind(context);
    await using server = new Dealer({ context, linger: 0, zapDomain: "test", ...filter });
    await using client = new Dealer({ context, linger: 0 });
    await server.bind("ipc://*");
    client.connect(server.lastEndpoint!);
    await client.send("x");
    assertEquals(await next(server), ["x"]);
    assertEquals(handler.requests.map((request) => request.address), [address]);
  }
});

test("a Stream has one, too", async () => {
  await using stream = new Stream(me);
  const log = new Log(stream);
  await stream.bind("ipc://*");
  using raw = await Raw.connect(stream.lastEndpoint!);
  const [peer] = await within(stream.receive(), "the peer");
  await stream.send([peer!, "hello"]);
  assertEquals(new TextDecoder().decode(await raw.read(5)), "hello");
  Object.assign(stream, stranger);
  await stream.bind("ipc://*");
  for (let i = 0; i < 2; i++) await assertRefuses(stream, log);
});

test("Workers have theirs", async () => {
  using temp = new TempDirectory();
  const endpoint = `ipc://${temp.at("feed")}`;
  const worker = new Worker(new URL("./workers/filtered.ts", import.meta.url), { type: "module" });
  const answers: unknown[] = [];
  const answer = () => until(() => answers.length > 0, "the Worker answers").then(() => answers.shift());
  worker.onmessage = ({ data }) => answers.push(data);
  try {
    worker.postMessage({ endpoint, filter: stranger });
    assertEquals(await answer(), "bound");
    using refused = await Raw.connect(endpoint);
    await refused.closed();
    assertEquals(await answer(), "EACCES");
    worker.postMessage({ endpoint, filter: me });
    assertEquals(await answer(), "bound");
    await using push = new Push({ linger: 0 });
    push.connect(endpoint);
    await push.send("hello");
    assertEquals(await answer(), "hello");
    worker.postMessage(null);
    assertEquals(await answer(), "closed");
  } finally {
    worker.terminate();
  }
});

test("large messages, and a receiver that falls behind, lose nothing", async () => {
  await using pull = new Pull({ ...me, receiveHighWaterMark: 2 });
  await using push = new Push({ linger: 0, sendHighWaterMark: 2 });
  await pull.bind("ipc://*");
  push.connect(pull.lastEndpoint!);
  const sizes = Array.from({ length: 60 }, (_, i) => [0, 1, 255, 256, 70_000, 3_000_001][i % 6]!);
  let sent = 0;
  const sending = (async () => {
    for (const [i, size] of sizes.entries()) {
      await push.send(pattern(size, i));
      sent++;
    }
  })();
  await until(() => sent > 0 && !push.writable, "the way is full");
  assert(sent < sizes.length, `${sent} were taken`);
  for (const [i, size] of sizes.entries()) {
    const [frame] = await within(pull.receive(), `message ${i}`);
    assert(same(frame!, pattern(size, i)), `message ${i} of ${size} bytes`);
  }
  await within(sending, "the sends");
});

test("large messages go the other way, to a peer that falls behind", async () => {
  await using push = new Push({ ...me, linger: 0, sendHighWaterMark: 2 });
  await using pull = new Pull({ receiveHighWaterMark: 2 });
  await push.bind("ipc://*");
  pull.connect(push.lastEndpoint!);
  const count = 30;
  const sending = (async () => {
    for (let i = 0; i < count; i++) await push.send(pattern(1_000_000 + i, i));
  })();
  await until(() => pull.readable && !push.writable, "the way is full");
  for (let i = 0; i < count; i++) {
    const [frame] = await within(pull.receive(), `message ${i}`);
    assert(same(frame!, pattern(1_000_000 + i, i)), `message ${i}`);
  }
  await within(sending, "the sends");
});

test("hundreds connect at once, and leave nothing", async () => {
  const before = await settled();
  {
    await using pull = new Pull({ ...me, backlog: 10 });
    await pull.bind("ipc://*");
    const pushes = Array.from({ length: 200 }, () => new Push({ linger: 0, reconnectInterval: 10 }));
    for (const push of pushes) push.connect(pull.lastEndpoint!);
    await Promise.all(pushes.map((push, i) => push.send(`${i}`)));
    const got = new Set<string>();
    for (const _ of pushes) got.add((await next(pull))[0]!);
    assertEquals(got.size, pushes.length);
    assert(openDescriptors() >= before + 2 * pushes.length);
    for (const push of pushes.slice(0, 100)) await push[Symbol.asyncDispose]();
    await until(() => pull.peerCount === 100, "those that have gone");
    for (const push of pushes.slice(100)) await push[Symbol.asyncDispose]();
  }
  await until(() => openDescriptors() <= before, () => `${before} descriptors; there are ${openDescriptors()}`);
});

test("hundreds that are refused leave nothing", async () => {
  const before = await settled();
  {
    await using pull = new Pull(stranger);
    const log = new Log(pull);
    await pull.bind("ipc://*");
    for (let i = 0; i < 200; i++) {
      using raw = await Raw.connect(pull.lastEndpoint!);
      await raw.closed();
    }
    await log.wait("accept:error", 200);
    assert(openDescriptors() < before + 50, `${before} descriptors became ${openDescriptors()}`);
  }
  await until(() => openDescriptors() <= before, () => `${before} descriptors; there are ${openDescriptors()}`);
});

/** How many descriptors there are once all that is made once is there. */
async function settled(): Promise<number> {
  await using pull = new Pull(me);
  await pull.bind("ipc://*");
  await assertAdmits(pull);
  await pull[Symbol.asyncDispose]();
  return openDescriptors();
}

test("a program with a filter and nothing to do ends, and leaves no file of a wildcard that it has closed", async () => {
  using temp = new TempDirectory();
  const script = new URL("./programs/filtered.ts", import.meta.url);
  const { code, stdout, stderr } = await runScript(script, [], { env: { TMPDIR: temp.path } });
  assertEquals([code, stderr, stdout], [0, "", "hello\n"]);
  assertEquals(temp.names(), []);
});
