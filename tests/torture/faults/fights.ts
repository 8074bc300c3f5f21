/**
 * Two processes that bind one endpoint at the same time, again and again.
 *
 * Where a name can be had once, one of them gets it and the other EADDRINUSE. A path of ipc is taken over by whoever comes
 * later (zmq_ipc(7)): both are bound, and the file is one's alone. In either case everybody who connects then meets the one
 * who has it, also when the other has gone.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { Request } from "../../../mod.ts";
import { within } from "../../support/deadline.ts";
import { demand, type Fault, patient, type Site } from "./fault.ts";
import { wires } from "./wire.ts";

/** One of the two. */
class Fighter implements AsyncDisposable {
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(name: string) {
    this.name = name;
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "-A", fromFileUrl(new URL("./fighter.ts", import.meta.url)), name],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Tells it a line, and resolves to what it says. */
  async tell(line: string): Promise<string> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
    while (!this.#text.includes("\n")) {
      const { value, done } = await within(this.#output.read(), `${this.name}'s word`, 60_000);
      demand(!done, `${this.name} has ended`);
      this.#text += value;
    }
    const end = this.#text.indexOf("\n");
    const word = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return word;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#output.cancel();
    await this.#input.close().catch(() => {});
    await this.#child.status;
  }
}

/** Who answers at an endpoint. */
async function whoseIs(endpoint: string): Promise<string> {
  await using request = new Request({ linger: 0, reconnectInterval: 1 });
  request.connect(endpoint);
  await request.send("who?", patient);
  return new TextDecoder().decode((await request.receive(patient))[0]);
}

async function fight(site: Site): Promise<void> {
  await using one = new Fighter("one");
  await using other = new Fighter("other");
  const both = [one, other];
  const outer = wires().filter(({ name }) => name !== "inproc");
  for (let round = 0; round < site.rounds && (round < 3 || site.goesOn()); round++) {
    // The path is the one that is fought for; of the others some rounds are enough.
    const wire = round % 4 === 3 ? site.random.pick(outer.slice(1)) : outer[0]!;
    const folder = `${site.folder}/fight`;
    Deno.mkdirSync(folder, { recursive: true });
    // The same path each time: there the file of the last round is, of nobody.
    const endpoint = wire.replaces ? `ipc://${folder}/socket` : wire.endpoint(folder);
    const words = await Promise.all(both.map((each) => each.tell(`${site.random.below(100_000)} ${endpoint}`)));
    const expected = wire.replaces ? "bound bound" : "EADDRINUSE bound";
    demand(words.toSorted().join(" ") === expected, `${wire.name}, round ${round}: ${words}`);
    const winner = await whoseIs(endpoint);
    const loser = both.find((each) => each.name !== winner)!;
    if (!wire.replaces) demand(words[both.indexOf(loser)] !== "bound", `${wire.name}: ${winner} answers for another`);
    demand(await whoseIs(endpoint) === winner, `${wire.name}, round ${round}: two answer`);
    await loser.tell("");
    demand(await whoseIs(endpoint) === winner, `${wire.name}, round ${round}: the loser has taken it along`);
    await both.find((each) => each !== loser)!.tell("");
    if (wire.replaces) {
      const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
      demand(names.join() === "socket", `${wire.name}, round ${round}: there are ${names}`);
    }
    site.tally.checked++;
  }
}

/** Faults of processes that get in each other's way. */
export const fights: readonly Fault[] = [{ name: "two processes fight for one endpoint", run: fight }];
