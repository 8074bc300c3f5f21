/** Runs every TypeScript block of the pages as a reader would: as a program of its own. */

import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { runScript } from "./support/child.ts";
import { TempDirectory } from "./support/temp.ts";

const root = new URL("../", import.meta.url);

interface Block {
  /** The line of the page where it starts. */
  line: number;
  source: string;
}

function blocks(markdown: string): Block[] {
  return Array.from(markdown.matchAll(/^```ts\n(.*?)^```$/gms), ({ index, 1: source = "" }) => ({
    line: markdown.slice(0, index).split("\n").length,
    source,
  }));
}

/** A folder with a program and what tells Deno that `@denomq/zmq` is this checkout. */
async function project(directory: TempDirectory, source: string): Promise<{ script: URL; flags: string[] }> {
  const config = { imports: { "@denomq/zmq": new URL("mod.ts", root).href }, lock: false };
  await Deno.writeTextFile(directory.at("deno.json"), JSON.stringify(config));
  await Deno.writeTextFile(directory.at("main.ts"), source);
  return {
    script: new URL(`file://${directory.at("main.ts")}`),
    flags: ["-A", `--config=${directory.at("deno.json")}`],
  };
}

const pages = ["README.md", "docs/migrating.md"];
const programs: (Block & { page: string })[] = [];
for (const page of pages) {
  const found = blocks(await Deno.readTextFile(new URL(page, root)));
  Deno.test(`${page}: has programs to run`, () => assertGreaterOrEqual(found.length, 3));
  programs.push(...found.map((block) => ({ ...block, page })));
}

for (const { page, line, source } of programs) {
  Deno.test(`${page}: the program at line ${line}`, async () => {
    using directory = new TempDirectory();
    const { script, flags } = await project(directory, source);
    const check = await new Deno.Command(Deno.execPath(), {
      args: ["check", ...flags.slice(1), fromFileUrl(script)],
      env: { NO_COLOR: "1" },
      signal: AbortSignal.timeout(60_000),
    }).output();
    assertEquals(check.code, 0, new TextDecoder().decode(check.stderr));
    const { code, stdout, stderr } = await runScript(script, [], { flags, cwd: directory.path, limit: 20_000 });
    assertEquals(code, 0, stderr);
    // What a comment promises on a line that prints is what is printed.
    for (const [, promised = ""] of source.matchAll(/console\.log\(.*; \/\/ (.*)$/gm)) {
      assertEquals(stdout.split("\n").includes(promised), true, `${JSON.stringify(promised)} is not in\n${stdout}`);
    }
  });
}
