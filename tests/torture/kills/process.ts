/**
 * The program of a victim that is a process: it reads its task from its input, and does it until it is killed.
 *
 * @module
 */

import { live } from "./live.ts";
import type { Task } from "./task.ts";

// A line, not the end of the input: who starts it may keep that open.
let line = "";
const decoder = new TextDecoder();
for await (const chunk of Deno.stdin.readable) {
  line += decoder.decode(chunk, { stream: true });
  if (line.endsWith("\n")) break;
}
if (line !== "") await live(JSON.parse(line) as Task);
