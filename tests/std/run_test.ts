/** Proves that the stand-ins are used where JSR does not answer, and only there. */

import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";

const runner = fromFileUrl(new URL("./run.ts", import.meta.url));
const names: readonly string[] = ["assert", "cli", "path"];

/** A module of the registry's packages; its one export tells it from a stand-in. */
const source = new TextEncoder().encode('export const origin: string = "registry";\n');
const probe = `import * as std from "jsr:@std/assert@^1";
console.log("origin" in std ? std.origin : "stand-in");`;

async function packageFiles(): Promise<Map<string, Uint8Array<ArrayBuffer> | string>> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", source)).toHex();
  const files = new Map<string, Uint8Array<ArrayBuffer> | string>();
  for (const name of names) {
    const manifest = { "/mod.ts": { size: source.length, checksum: `sha256-${digest}` } };
    files.set(
      `/@std/${name}/meta.json`,
      JSON.stringify({ scope: "std", name, latest: "1.0.0", versions: { "1.0.0": {} } }),
    );
    files.set(`/@std/${name}/1.0.0_meta.json`, JSON.stringify({ manifest, exports: { ".": "./mod.ts" } }));
    files.set(`/@std/${name}/1.0.0/mod.ts`, source);
  }
  return files;
}

function serve(handler: (path: string) => Response | Promise<Response>): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: (): void => {} },
    (request) => handler(new URL(request.url).pathname),
  );
}

async function registry(): Promise<Deno.HttpServer<Deno.NetAddr>> {
  const files = await packageFiles();
  return serve((path) => {
    const body = files.get(path);
    return body === undefined ? new Response("Not found", { status: 404 }) : new Response(body);
  });
}

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A machine of its own: a cache that nothing else fills. */
class Machine implements AsyncDisposable {
  readonly #dir: string = Deno.makeTempDirSync({ prefix: "denomq-std-" });

  async run(jsr: string, ...args: string[]): Promise<Outcome> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-config", runner, ...args],
      cwd: this.#dir,
      env: { DENO_DIR: join(this.#dir, "cache"), JSR_URL: jsr, NO_COLOR: "1", NO_PROXY: "127.0.0.1" },
      stdin: "null",
      signal: AbortSignal.timeout(30_000),
    });
    const { code, stdout, stderr } = await child.output();
    return { code, stdout: new TextDecoder().decode(stdout).trim(), stderr: new TextDecoder().decode(stderr) };
  }

  /** Where `@std` comes from for a program run through the runner. */
  async origin(jsr: string): Promise<Outcome> {
    const file = join(this.#dir, "probe.ts");
    await Deno.writeTextFile(file, probe);
    return await this.run(jsr, "run", file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#dir, { recursive: true });
  }
}

function assertPlain(outcome: Outcome): void {
  assertEquals(outcome.stdout, "registry", outcome.stderr);
  assert(!outcome.stderr.includes("stand-ins"), outcome.stderr);
}

function assertStandIn(outcome: Outcome): void {
  assertEquals(outcome.stdout, "stand-in", outcome.stderr);
  assertStringIncludes(outcome.stderr, "JSR does not answer: stand-ins");
}

Deno.test("run: plain Deno where JSR answers, and later from the cache where it no longer does", async () => {
  await using machine = new Machine();
  const server = await registry();
  const jsr = `http://127.0.0.1:${server.addr.port}/`;
  assertPlain(await machine.origin(jsr));
  await server.shutdown();
  assertPlain(await machine.origin(jsr));
});

Deno.test("run: the stand-ins where nothing listens, and plain Deno once it does", async () => {
  await using machine = new Machine();
  await using server = await registry();
  const closed = serve(() => new Response());
  const port = closed.addr.port;
  await closed.shutdown();
  assertStandIn(await machine.origin(`http://127.0.0.1:${port}/`));
  assertPlain(await machine.origin(`http://127.0.0.1:${server.addr.port}/`));
});

Deno.test("run: the stand-ins where something else answers in JSR's place", async () => {
  await using machine = new Machine();
  await using page = serve(() => new Response("<h1>Please log in</h1>", { headers: { "content-type": "text/html" } }));
  assertStandIn(await machine.origin(`http://127.0.0.1:${page.addr.port}/`));
  await using refusal = serve(() => new Response('{"versions":{}}', { status: 403 }));
  assertStandIn(await machine.origin(`http://127.0.0.1:${refusal.addr.port}/`));
});

Deno.test("run: the stand-ins, and soon, where the network swallows everything", async () => {
  await using machine = new Machine();
  const release = Promise.withResolvers<void>();
  const server = serve(async () => {
    await release.promise;
    return new Response();
  });
  const start = performance.now();
  assertStandIn(await machine.origin(`http://127.0.0.1:${server.addr.port}/`));
  assertLess(performance.now() - start, 15_000);
  release.resolve();
  await server.shutdown();
});

Deno.test("run: hands on the exit code, and the choice to children of children", async () => {
  await using machine = new Machine();
  const nowhere = "http://127.0.0.1:1/";
  assertEquals((await machine.run(nowhere, "eval", "Deno.exit(7)")).code, 7);
  const nested = await machine.run(nowhere, "run", "-A", runner, "eval", probe);
  assertStandIn(nested);
  assertEquals(nested.stderr.match(/stand-ins/g)?.length, 1);
});
