/**
 * Sends every message back.
 *
 * @module
 */

import { Pair } from "../../../mod.ts";

const pair = new Pair();
await pair.bind(Deno.args[0]!);
for await (const message of pair) await pair.send(message);
