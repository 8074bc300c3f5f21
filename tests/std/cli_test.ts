/** What the command line expects of `@std/cli`, on the real one and on the stand-in. */

import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli";

Deno.test("parseArgs: options, aliases, defaults", () => {
  const args = parseArgs(["push", "-v", "--bind", "ipc:///tmp/a", "--count=3", "-t", "x", "-t", "007", "8"], {
    boolean: ["verbose", "help"],
    string: ["bind", "topic", "identity"],
    collect: ["topic"],
    alias: { verbose: "v", topic: "t" },
    default: { identity: "me" },
  });
  const verbose: boolean = args.verbose;
  const bind: string | undefined = args.bind;
  const topics: string[] = args.topic;
  assertEquals([verbose, args.help, bind, args["count"]], [true, false, "ipc:///tmp/a", 3]);
  assertEquals([topics, args.identity, args._], [["x", "007"], "me", ["push", 8]]);
  assertEquals(args.v, true);
});

Deno.test("parseArgs: the end of the options", () => {
  assertEquals(parseArgs(["a", "--", "-b"]), { _: ["a", "-b"] });
  assertEquals(parseArgs(["a", "--", "-b"], { "--": true }), { _: ["a"], "--": ["-b"] });
  assertEquals(parseArgs(["-x", "--y", "run", "-z"], { boolean: ["x", "y"], stopEarly: true }), {
    _: ["run", "-z"],
    x: true,
    y: true,
  });
});

Deno.test("parseArgs: short, negated, empty and unknown options", () => {
  assertEquals(parseArgs(["-ab", "-n5", "-m=7", "--no-color"], { negatable: ["color"], boolean: ["color"] }), {
    _: [],
    a: true,
    b: true,
    n: 5,
    m: 7,
    color: false,
  });
  assertEquals(parseArgs(["--name"], { string: ["name"] }), { _: [], name: "" });
  assertEquals(parseArgs(["--name", "-5"], { string: ["name"] })["name"], "");
  const strange: string[] = [];
  parseArgs(["--known=1", "--strange", "word"], {
    string: ["known"],
    unknown: (arg) => {
      strange.push(arg);
      return false;
    },
  });
  assertEquals(strange[0], "--strange");
});
