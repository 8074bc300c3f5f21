/**
 * The inner one of two machines, in the hands of a test in the outer one.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { within } from "../../support/deadline.ts";
import { Guest } from "../guest.ts";
import { environmentInGuest, kernelForGuests } from "../in_guest.ts";
import { INNER_CID } from "./plan.ts";

/** An emulated machine in an emulated machine takes minutes to start a program, on a busy one many of them. */
const BOOT_LIMIT = 900_000;

/** A machine that runs a program and says what the program prints. */
export class InnerMachine implements AsyncDisposable {
  readonly #guest: Guest;
  readonly #lines: AsyncIterator<string>;

  private constructor(guest: Guest) {
    this.#guest = guest;
    this.#lines = linesOf(guest.stdout);
    void guest.stderr.pipeTo(Deno.stderr.writable, { preventClose: true });
  }

  /**
   * Starts it.
   *
   * @param program The script that it runs with Deno.
   */
  static async boot(program: URL): Promise<InnerMachine> {
    const kernel = await kernelForGuests(AbortSignal.timeout(BOOT_LIMIT));
    return new InnerMachine(
      await Guest.boot(kernel, {
        command: [Deno.execPath(), "run", "-A", "--no-check", fromFileUrl(program)],
        cwd: Deno.cwd(),
        env: environmentInGuest(kernel),
        memory: 1024,
        cid: INNER_CID,
      }),
    );
  }

  /**
   * Waits for a line of the program.
   *
   * @param start How the line begins.
   * @param limit Milliseconds.
   */
  async says(start: string, limit: number = BOOT_LIMIT): Promise<void> {
    const search = async (): Promise<void> => {
      while (true) {
        const { done, value } = await this.#lines.next();
        if (done) throw new Error(`The inner machine ended before it said "${start}": ${await this.#guest.console()}`);
        if (value.startsWith(start)) return;
      }
    };
    await within(search(), `the inner machine to say "${start}"`, limit);
  }

  /** Cuts its power. */
  async powerOff(): Promise<void> {
    this.#guest.powerOff();
    await this.#guest.ended();
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#guest[Symbol.asyncDispose]();
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
