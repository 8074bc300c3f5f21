import { assert, assertEquals } from "@std/assert";
import { TempDirectory } from "../support/temp.ts";
import { load } from "./load.ts";
import { secondsOr } from "./time.ts";

Deno.test("torture: at full speed nothing is lost, and nothing grows", async () => {
  using directory = new TempDirectory();
  const { checked, failures } = await load.run({
    seed: 1,
    time: secondsOr(3) * 1000,
    folder: directory.path,
    say() {},
  });
  assertEquals(failures, []);
  assert(checked >= 10_000, `${checked} messages`);
});
