/**
 * Binds a port that is for privileged programs and one that is not, as a program that is not.
 *
 * @module
 */

import { Pull, ZmqError } from "../../../mod.ts";

if (Deno.args[0] === "unprivileged") {
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
} else {
  // Takes from root the capability by which it binds such ports (util-linux, capabilities(7)).
  const capability = "-net_bind_service";
  const { code } = await new Deno.Command("setpriv", {
    args: [
      `--bounding-set=${capability}`,
      `--inh-caps=${capability}`,
      Deno.execPath(),
      "run",
      "--no-check",
      "-A",
      import.meta.url,
      "unprivileged",
    ],
  }).output().then((output) => {
    Deno.stdout.writeSync(output.stdout);
    Deno.stderr.writeSync(output.stderr);
    return output;
  });
  Deno.exit(code);
}
