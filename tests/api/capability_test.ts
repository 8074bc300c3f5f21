import { assert, assertEquals } from "@std/assert";
import * as zmq from "../../mod.ts";
import { runScript } from "../support/child.ts";
import { TempDirectory } from "../support/temp.ts";

Deno.test("version is the one that is published", async () => {
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assertEquals(zmq.version, version);
});

Deno.test("capability says which transports there are", () => {
  const { capability } = zmq;
  assertEquals(capability.vmci, Deno.build.os === "linux");
  using pair = new zmq.Pair();
  for (const scheme of ["ipc", "inproc", "tcp", "pgm", "tipc", "norm"] as const) {
    let known = true;
    try {
      // A malformed address, so that nothing is opened.
      pair.disconnect(`${scheme}://denomq-capability:1`);
    } catch (error) {
      assert(error instanceof zmq.ZmqError);
      known = error.code !== "EPROTONOSUPPORT" && error.code !== "ENOCOMPATPROTO";
    }
    assertEquals([scheme, capability[scheme]], [scheme, known]);
  }
});

Deno.test("capability says which mechanisms there are, and cannot be changed", () => {
  const { capability } = zmq;
  for (const mechanism of ["plain", "curve", "gssapi"] as const) {
    assertEquals(capability[mechanism], `${mechanism}Server` in zmq.Push.prototype, mechanism);
  }
  assertEquals(capability.draft, "notify" in zmq.Router.prototype);
  assert(Object.isFrozen(capability));
});

Deno.test("capability is there without any permission", async () => {
  using directory = new TempDirectory();
  const script = directory.at("main.ts");
  const mod = new URL("../../mod.ts", import.meta.url).href;
  await Deno.writeTextFile(
    script,
    `import { capability, version } from "${mod}"; console.log(capability.ipc, version);`,
  );
  const { code, stdout, stderr } = await runScript(new URL(`file://${script}`), [], { flags: [] });
  assertEquals([code, stdout], [0, `true ${zmq.version}\n`], stderr);
});
