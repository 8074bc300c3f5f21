/**
 * A program that has no descriptors left for a while: at connect(), at bind() and at accept. Prints what it saw.
 *
 * @module
 */

import { Pull, Push, ZmqError } from "../../../mod.ts";
import { Log, until } from "../../api/support.ts";

const [endpoint = "", other = "", filtered = ""] = Deno.args;
const decoder = new TextDecoder();

await using pull = new Pull();
if (filtered !== "") pull.ipcFilterUid = [Deno.uid()!];
const accepting = new Log(pull);
await pull.bind(endpoint);
await using good = new Push({ linger: 0 });
good.connect(pull.lastEndpoint!);

async function flows(push: Push, name: string): Promise<void> {
  for (let i = 0; i < 10; i++) {
    await push.send(`${name} ${i}`);
    const word = decoder.decode((await pull.receive())[0]);
    if (word !== `${name} ${i}`) throw new Error(`${word} came, not ${name} ${i}`);
  }
  console.log(name);
}

async function codeOf(operation: Promise<void>): Promise<string> {
  return await operation.then(() => "bound", (error) => error instanceof ZmqError ? error.code : String(error));
}

await flows(good, "before");
const late = new Push({ linger: 0, reconnectInterval: 5 });
await using more = new Pull();
const connecting = new Log(late);

const taken: Deno.FsFile[] = [];
try {
  for (;;) taken.push(Deno.openSync("/dev/null"));
} catch (error) {
  console.log("hog", (error as { code?: string }).code);
}
console.log("bind", await codeOf(more.bind(other)));
late.connect(endpoint);
const failed = await connecting.wait("close");
console.log("connect", (failed.error as Error & { code?: string }).code);
await flows(good, "meanwhile");

// One, which the connection takes: for the one that is to be accepted there is none.
taken.pop()!.close();
const { error } = await accepting.wait("accept:error");
console.log("accept", (error as Error & { code?: string }).code);
await flows(good, "still");

for (const each of taken.splice(0)) each.close();
await late.waitForPeers();
await until(() => pull.peerCount === 2, "the late one is accepted");
await flows(late, "late");
await flows(good, "after");
console.log("bind", await codeOf(more.bind(other)));
late.close();
