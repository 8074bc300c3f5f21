/**
 * Binds or connects, and prints what came of it as JSON.
 *
 * @module
 */

import { Push, ZmqError } from "../../../mod.ts";

const [operation, endpoint = ""] = Deno.args;
const push = new Push({ linger: 0 });
const report: Record<string, unknown> = {};

function attempt(call: () => void): string {
  try {
    call();
    return "";
  } catch (error) {
    return error instanceof ZmqError ? error.code : String(error);
  }
}

try {
  if (operation === "lost") {
    const directory = Deno.makeTempDirSync();
    Deno.chdir(directory);
    Deno.removeSync(directory);
    push.connect(endpoint);
    await push.bind(endpoint);
  }
  if (operation === "bind") await push.bind(endpoint);
  if (operation === "connect") push.connect(endpoint);
  if (operation === "retry") {
    const types: string[] = [];
    for (const type of ["connect", "connect:retry", "close"] as const) push.events.on(type, () => types.push(type));
    report.first = attempt(() => push.connect(`${endpoint}-elsewhere`));
    report.disconnect = attempt(() => push.disconnect(`${endpoint}-elsewhere`));
    report.events = types.join();
    push.connect(endpoint);
  }
} catch (error) {
  if (!(error instanceof ZmqError)) throw error;
  const { name, code, address, message, cause } = error;
  Object.assign(report, { name, code, address, message, cause: cause instanceof Error ? cause.name : "" });
}
console.log(JSON.stringify({ ...report, last: String(push.lastEndpoint) }));
