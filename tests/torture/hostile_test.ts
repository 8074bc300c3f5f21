import { assert, assertEquals, assertRejects } from "@std/assert";
import { Pull } from "../../mod.ts";
import { TempDirectory } from "../support/temp.ts";
import { within } from "../support/deadline.ts";
import { strike } from "./hostile/attacker.ts";
import { attacks } from "./hostile/attacks.ts";
import { hostile } from "./hostile.ts";
import { Random } from "./random.ts";
import { secondsOr } from "./time.ts";

Deno.test("torture: honest clients lose nothing to hostile peers", async () => {
  using directory = new TempDirectory();
  const time = secondsOr(5) * 1000;
  const said: string[] = [];
  const result = await hostile.run({ seed: 1, time, folder: directory.path, say: (line) => void said.push(line) });
  assertEquals(result.failures, []);
  assert(result.inputs >= 50, `${result.inputs} attacks`);
  assert(result.checked >= 100, `${result.checked} messages`);
});

for (const attack of attacks) {
  Deno.test(`torture: a peer that does "${attack.name}" costs its own connection only`, async () => {
    using directory = new TempDirectory();
    await using pull = new Pull({ handshakeInterval: 500, maxMessageSize: 1024 * 1024 });
    await pull.bind(`ipc://${directory.at("endpoint")}`);
    const taken = (async () => {
      for await (const _ of pull);
    })();
    await strike({ endpoint: pull.lastEndpoint!, type: "PUSH" }, attack, new Random(1), 15_000);
    pull.close();
    await within(taken, "the end of the messages");
  });
}

Deno.test("torture: an endpoint that does not cut a hostile peer off is noticed", async () => {
  using directory = new TempDirectory();
  await using pull = new Pull({ handshakeInterval: 0 });
  await pull.bind(`ipc://${directory.at("endpoint")}`);
  const silent = attacks.find(({ name }) => name === "says nothing")!;
  const target = { endpoint: pull.lastEndpoint!, type: "PUSH" };
  await assertRejects(() => strike(target, silent, new Random(1), 300), Error, "to be cut off");
});
