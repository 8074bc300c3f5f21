import { assertEquals, assertMatch } from "@std/assert";
import { runScript } from "../support/child.ts";
import { TempDirectory } from "../support/temp.ts";
import { Pull } from "../../mod.ts";
import { onLinux, only, onWindows } from "../support/platform.ts";

/** What a program with few permissions prints of a bind or a connect. */
async function run(operation: string, endpoint: string, flags: string[]): Promise<Record<string, string>> {
  const script = new URL("./programs/permitted.ts", import.meta.url);
  const { stdout, stderr, code } = await runScript(script, [operation, endpoint], { flags });
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

Deno.test(
  "a bind and a connect without permissions throw, each with the flags to add",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    const endpoint = `ipc://${temp.at("feed")}`;
    await using pull = new Pull();
    await pull.bind(endpoint);
    for (const operation of ["bind", "connect"]) {
      const refused = await run(operation, endpoint, []);
      assertEquals(
        [refused.name, refused.code, refused.address, refused.cause, refused.last],
        ["ZmqError", "EACCES", endpoint, "NotCapable", "null"],
      );
      assertMatch(
        refused.message!,
        /^Permission denied: run Deno with (--allow-(read|write|net)=\S+ ?){3}: ipc:\/\/\S+$/,
      );
      const flags = refused.message!.match(/--allow-\S+(?<!:)/g)!;
      const granted = await run(operation, endpoint, flags);
      assertEquals([granted.name, granted.last], [undefined, endpoint], granted.message);
      for (const flag of flags) {
        const partial = await run(operation, endpoint, flags.filter((other) => other !== flag));
        assertEquals(partial.code, "EACCES");
        assertEquals(partial.message!.match(/--allow-\S+(?<!:)/g), [flag]);
      }
    }
  },
);

Deno.test(
  "a connect that is refused leaves no endpoint and can be tried elsewhere",
  only(!onWindows, "Windows has no such files"),
  async () => {
    using temp = new TempDirectory();
    const flags = ["read", "write"].map((name) => `--allow-${name}=${temp.at("feed")}`);
    const result = await run("retry", `ipc://${temp.at("feed")}`, [...flags, `--allow-net=unix:${temp.at("feed")}`]);
    assertEquals(result, { first: "EACCES", disconnect: "ENOENT", events: "", last: `ipc://${temp.at("feed")}` });
  },
);

Deno.test("an abstract name needs the network as a whole", only(onLinux, "it is about Linux"), async () => {
  const refused = await run("connect", "ipc://@denomq-nobody", []);
  assertMatch(refused.message!, /run Deno with --allow-net: ipc:\/\/@denomq-nobody$/);
  assertEquals((await run("connect", "ipc://@denomq-nobody", ["--allow-net"])).last, "ipc://@denomq-nobody");
});

Deno.test("to import the library and to make sockets needs no permission", async () => {
  assertEquals(await run("none", "", []), { last: "null" });
});

Deno.test(
  "without a working directory a relative path can be connected to, not bound",
  only(!onWindows, "Windows has no such files"),
  async () => {
    const result = await run("lost", "ipc://relative", ["-A"]);
    assertEquals([result.name, result.code, result.last], ["ZmqError", "ENOENT", "ipc://relative"]);
  },
);
