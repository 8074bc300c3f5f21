/** The examples as their users see them: what they print, with no permission but those they tell of. */

import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { Reply, Request } from "../mod.ts";
import { canBeRefused, type ChildResult, runScript } from "./support/child.ts";
import { within } from "./support/deadline.ts";
import { only } from "./support/platform.ts";
import { TempDirectory } from "./support/temp.ts";

const workers = new URL("../examples/workers.ts", import.meta.url);

/** Hashes a folder with the example. */
function hash(folder: TempDirectory): Promise<ChildResult> {
  return runScript(workers, [folder.path], { flags: ["--allow-read"], powerless: true, limit: 60_000 });
}

/** Makes files and says what the example has to print of them. */
async function fill(folder: TempDirectory, files: Record<string, Uint8Array<ArrayBuffer>>): Promise<string> {
  await Deno.mkdir(folder.at("deep", "er"), { recursive: true });
  const lines: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeFile(folder.at(name), content);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    lines.push(`${digest.toHex()}  ${folder.path}/${name}\n`);
  }
  return lines.join("");
}

/** Bytes that are not all alike. */
function bytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => i * i >> 7);
}

Deno.test("examples: Workers hash a folder and end, with no permission but to read", async () => {
  using folder = new TempDirectory();
  // In the order of their paths.
  const expected = await fill(folder, {
    "a": bytes(0),
    "deep/er/large": bytes(5_000_003),
    "deep/ünï cödé": bytes(70_000),
    "z": bytes(10),
    ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`z${100 + i}`, bytes(i)])),
  });
  const { code, stdout, stderr } = await hash(folder);
  assertEquals([stdout, code], [expected, 0], stderr);
  assertMatch(stderr, /^54 files, 5071238 bytes(, \d+ by Worker \d+)+\n$/);
});

Deno.test(
  "examples: a file that cannot be read does not stop the Workers",
  only(canBeRefused, "nobody is refused anything here"),
  async () => {
    using folder = new TempDirectory();
    const expected = await fill(folder, { "a": bytes(1), "z": bytes(2) });
    await Deno.writeFile(folder.at("m"), bytes(3), { mode: 0 });
    await Deno.mkdir(folder.at("secret"), { mode: 0 });
    const { code, stdout, stderr } = await hash(folder);
    assertEquals([stdout, code], [expected, 1], stderr);
    const [summary = "", ...errors] = stderr.trim().split("\n").toSorted().toReversed();
    assertEquals(errors.map((line) => line.split(":")[0]), [folder.at("secret"), folder.at("m")]);
    assertMatch(summary, /^2 files, 3 bytes, /);
  },
);

Deno.test("examples: Workers have nothing to do in a folder that is not there", async () => {
  using folder = new TempDirectory();
  const { code, stdout, stderr } = await runScript(workers, [folder.at("none")], { flags: ["--allow-read"] });
  assertEquals([code, stdout], [1, ""]);
  assertMatch(stderr, /none: No such file or directory/);
});

Deno.test("examples: a broker stands between clients and workers, and ends when it is interrupted", async () => {
  using folder = new TempDirectory();
  const [front, back] = [`ipc://${folder.at("front")}`, `ipc://${folder.at("back")}`];
  const broker = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "-A",
      fromFileUrl(new URL("../examples/broker.ts", import.meta.url)),
      `${front},inproc://front`,
      back,
    ],
    stdout: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  try {
    await using request = new Request({ linger: 0 });
    await using reply = new Reply();
    request.connect(front);
    reply.connect(back);
    for (let i = 0; i < 3; i++) {
      await request.send(`question ${i}`);
      const [question] = await reply.receive({ timeout: 20_000 });
      await reply.send(["answer to", question!]);
      const answer = await request.receive({ timeout: 20_000 });
      assertEquals(answer.map((frame) => new TextDecoder().decode(frame)), ["answer to", `question ${i}`]);
    }
    broker.kill("SIGINT");
    const { code, stdout } = await within(broker.output(), "the end of the broker");
    const printed = new TextDecoder().decode(stdout);
    assertEquals([code, printed], [0, `from ${front},inproc://front to ${back}\n3 questions\n`]);
  } catch (error) {
    broker.kill("SIGKILL");
    await broker.stdout.cancel().catch(() => {});
    await broker.status;
    throw error;
  }
});
