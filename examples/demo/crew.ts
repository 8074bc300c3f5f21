/** The demo's child processes, from start to end. */

/**
 * Resolves when the process that started this one has ended or wants it to end:
 * it holds the other end of our standard input, which even a crash lets go of.
 */
export async function parentGone(): Promise<void> {
  // A Ctrl-C reaches every process of the terminal, but it is main's to handle.
  Deno.addSignalListener("SIGINT", () => {});
  await Deno.stdin.readable.pipeTo(new WritableStream());
}

/** Rejects when a process ends that should not have. */
async function outlive(name: string, child: Deno.ChildProcess, ending: () => boolean): Promise<void> {
  const { code } = await child.status;
  if (!ending()) throw new Error(`The ${name} has ended with code ${code}`);
}

/** The worker processes and the sink. */
export class Crew implements AsyncDisposable {
  readonly #children: Deno.ChildProcess[] = [];
  readonly #failure = Promise.withResolvers<never>();
  #ending = false;

  constructor() {
    // Whoever waits for `failure` hears of it; nobody has to.
    this.#failure.promise.catch(() => {});
  }

  /** Rejects when one of the crew ends before it is asked to. */
  get failure(): Promise<never> {
    return this.#failure.promise;
  }

  /** Starts a program beside this file in a process of its own. */
  start(name: string, program: string, ...args: string[]): void {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", new URL(program, import.meta.url).href, ...args],
      stdin: "piped",
    }).spawn();
    this.#children.push(child);
    outlive(name, child, () => this.#ending).catch(this.#failure.reject);
  }

  /** Asks all to end, and ends those that do not within two seconds. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    await Promise.all(this.#children.map(async (child) => {
      const timer = setTimeout(() => child.kill("SIGKILL"), 2_000);
      await child.stdin.close().catch(() => {});
      await child.status;
      clearTimeout(timer);
    }));
  }
}
