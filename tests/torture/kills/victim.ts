/**
 * Victims as those see them who kill them: processes and Workers.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { within } from "../../support/deadline.ts";
import type { Label } from "../checker.ts";
import { labelsIn, readLabels, receivedFile, sentFile, type Task } from "./task.ts";

/** How long (ms) anything may take that a victim has to do, on a machine that is busy. */
export const LIMIT = 60_000;
const PAUSE = 2;

/** One life of a peer. */
export abstract class Victim implements AsyncDisposable {
  #log = "";

  /** Tells it what to do. */
  async begin(task: Task): Promise<void> {
    this.#log = task.log;
    await this.order(task);
  }

  protected abstract order(task: Task): Promise<void>;

  /** Ends it, whatever it is at. What it complained of is thrown. */
  abstract kill(): Promise<void>;

  /** Why it has ended by itself, or `null`. */
  abstract readonly failure: string | null;

  /** How many messages its socket has taken. */
  get sent(): number {
    return sizeOf(sentFile(this.#log));
  }

  /** How many messages it has received. */
  get received(): number {
    return labelsIn(sizeOf(receivedFile(this.#log)));
  }

  /** What it has received. */
  labels(): Label[] {
    return readLabels(Deno.readFileSync(receivedFile(this.#log)));
  }

  /** Waits until something has been counted, or until it has ended by itself. */
  async until(condition: () => boolean, what: string, limit: number = LIMIT): Promise<void> {
    const late = performance.now() + limit;
    while (!condition()) {
      if (this.failure !== null) throw new Error(`A victim has ended by itself: ${this.failure}`);
      if (performance.now() > late) {
        throw new Error(`Waited ${limit} ms until ${what}; it has sent ${this.sent} and received ${this.received}`);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

/** A process, which ends by SIGKILL. It starts before it has a task, so that the task need not wait for that. */
export class ProcessVictim extends Victim {
  override failure: string | null = null;
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<void>;
  #killed = false;

  constructor() {
    super();
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--no-prompt", "-A", fromFileUrl(new URL("./process.ts", import.meta.url))],
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    // Its status and what it says, whichever comes first; both are waited for.
    const said = new Response(this.#child.stderr).text();
    this.#ended = Promise.all([this.#child.status, said]).then(([{ code, signal }, text]) => {
      if (!this.#killed) this.failure = `${signal ?? code}: ${text.trim()}`;
    });
  }

  protected override async order(task: Task): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(JSON.stringify(task) + "\n"));
    writer.releaseLock();
  }

  /** Stops it: it does nothing, and is still there. */
  stop(): void {
    this.#child.kill("SIGSTOP");
  }

  /** Has it go on. */
  proceed(): void {
    this.#child.kill("SIGCONT");
  }

  override async kill(): Promise<void> {
    if (this.#killed) return;
    try {
      this.#child.kill("SIGKILL");
      this.#killed = true;
    } catch (error) {
      // It has ended by itself, which is told below.
      if (!(error instanceof TypeError)) throw error;
    }
    await within(this.#ended, "the end of a victim", LIMIT);
    // What was to be read of it may be gone with it.
    await this.#child.stdin.close().catch(() => {});
    if (this.failure !== null) throw new Error(`A victim has ended by itself: ${this.failure}`);
  }
}

/** A Worker, which is terminated. */
export class WorkerVictim extends Victim {
  override failure: string | null = null;
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

  constructor() {
    super();
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.failure = event.message;
    };
  }

  protected override order(task: Task): Promise<void> {
    this.#worker.postMessage(task);
    return Promise.resolve();
  }

  override kill(): Promise<void> {
    this.#worker.terminate();
    if (this.failure !== null) throw new Error(`A victim has ended by itself: ${this.failure}`);
    return Promise.resolve();
  }
}
