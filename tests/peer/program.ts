// A program that a test starts beside itself and talks to, one JSON object per line (see serve.ts for its inside).

import { PeerError } from "./peer_socket.ts";
import type { ResponseLine } from "./protocol.ts";

/** Milliseconds on top of the time that a command may take until the program itself counts as hung. */
const GRACE = 5_000;

interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Who a program is, where it is not to be the test's own user: a user and a group. It takes root, and setpriv of util-linux. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** The command before that of a program of somebody else, who may read and write root's files all the same. */
function become({ uid, gid }: Identity): string[] {
  const power = "+dac_override";
  const who = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  return ["setpriv", ...who, `--inh-caps=${power}`, `--ambient-caps=${power}`];
}

/** Whether programs can be somebody else. */
export async function canBecome(identity: Identity): Promise<boolean> {
  if (Deno.uid() !== 0) return false;
  const [command, ...args] = [...become(identity), "true"];
  return await new Deno.Command(command!, { args, stderr: "null" }).output().then((end) => end.success, () => false);
}

/** A running program. It may be stopped, resumed and killed. */
export class Program implements AsyncDisposable {
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #unfinished = "";
  #reading = false;
  #ended: Promise<void> | null = null;

  /** Start a script; `name` is for error messages. */
  protected constructor(name: string, script: URL, identity?: Identity) {
    this.#name = name;
    const deno = [Deno.execPath(), "run", "--no-config", "--no-lock", "--quiet", "--allow-all", script.href];
    const [command = "", ...args] = identity === undefined ? deno : [...become(identity), ...deno];
    this.#child = new Deno.Command(command, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Stop the process in its tracks (SIGSTOP); its connections stay open. */
  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  /** Let it go on (SIGCONT). */
  resume(): void {
    this.#child.kill("SIGCONT");
  }

  /** Crash it (SIGKILL): no goodbye to anybody. */
  kill(): Promise<void> {
    return this.end(() => Promise.resolve(this.#signal("SIGKILL")));
  }

  /** End the process. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  /** Have the program do something; `timeout` is how long it may take for it. */
  protected async request(request: { readonly command: string }, timeout: number): Promise<unknown> {
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject });
    const timer = setTimeout(() => {
      this.#signal("SIGKILL");
      reject(new PeerError(`The ${this.#name} did not answer ${request.command} within ${timeout + GRACE} ms`, "HUNG"));
    }, timeout + GRACE);
    // A write to a dead process fails; what the end of its answers says is the better message.
    void this.#write(JSON.stringify({ id, ...request })).catch(() => {});
    void this.#read();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  /** End the process once, in the way that is asked for first. */
  protected end(how: () => Promise<void>): Promise<void> {
    this.#ended ??= this.#end(how);
    return this.#ended;
  }

  #write(line: string): Promise<void> {
    return this.#writer.write(new TextEncoder().encode(line + "\n"));
  }

  /** Read as long as somebody waits for an answer, so that no read is left over when nobody does. */
  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#pending.size > 0) {
        const { value, done } = await this.#reader.read();
        if (done) return this.#fail(new PeerError(`The ${this.#name} has ended`, "EXITED"));
        const lines = (this.#unfinished + value).split("\n");
        this.#unfinished = lines.pop() ?? "";
        for (const line of lines) this.#settle(JSON.parse(line));
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#reading = false;
    }
  }

  #settle(response: ResponseLine): void {
    const pending = this.#pending.get(response.id);
    this.#pending.delete(response.id);
    if ("error" in response) pending?.reject(new PeerError(`${this.#name}: ${response.error}`, response.code));
    else pending?.resolve(response.result);
  }

  #fail(error: unknown): void {
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended already.
    }
  }

  async #end(how: () => Promise<void>): Promise<void> {
    try {
      await how();
    } finally {
      // Whatever it answered, from here on it has a second to be gone; a stopped process goes only by SIGKILL.
      const timer = setTimeout(() => this.#signal("SIGKILL"), 1000);
      await this.#writer.close().catch(() => {});
      await this.#child.status;
      clearTimeout(timer);
      this.#fail(new PeerError(`The ${this.#name} has been ended`, "EXITED"));
      await this.#reader.cancel().catch(() => {});
    }
  }
}
