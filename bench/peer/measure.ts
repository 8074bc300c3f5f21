/**
 * Runs the two ends of a throughput measurement in processes of their own.
 *
 * @module
 */

import type { Program } from "./program.ts";

/**
 * Send `count` messages of `size` bytes from one process to another: the seconds from the first received to the last.
 * The program is called as `program pull|push <endpoint> <size> <count>`.
 */
export async function measure(
  program: Program,
  endpoint: string,
  size: number,
  count: number,
  limit: number,
): Promise<number> {
  const args = [endpoint, String(size), String(count)];
  const spawn = (role: string, stdin: "null" | "piped", stdout: "null" | "piped") =>
    new Deno.Command(program.command, { args: [...program.args, role, ...args], stdin, stdout, stderr: "inherit" })
      .spawn();
  const pull = spawn("pull", "null", "piped");
  const lines = pull.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let push: Deno.ChildProcess | null = null;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill(pull);
  }, limit * 1000);
  try {
    let output = "";
    for (let { value, done } = await lines.read(); !done; { value, done } = await lines.read()) {
      output += value;
      if (push === null && output.startsWith("ready\n")) push = spawn("push", "piped", "null");
    }
    const { code } = await pull.status;
    const result = output.split("\n")[1] ?? "";
    if (late) throw new Error(`${program.name}: ${count} messages of ${size} bytes took longer than ${limit} s`);
    if (code !== 0 || result === "") throw new Error(`${program.name}: the receiver ended with code ${code}`);
    return Number(JSON.parse(result).seconds);
  } finally {
    clearTimeout(timer);
    kill(pull);
    // Only now may the sender go.
    if (push !== null) await end(push);
    await pull.status;
  }
}

/** Let a sender end by itself, for a second. */
async function end(push: Deno.ChildProcess): Promise<void> {
  const timer = setTimeout(() => kill(push), 1000);
  await push.stdin.close().catch(() => {});
  await push.status;
  clearTimeout(timer);
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}
