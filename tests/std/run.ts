/**
 * Runs `deno` with the arguments given, on networks with and without JSR.
 *
 * Where the three `@std` packages of `deno.json` are cached, or JSR answers,
 * it is plain Deno. Where neither is so, Deno is pointed (by `JSR_URL`, which
 * its own children inherit) at `registry/`: a registry in a folder, whose
 * `@std` packages are the stand-ins beside this file. One line on stderr says
 * so. Nothing else differs: no flag, no other import map, no other config.
 *
 * ```sh
 * deno run -A tests/std/run.ts test -A tests/
 * ```
 *
 * @module
 */

const packages: readonly string[] = ["@std/assert", "@std/cli", "@std/path"];
const standIns: string = new URL("./registry/", import.meta.url).href;

/** How long JSR may take to answer, and then to hand over its packages. */
const answerLimit = 3_000;
const downloadLimit = 60_000;

/** Whether Deno can load the packages: from its cache only, or from JSR too. */
async function loads(from: "cache" | "network"): Promise<boolean> {
  const source = packages.map((name) => `import "jsr:${name}@^1";`).join("\n");
  const cached = from === "cache" ? ["--cached-only"] : [];
  // Silent: what fails here is said in one line further down.
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-config", "--no-lock", "--no-check", ...cached, "-"],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(downloadLimit),
  }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(source)).then(() => input.close()).catch(() => {});
  return (await child.status).success;
}

/** Whether JSR answers, with a package's description and not a login page. */
async function answers(): Promise<boolean> {
  const registry = Deno.env.get("JSR_URL") ?? "https://jsr.io/";
  try {
    await Promise.all(packages.map(async (name) => {
      const reply = await fetch(new URL(`/${name}/meta.json`, registry), { signal: AbortSignal.timeout(answerLimit) });
      const description: unknown = await reply.json();
      if (!reply.ok || typeof description !== "object" || description === null || !("versions" in description)) {
        throw new TypeError("Not a registry");
      }
    }));
    return true;
  } catch {
    return false;
  }
}

/** Runs Deno as this process would: same streams, signals passed on. */
async function run(args: readonly string[], env: Record<string, string>): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), { args: [...args], env, stdin: "inherit" }).spawn();
  const forward = (signal: Deno.Signal): void => {
    try {
      child.kill(signal);
    } catch {
      // It has just ended.
    }
  };
  // A terminal sends its Ctrl-C to the child as well, so once is enough.
  Deno.addSignalListener("SIGINT", () => Deno.stdin.isTerminal() || forward("SIGINT"));
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => forward("SIGTERM"));
  return (await child.status).code;
}

if (import.meta.main) {
  const plain = Deno.env.get("JSR_URL") === standIns || await loads("cache") ||
    (await answers() && await loads("network"));
  if (!plain) console.error("JSR does not answer: stand-ins for @std (tests/std) take its place");
  Deno.exit(await run(Deno.args, plain ? {} : { JSR_URL: standIns }));
}
