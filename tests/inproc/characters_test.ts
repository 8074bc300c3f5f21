// inproc between Workers: a name is a name, whatever its characters.

import { assertEquals } from "@std/assert";
import { Pair } from "../../mod.ts";
import { expect, patient, refuses } from "../sockets/support.ts";
import { throwsCode } from "../api/support.ts";
import { place, withWorkers } from "./support.ts";

// Nothing else of this process uses them, and of two processes each has its own.
const NAMES = [
  "*",
  "*:*",
  "@",
  ".",
  "..",
  "/",
  "//",
  "-",
  "-x",
  " ",
  "  ",
  "\t\r\n",
  "%20",
  "a b",
  "a%20b",
  "a+b",
  "a?b=c&d#e",
  "tcp://127.0.0.1:5555",
  "inproc://x",
  "denomq inproc 1 workers",
  "default/x",
  "__proto__",
  "constructor",
  "ä",
  "a\u0308",
  "🦕",
  "日本語",
  "\u{10ffff}",
  "\u202e",
  "a\0b",
  "a\0c",
  "A",
  "a",
  "x".repeat(5000),
  `${"x".repeat(4999)}y`,
  `${"ß".repeat(5000)}`,
];

/** All of them at once: a name that stood for another would be taken, or its messages would go astray. */
withWorkers("names of any characters are what they are, each another one", 2, async (one, other) => {
  const binders: Pair[] = [];
  const connectors: Pair[] = [];
  for (const [i, name] of NAMES.entries()) {
    const [first, second] = [[null, one], [one, null], [one, other]][i % 3]!;
    const binder = place(first!, Pair);
    const connector = place(second!, Pair);
    binders.push(binder);
    connectors.push(connector);
    if (i % 2 === 0) await binder.bind(`inproc://${name}`);
    connector.connect(`inproc://${name}`);
    if (i % 2 === 1) await binder.bind(`inproc://${name}`);
    assertEquals([binder.lastEndpoint, connector.lastEndpoint], [`inproc://${name}`, `inproc://${name}`]);
  }
  for (const [i, connector] of connectors.entries()) await connector.send(`${i}`, patient);
  for (const [i, binder] of binders.entries()) await expect(binder, `${i}`);
  for (const [i, name] of NAMES.entries()) {
    await using third = place([one, other, null][i % 3]!, Pair);
    await refuses(third.bind(`inproc://${name}`), "EADDRINUSE");
  }
  for (const socket of [...binders, ...connectors]) await socket[Symbol.asyncDispose]();
});

withWorkers("an empty name is none", 1, async (host) => {
  await using here = place(null, Pair);
  await using there = place(host, Pair);
  for (const pair of [here, there]) {
    await refuses(pair.bind("inproc://"), "EINVAL");
    throwsCode(() => pair.connect("inproc://"), "EINVAL");
  }
});

// libzmq has bytes, and zeromq.js encodes as UTF-8, where halves of characters are all U+FFFD.
withWorkers("halves of characters meet themselves, and do not stand in the way of others", 1, async (host) => {
  for (const name of ["\ud800", "x\udfff", "\udc00\ud800"]) {
    await using here = place(null, Pair);
    await using there = place(host, Pair);
    await here.bind(`inproc://half ${name}`);
    there.connect(`inproc://half ${name}`);
    await there.send("x", patient);
    await expect(here, "x");
  }
  await using first = place(null, Pair);
  await using second = place(null, Pair);
  await using third = place(host, Pair);
  await first.bind("inproc://\ud801");
  // What is another name within an isolate is another one between Workers.
  const here = await second.bind("inproc://\ud802").then(() => "free", () => "taken");
  await second.unbind("inproc://\ud802").catch(() => {});
  const there = await third.bind("inproc://\ud802").then(() => "free", () => "taken");
  assertEquals(there, here);
});
