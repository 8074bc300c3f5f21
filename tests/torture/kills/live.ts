/**
 * The life of a victim: it does its task until it is killed, and keeps a log that outlives it.
 *
 * @module
 */

import { inspect } from "../checker.ts";
import { Random } from "../random.ts";
import { DenomqPort, LibzmqPort, type Port } from "./port.ts";
import { receivedFile, sentFile, Source, type Task, writeLabel } from "./task.ts";

/** Does a task for ever. A message that is torn, or anything else that goes wrong, is thrown. */
export async function live(task: Task): Promise<never> {
  const port: Port = task.player === "denomq" ? new DenomqPort(task) : new LibzmqPort(task);
  const sent = Deno.openSync(sentFile(task.log), { append: true, create: true });
  const received = Deno.openSync(receivedFile(task.log), { append: true, create: true });
  if (task.binds) await port.bind(task.endpoint);
  else port.connect(task.endpoint);
  const lives: Promise<never>[] = [];
  if (task.act === "pour" || task.act === "both") lives.push(pour(port, task, sent));
  if (task.act === "drain" || task.act === "both") lives.push(drain(port, received));
  if (task.act === "echo") lives.push(echo(port, received));
  return await Promise.race(lives);
}

async function pour(port: Port, task: Task, log: Deno.FsFile): Promise<never> {
  const source = new Source(task, new Random(task.seed));
  const one = new Uint8Array(1);
  for (;;) {
    await port.send(source.next());
    log.writeSync(one);
  }
}

async function drain(port: Port, log: Deno.FsFile): Promise<never> {
  for (;;) log.writeSync(writeLabel(inspect(await port.receive())));
}

async function echo(port: Port, log: Deno.FsFile): Promise<never> {
  for (;;) {
    const frames = await port.receive();
    log.writeSync(writeLabel(inspect(frames)));
    await port.send(frames);
  }
}
