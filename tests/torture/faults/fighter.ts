/**
 * A program that binds what it is told to, as another does at the same time, and answers who it is.
 *
 * Its input is lines: an endpoint to bind after a number of turns of a loop, or nothing, to let go. It answers with a line
 * each: `bound`, `free`, or the code of the error.
 *
 * @module
 */

import { Reply, ZmqError } from "../../../mod.ts";

const [name = ""] = Deno.args;
let reply: Reply | null = null;

async function answer(socket: Reply): Promise<void> {
  for await (const _ of socket) await socket.send(name);
}

async function obey(line: string): Promise<string> {
  if (line === "") {
    await reply?.[Symbol.asyncDispose]();
    reply = null;
    return "free";
  }
  const [turns, endpoint] = line.split(" ") as [string, string];
  reply = new Reply({ linger: 0 });
  answer(reply);
  for (let i = 0; i < Number(turns); i++);
  try {
    await reply.bind(endpoint);
    return "bound";
  } catch (error) {
    return error instanceof ZmqError ? error.code : String(error);
  }
}

let text = "";
const decoder = new TextDecoder();
const encoder = new TextEncoder();
for await (const chunk of Deno.stdin.readable) {
  text += decoder.decode(chunk, { stream: true });
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
    const line = text.slice(0, end);
    text = text.slice(end + 1);
    Deno.stdout.writeSync(encoder.encode(`${await obey(line)}\n`));
  }
}
