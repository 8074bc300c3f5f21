/**
 * Counts the words of a folder's text files with several processes over ipc:
 *
 *     main ──PUSH──▶ worker, worker, … ──PUSH──▶ sink ──PUB──▶ main (progress)
 *      └─────────────────────────REQ──────────────▶┘   (totals?)
 *
 * Each line is one message. In the end the sink's totals must agree with a
 * count that main does by itself.
 *
 * Usage: main.ts [folder] [--lines N] [--workers N]
 */

import { Push, Request, Subscriber } from "../../mod.ts";
import { add, count, type Counts, split, type Totals } from "./count.ts";
import { Crew } from "./crew.ts";
import { textFiles } from "./files.ts";
import { Progress, table } from "./report.ts";

/** How long the sink may take to finish once everything has been sent. */
const patience = 60_000;

interface Options {
  folder: string;
  /** The folder is gone through until so many lines are counted. */
  lines: number;
  workers: number;
}

interface Input {
  files: number;
  lines: Uint8Array[];
  counts: Counts;
}

function parse(args: readonly string[]): Options {
  const checkout = new URL("../../", import.meta.url).pathname;
  const options: Options = {
    folder: decodeURIComponent(checkout).replace(/\/$/, ""),
    lines: 2_000_000,
    workers: Math.min(Math.max(navigator.hardwareConcurrency, 2), 4),
  };
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--lines" || arg === "--workers") {
      const value = Number(args[++i]);
      if (!Number.isInteger(value) || value < 1) throw new TypeError(`${arg} takes a number from 1`);
      options[arg === "--lines" ? "lines" : "workers"] = value;
    } else if (arg.startsWith("-")) {
      throw new TypeError(`Unknown option ${arg}; usage: main.ts [folder] [--lines N] [--workers N]`);
    } else {
      options.folder = arg;
    }
  }
  return options;
}

/** Reads the folder and counts it directly, file by file. */
async function read(folder: string): Promise<Input> {
  const input: Input = { files: 0, lines: [], counts: { bytes: 0, words: 0, letters: 0 } };
  for await (const text of textFiles(folder)) {
    input.files++;
    for (const line of split(text)) input.lines.push(line);
    add(input.counts, count(text));
    // The ends of the lines are not sent.
    input.counts.bytes -= text.reduce((newlines, byte) => byte === 0x0a ? newlines + 1 : newlines, 0);
  }
  if (input.lines.length === 0) throw new Error(`There are no lines of text in ${folder}`);
  return input;
}

/** Says what of the totals is not as it should be, if anything is. */
function compare(totals: Totals, input: Input, passes: number): void {
  const wrong: string[] = [];
  const check = (name: string, counted: number, direct: number): void => {
    if (counted !== direct) wrong.push(`${name}: the sink has ${counted}, a direct count ${direct}`);
  };
  check("lines", totals.lines, input.lines.length * passes);
  for (const name of ["bytes", "words", "letters"] as const) check(name, totals[name], input.counts[name] * passes);
  if (wrong.length > 0) throw new Error(`The totals do not agree\n  ${wrong.join("\n  ")}`);
}

/** Has the lines counted by a crew of processes. */
async function distribute(
  input: Input,
  passes: number,
  workers: number,
  dir: string,
  crew: Crew,
  progress: Progress,
): Promise<Totals> {
  const at = (name: string): string => `ipc://${dir}/${name}`;
  const expected = input.lines.length * passes;
  using push = new Push({ linger: 0 });
  using subscriber = new Subscriber();
  using request = new Request({ linger: 0 });

  await push.bind(at("lines"));
  crew.start("sink", "sink.ts", at("results"), at("progress"), at("questions"));
  for (let worker = 0; worker < workers; worker++) {
    crew.start(`worker ${worker + 1}`, "worker.ts", String(worker), at("lines"), at("results"));
  }
  // Connecting first and binding later is as good as the other way round.
  subscriber.subscribe("counted ");
  subscriber.connect(at("progress"));
  request.connect(at("questions"));
  await push.waitForPeers(workers);

  progress.begin();
  void watch(subscriber, progress);
  for (let pass = 0; pass < passes; pass++) {
    for (const line of input.lines) await push.send(line);
  }
  await request.send(String(expected));
  const [answer] = await request.receive({ timeout: patience }).catch((cause: unknown) => {
    throw new Error(`The sink has not counted ${expected} lines in time; it was seen at ${progress.lines}`, { cause });
  });
  return JSON.parse(new TextDecoder().decode(answer));
}

/** Shows what the sink publishes, until the socket is closed. */
async function watch(subscriber: Subscriber, progress: Progress): Promise<void> {
  for await (const [message] of subscriber) {
    progress.show(Number(new TextDecoder().decode(message).split(" ")[1]));
  }
}

async function main(options: Options, interrupted: Promise<never>): Promise<void> {
  const input = await read(options.folder);
  const passes = Math.ceil(options.lines / input.lines.length);
  const dir = await Deno.makeTempDir({ prefix: "denomq-demo-" });
  try {
    await using crew = new Crew();
    using progress = new Progress(input.lines.length * passes);
    console.log(`Counting ${input.files} files in ${options.folder} with ${options.workers} worker processes`);
    const counting = distribute(input, passes, options.workers, dir, crew, progress);
    const totals = await Promise.race([counting, crew.failure, interrupted]);
    const { seconds } = progress;
    progress.clear();
    console.log(table(input.files, totals, passes, seconds));
    compare(totals, input, passes);
    console.log("The totals of the sink agree with a direct count.");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const interrupt = Promise.withResolvers<never>();
// A signal may come before anybody waits for one.
interrupt.promise.catch(() => {});
let code = 0;
for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.addSignalListener(signal, () => {
    code = status;
    interrupt.reject(new Error(`Ended by ${signal}`));
  });
}
try {
  await main(parse(Deno.args), interrupt.promise);
} catch (error) {
  code ||= 1;
  console.error(`demo: ${error instanceof Error ? error.message : error}`);
}
Deno.exit(code);
