import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { dirname } from "@std/path";
import { TempDirectory } from "../support/temp.ts";
import {
  addressOf,
  assertBindFails,
  assertReaches,
  bind,
  exists,
  overListeners,
  reportOf,
  runChild,
} from "./ipc_support.ts";
import { onLinux, only, onWindows } from "../support/platform.ts";

const VARIABLES = ["TMPDIR", "TEMPDIR", "TMP"];

/** Runs with the three variables set so, and as they were afterwards. */
async function withVariables(values: Record<string, string>, run: () => void | Promise<void>): Promise<void> {
  const before = VARIABLES.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of VARIABLES) Deno.env.delete(name);
  for (const [name, value] of Object.entries(values)) Deno.env.set(name, value);
  try {
    await run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

// libzmq: test_ipc_wildcard
overListeners(
  "the wildcard makes a socket in a directory of its own, and removes both",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    await withVariables({ TMPDIR: temp.path }, async () => {
      const listener = bind("*");
      const path = addressOf(listener.endpoint);
      assertMatch(path.slice(temp.path.length), /^\/tmp[A-Za-z0-9]{6}\/socket$/);
      assertEquals((Deno.lstatSync(dirname(path)).mode ?? 0) & 0o777, 0o700);
      assertEquals(Array.from(Deno.readDirSync(dirname(path)), (entry) => entry.name), ["socket"]);
      await assertReaches(path, listener);
      await listener.close();
      assertEquals(temp.names(), []);
    });
  },
);

overListeners(
  "whatever begins with * is the wildcard, and every bind has its own path",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    await withVariables({ TMPDIR: temp.path }, async () => {
      const listeners = ["*", "*:*", "*foo", "*/a/b", "*".repeat(500)].map(bind);
      assertEquals(new Set(listeners.map(({ endpoint }) => endpoint)).size, listeners.length);
      for (const listener of listeners) {
        await assertReaches(addressOf(listener.endpoint), listener);
        await listener.close();
      }
      assertEquals(temp.names(), []);
    });
  },
);

overListeners(
  "TMPDIR, TEMPDIR and TMP count in this order, if they are directories",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    for (const name of ["one", "two", "three"]) Deno.mkdirSync(temp.at(name));
    Deno.writeTextFileSync(temp.at("file"), "");
    const [one, two, three, file] = [temp.at("one"), temp.at("two"), temp.at("three"), temp.at("file")];
    const cases: [Record<string, string>, string][] = [
      [{ TMPDIR: one, TEMPDIR: two, TMP: three }, one],
      [{ TMPDIR: `${one}//`, TMP: three }, one],
      [{ TEMPDIR: two, TMP: three }, two],
      [{ TMP: three }, three],
      [{ TMPDIR: file, TEMPDIR: temp.at("missing"), TMP: three }, three],
      [{ TMPDIR: "", TEMPDIR: two }, two],
      [{ TMPDIR: file }, "/tmp"],
      [{}, "/tmp"],
    ];
    for (const [values, expected] of cases) {
      await withVariables(values, async () => {
        const listener = bind("*");
        assertEquals(dirname(dirname(addressOf(listener.endpoint))), expected);
        await listener.close();
        assert(!exists(dirname(addressOf(listener.endpoint))));
      });
    }
  },
);

overListeners(
  "a relative directory gives an absolute endpoint that survives a chdir",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    Deno.mkdirSync(temp.at("dir"));
    const before = Deno.cwd();
    Deno.chdir(temp.path);
    try {
      await withVariables({ TMPDIR: "dir" }, async () => {
        const listener = bind("*");
        assert(addressOf(listener.endpoint).startsWith(temp.at("dir") + "/"));
        Deno.chdir(before);
        await assertReaches(addressOf(listener.endpoint), listener);
        await listener.close();
        assertEquals(Array.from(Deno.readDirSync(temp.at("dir"))), []);
      });
    } finally {
      Deno.chdir(before);
    }
  },
);

overListeners(
  "a generated path that is too long is ENAMETOOLONG, and its directory is gone",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    const directory = temp.at("d".repeat(90));
    Deno.mkdirSync(directory);
    await withVariables({ TMPDIR: directory }, () => {
      assertBindFails("*", "ENAMETOOLONG");
      assertEquals(Array.from(Deno.readDirSync(directory)), []);
    });
  },
);

overListeners(
  "a directory that cannot be written to is the system's error",
  only(onLinux, "it is about Linux"),
  async () => {
    await withVariables({ TMPDIR: "/proc" }, () => void assertBindFails("*", "ENOENT"));
    using temp = new TempDirectory();
    Deno.chmodSync(temp.path, 0o555);
    const report = reportOf(await runChild("bind", "*", { powerless: true, env: { TMPDIR: temp.path } }));
    Deno.chmodSync(temp.path, 0o755);
    assertEquals(report.code, "EACCES", report.message ?? "");
    assertEquals(report.missing, false);
  },
);

overListeners(
  "a failed clean-up is known at once, and the binding has ended all the same",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    await withVariables({ TMPDIR: temp.path }, async () => {
      const removed = bind("*");
      const pending = removed.accept();
      Deno.removeSync(addressOf(removed.endpoint));
      const closed = removed.close();
      const missing = removed.failure!;
      assertEquals([missing.code, missing.address], ["ENOENT", removed.endpoint]);
      assertStringIncludes(missing.message, "cannot remove");
      await closed;
      assertEquals(await pending, null);
      assertEquals(temp.names(), []);

      const crowded = bind("*");
      const directory = dirname(addressOf(crowded.endpoint));
      Deno.writeTextFileSync(`${directory}/other`, "kept");
      assertEquals(crowded.failure, undefined);
      await crowded.close();
      assertEquals(crowded.failure?.address, crowded.endpoint);
      assertStringIncludes(crowded.failure!.message, directory);
      assertEquals(Deno.readTextFileSync(`${directory}/other`), "kept");
      assert(!exists(addressOf(crowded.endpoint)));
    });
  },
);

overListeners(
  "a generated path that another bind took over is the other's",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    await withVariables({ TMPDIR: temp.path }, async () => {
      const first = bind("*");
      const path = addressOf(first.endpoint);
      const second = bind(path);
      await first.close();
      await assertReaches(path, second);
      await second.close();
      assertNotEquals(temp.names(), []);
    });
  },
);
