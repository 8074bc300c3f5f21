/**
 * Runs the programs that do a work, and reads what they have measured.
 *
 * @module
 */

import type { Program } from "./program.ts";

/** What a program has measured of a pattern. */
export interface Sample {
  /** From the first message to the last. */
  readonly seconds: number;
  /** Of round trips: the time (µs) that half of them take at most, and 99 of 100. */
  readonly p50?: number;
  readonly p99?: number;
}

/** One work, as a program takes it. */
export interface Task {
  /** Its name. */
  readonly work: string;
  /** Whether one process does all of it. */
  readonly alone: boolean;
  /** Whether both processes run on one and the same processor, where the system can do that. */
  readonly pinned: boolean;
  readonly endpoint: string;
  /** Bytes of a message. */
  readonly size: number;
  readonly count: number;
}

/** So many seconds may pass until a run counts as hung. */
const LIMIT = 120;

/**
 * Has a program do a work, in two processes or alone.
 *
 * @throws Error where it fails or hangs.
 */
export async function measure<S = Sample>(program: Program, task: Task): Promise<S> {
  const { work, alone, endpoint, size, count } = task;
  const called = `${program.name} ${work} with ${count} messages of ${size} bytes`;
  const start = (role: string, stdin: "null" | "piped", stdout: "null" | "piped") => {
    const pin = task.pinned && Deno.build.os === "linux" ? ["taskset", "-c", "0"] : [];
    const words = [...pin, program.command, ...program.args, work, role, endpoint, String(size), String(count)];
    return new Deno.Command(words[0]!, { args: words.slice(1), stdin, stdout, stderr: "inherit" }).spawn();
  };
  const near = start(alone ? "alone" : "near", "null", "piped");
  let far: Deno.ChildProcess | null = null;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill(near);
  }, LIMIT * 1000);
  try {
    let said = "";
    for await (const text of near.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      if (far === null && !alone && said.startsWith("ready\n")) far = start("far", "piped", "null");
    }
    const { code } = await near.status;
    if (late) throw new Error(`${called}: took longer than ${LIMIT} s`);
    const result = said.split("\n")[1] ?? "";
    // zeromq.js kills itself when it has its result.
    if (result === "") throw new Error(`${called}: ended with code ${code}`);
    return JSON.parse(result);
  } finally {
    clearTimeout(timer);
    kill(near);
    // Only now may the sender go.
    if (far !== null) await end(far);
    await near.status;
  }
}

/** Lets a process end by itself, for a second. */
async function end(far: Deno.ChildProcess): Promise<void> {
  const timer = setTimeout(() => kill(far), 1000);
  await far.stdin.close().catch(() => {});
  await far.status;
  clearTimeout(timer);
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}
