/**
 * A connection without the library, for one who is hostile.
 *
 * @module
 */

import { within } from "../../support/deadline.ts";
import { pathOf } from "../../api/raw.ts";
import type { Random } from "../random.ts";
import type { Attack, Victim } from "./attacks.ts";

/** Where a hostile peer goes. */
export interface Target {
  readonly endpoint: string;
  /** The type of a socket that may talk to the endpoint's. */
  readonly type: string;
}

function dial(endpoint: string): Promise<Deno.Conn> {
  if (endpoint.startsWith("ipc:")) return Deno.connect({ transport: "unix", path: pathOf(endpoint) });
  const { hostname, port } = new URL(endpoint.replace("tcp:", "http:"));
  return Deno.connect({ hostname, port: Number(port) });
}

/** Whether it was the endpoint that ended the connection. */
function cutOff(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset;
}

/**
 * Attacks once.
 *
 * @param limit How long (ms) the endpoint may take to end a connection that it has to end.
 * @throws Error where it does not.
 */
export async function strike(target: Target, attack: Attack, random: Random, limit: number): Promise<void> {
  using conn = await dial(target.endpoint);
  const write = async (data: Uint8Array) => {
    try {
      for (let at = 0; at < data.length;) at += await conn.write(data.subarray(at));
      return true;
    } catch (error) {
      if (cutOff(error)) return false;
      throw error;
    }
  };
  const closed = async () => {
    const into = new Uint8Array(4096);
    try {
      while (await conn.read(into) !== null);
    } catch (error) {
      if (!cutOff(error)) throw error;
    }
  };
  const victim: Victim = { type: target.type, write, closed };
  // An endpoint that reads nothing more is one that does not end the connection, either.
  const outcome = await within(attack.run(victim, random), `"${attack.name}" to be written`, limit);
  if (outcome === "stays") await within(closed(), `${target.type} that does "${attack.name}" to be cut off`, limit);
}
