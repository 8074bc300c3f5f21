import { assert, assertEquals } from "@std/assert";
import { TempDirectory } from "../support/temp.ts";
import { cycles, goThrough } from "./cycles.ts";
import { grown, growth } from "./samples/trend.ts";
import { secondsOr } from "./time.ts";

Deno.test("torture: what comes and goes leaves nothing", async () => {
  using directory = new TempDirectory();
  const result = await cycles.run({ seed: 1, time: secondsOr(5) * 1000, folder: directory.path, say() {} });
  assertEquals(result.failures, []);
  assert(result.inputs >= 200, `${result.inputs} cycles`);
});

Deno.test("torture: a socket that is kept in each round is noticed", async () => {
  using directory = new TempDirectory();
  const { failures } = await goThrough({ time: 0, folder: directory.path, say() {} }, "leak");
  assert(failures.some((failure) => failure.startsWith("descriptors grows")), failures.join("\n"));
});

Deno.test("torture: growth goes by medians", () => {
  assertEquals(growth([1, 1, 9, 1, 1, 1, 1, 9, 1]), 0);
  assertEquals(growth([1, 2, 3, 4, 5, 6, 7, 8, 9]), 6);
  assertEquals(grown([{ a: 1 }, { a: 2 }, { a: 3 }], { a: 2 }), []);
  assertEquals(grown([{ a: 1 }, { a: 2 }, { a: 4 }], { a: 2 }), ["a grows by 3, by 2 at most is flat: 1 2 4"]);
});
