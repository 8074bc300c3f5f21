/**
 * A process that runs out of descriptors, and has some again.
 *
 * @module
 */

import { runScript } from "../../support/child.ts";
import { onLinux, onWindows } from "../../support/platform.ts";
import { freshPort } from "../../support/ports.ts";
import { demand, type Fault, type Site } from "./fault.ts";

/** How many it may have: what Deno itself takes, and some more. */
const FILES = 80;

const EXPECTED =
  "before, hog EMFILE, bind EMFILE, connect EMFILE, meanwhile, accept EMFILE, still, late, after, bind bound";

async function starved(site: Site): Promise<void> {
  const name = crypto.randomUUID();
  const kinds = [
    [`ipc://${site.folder}/a`, `ipc://${site.folder}/b`],
    [`ipc://${site.folder}/a`, `ipc://${site.folder}/b`, "filtered"],
    [`tcp://127.0.0.1:${freshPort()}`, `tcp://127.0.0.1:${freshPort()}`],
    [`ipc://@denomq-a-${name}`, `ipc://@denomq-b-${name}`],
  ];
  const args = site.random.pick(onLinux ? kinds : [kinds[0]!, kinds[2]!]);
  const program = new URL("./starved.ts", import.meta.url);
  const { code, stdout, stderr } = await runScript(program, args, { files: FILES, limit: 60_000 });
  const seen = stdout.trim().split("\n").join(", ");
  demand(code === 0 && seen === EXPECTED, `${args}: ${seen}; ${stderr}`);
  site.tally.checked += 50;
  const left = Array.from(Deno.readDirSync(site.folder), ({ name }) => name).filter((each) => each.length > 1);
  demand(left.length === 0, `${args}: ${left} was left behind`);
}

/** Faults of descriptors. */
export const descriptors: readonly Fault[] = [{
  name: "a process runs out of descriptors",
  unavailable: () => onWindows ? "Windows has no ulimit" : null,
  run: starved,
}];
