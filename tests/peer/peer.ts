// The side of the tests: starts a libzmq peer process and talks to it.

import { libzmqProblem } from "./libzmq.ts";
import type { OptionName, SocketTypeName } from "./libzmq_names.ts";
import { optionValue, PeerError, type PeerOptions, PeerSocket, TIMEOUT } from "./peer_socket.ts";
import type { CommandName, Commands, OptionValue, ResponseLine } from "./protocol.ts";

export { PeerError, type PeerOptions, type PeerSocket, type Sendable } from "./peer_socket.ts";

/** Milliseconds on top of that until the peer itself counts as hung. */
const GRACE = 5_000;

interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

let problem: string | null | undefined;

/** A process around the real libzmq. */
export class LibzmqPeer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #unfinished = "";
  #reading = false;
  #ended: Promise<void> | null = null;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Why there is no libzmq to be used here, or null. */
  static get problem(): string | null {
    if (problem === undefined) problem = libzmqProblem();
    return problem;
  }

  /** Whether there is a libzmq to be used. */
  static get available(): boolean {
    return LibzmqPeer.problem === null;
  }

  /** Start a peer process and wait until it answers. */
  static async start(): Promise<LibzmqPeer> {
    if (LibzmqPeer.problem !== null) throw new PeerError(LibzmqPeer.problem, "ENOENT");
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-lock", "--quiet", "--allow-all", new URL("./main.ts", import.meta.url).href],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const peer = new LibzmqPeer(child);
    try {
      await peer.version();
    } catch (error) {
      await peer.kill();
      throw error;
    }
    return peer;
  }

  /** The process. */
  get pid(): number {
    return this.#child.pid;
  }

  /** The version of libzmq, such as `4.3.4`. */
  version(): Promise<string> {
    return this.call("version", {}, TIMEOUT);
  }

  /** A new socket. It has a monitor, and linger 0 unless the options say otherwise. */
  async open(type: SocketTypeName, options: PeerOptions = {}): Promise<PeerSocket> {
    const values: Partial<Record<OptionName, OptionValue>> = { LINGER: 0 };
    for (const name of Object.keys(options) as OptionName[]) {
      const value = options[name];
      if (value !== undefined) values[name] = optionValue(value);
    }
    return new PeerSocket(this, await this.call("open", { type, options: values }, TIMEOUT), type);
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
    this.#ended ??= this.#end(() => Promise.resolve(this.#signal("SIGKILL")));
    return this.#ended;
  }

  /** Close all sockets, give what lingers the time to leave, and end the process. */
  term(linger?: number): Promise<void> {
    this.#ended ??= this.#end(async () => {
      await this.call("term", linger === undefined ? {} : { linger }, TIMEOUT);
    });
    return this.#ended;
  }

  /** End the process without waiting for what lingers. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.term(0);
  }

  /** Run a command; `timeout` is how long the peer may take for it. */
  async call<C extends CommandName>(
    command: C,
    request: Commands[C]["request"],
    timeout: number,
  ): Promise<Commands[C]["result"]> {
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.set(id, { resolve, reject });
    const timer = setTimeout(() => {
      this.#signal("SIGKILL");
      reject(new PeerError(`The libzmq peer did not answer ${command} within ${timeout + GRACE} ms`, "HUNG"));
    }, timeout + GRACE);
    // A write to a dead process fails; what the end of its answers says is the better message.
    void this.#write(JSON.stringify({ id, command, ...request })).catch(() => {});
    void this.#read();
    try {
      return await promise as Commands[C]["result"];
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
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
        if (done) return this.#fail(new PeerError("The libzmq peer has ended", "EXITED"));
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
    if ("error" in response) pending?.reject(new PeerError(`libzmq peer: ${response.error}`, response.code));
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
      this.#fail(new PeerError("The libzmq peer has been ended", "EXITED"));
      await this.#reader.cancel().catch(() => {});
    }
  }
}
