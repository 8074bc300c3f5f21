/**
 * Hashes the files of a folder with a pool of Workers, joined to the main thread by inproc:
 *
 *     main ROUTER ◀──"digest", path, SHA-256──  DEALER Worker, Worker, …
 *                 ──────────path──────────────▶
 *
 * A Worker gets its next file when it answers, so that each does as much as it can. It finds main by the name of the
 * endpoint alone, and needs no permission but to read the files.
 *
 * Usage: deno run --allow-read examples/workers.ts [folder]
 */

import { dirname } from "node:path";
import { Dealer, Router } from "../mod.ts";

const endpoint = "inproc://hash";

function text(frame?: Uint8Array): string {
  return new TextDecoder().decode(frame);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Reads and hashes what main hands out, until that is nothing. */
async function work(name: string): Promise<void> {
  await using dealer = new Dealer({ routingId: name });
  dealer.connect(endpoint);
  await dealer.send("ready");
  for await (const [path] of dealer) {
    if (!path?.length) break;
    try {
      const bytes = await Deno.readFile(text(path));
      await dealer.send(["digest", path, await crypto.subtle.digest("SHA-256", bytes), String(bytes.length)]);
    } catch (error) {
      // A file that cannot be read is no reason to stop.
      await dealer.send(["error", path, messageOf(error)]);
    }
  }
}

/** The files of a folder and its folders; links are not followed. */
async function* filesOf(folder: string, report: Report): AsyncGenerator<string> {
  const entries = await Array.fromAsync(Deno.readDir(folder)).catch((error: unknown) => {
    report.error(folder, messageOf(error));
    return [];
  });
  for (const { name, isFile, isDirectory } of entries) {
    const path = `${folder}/${name}`;
    if (isFile) yield path;
    if (isDirectory) yield* filesOf(path, report);
  }
}

/** What has become of the files. */
class Report {
  failures = 0;
  #digests: { path: string; digest: string }[] = [];
  #bytes = 0;
  #shares = new Map<string, number>();

  digest(worker: string, path: string, digest: string, size: number): void {
    this.#digests.push({ path, digest });
    this.#bytes += size;
    this.#shares.set(worker, (this.#shares.get(worker) ?? 0) + 1);
  }

  error(path: string, reason: string): void {
    this.failures++;
    console.error(`${path}: ${reason}`);
  }

  /** The lines of sha256sum. */
  print(): void {
    this.#digests.sort((a, b) => a.path < b.path ? -1 : 1);
    for (const { path, digest } of this.#digests) console.log(`${digest}  ${path}`);
    const shares = [...this.#shares].sort().map(([worker, files]) => `, ${files} by ${worker}`);
    console.error(`${this.#digests.length} files, ${this.#bytes} bytes${shares.join("")}`);
  }
}

/** Hands out the files, and a message of nothing at the end. */
async function handOut(folder: string, report: Report): Promise<void> {
  await using router = new Router();
  await router.bind(endpoint);
  let workers = navigator.hardwareConcurrency;
  for (let i = 1; i <= workers; i++) new Worker(import.meta.url, { type: "module", name: `Worker ${i}` });

  const files = filesOf(folder, report);
  for await (const [worker, kind, path, result, size] of router) {
    if (text(kind) === "digest") report.digest(text(worker), text(path), result!.toHex(), Number(text(size)));
    if (text(kind) === "error") report.error(text(path), text(result));

    // Whoever answers has nothing left to do: when the last one is told to stop, all is done.
    const next = await files.next();
    await router.send([worker!, next.done ? null : next.value]);
    if (next.done && --workers === 0) break;
  }
}

// Each Worker runs this script once more, under a name.
if (self.name !== "") {
  await work(self.name);
  self.close();
} else {
  const report = new Report();
  await handOut(Deno.args[0] ?? dirname(import.meta.dirname!), report);
  report.print();
  Deno.exitCode = report.failures > 0 ? 1 : 0;
}
