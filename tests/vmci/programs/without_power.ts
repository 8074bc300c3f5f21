/**
 * Binds a port that is for privileged programs and one that is not, and prints what comes of it.
 *
 * @module
 */

import { Pull, ZmqError } from "../../../mod.ts";

for (const port of [1023, 1024]) {
  await using pull = new Pull();
  try {
    await pull.bind(`vmci://*:${port}`);
    console.log(pull.lastEndpoint);
  } catch (error) {
    if (!(error instanceof ZmqError)) throw error;
    console.log(error.code, error.message);
  }
}
