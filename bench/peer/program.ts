/**
 * The programs that take part in a measurement, each run in a process of its own.
 *
 * @module
 */

/** A program, and how it is called. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** A program beside this file with this library. */
export function denomq(script: string): Program {
  const { href } = new URL(script, import.meta.url);
  return { name: "denomq", command: Deno.execPath(), args: ["run", "--quiet", "--allow-all", href] };
}

/** A C program beside this file with libzmq, compiled into `directory`; or why it cannot be. */
export async function compileLibzmq(source: string, directory: string): Promise<Program | string> {
  const program = `${directory}/${source}.out`;
  const compiler = Deno.env.get("CC") ?? "cc";
  const { pathname } = new URL(source, import.meta.url);
  const built = await output(compiler, ["-O2", "-pthread", "-o", program, decodeURIComponent(pathname), "-lzmq"]);
  if (built === null) return `no C compiler: install gcc, or name one in CC (tried ${compiler})`;
  if (built.success) return { name: "libzmq", command: program, args: [] };
  if (/zmq\.h/.test(built.errors)) {
    return "its header zmq.h is missing: install libzmq3-dev (Debian) or zeromq (Homebrew)";
  }
  return built.errors;
}

/** A script beside this file with zeromq.js under Node, installed into `directory`; or why it cannot be. */
export async function installZeromqjs(script: string, directory: string): Promise<Program | string> {
  const { pathname } = new URL(script, import.meta.url);
  const installed = await output("npm", ["install", "--no-save", "--prefix", directory, "zeromq@6.8"]);
  if (installed === null) return "no npm: install Node";
  if (!installed.success) return installed.errors;
  // Its install script may not have been allowed, and needs a compiler where no prebuilt addon fits.
  const loaded = await output("node", ["-e", `require(${JSON.stringify(`${directory}/node_modules/zeromq`)})`]);
  if (!loaded?.success) return loaded?.errors ?? "no node: install Node";
  return { name: "zeromq.js", command: "node", args: [decodeURIComponent(pathname), directory] };
}

/** What a tool says; `null` where there is no such tool. */
async function output(command: string, args: string[]): Promise<{ success: boolean; errors: string } | null> {
  try {
    const { success, stderr } = await new Deno.Command(command, { args, stdout: "null", stderr: "piped" }).output();
    return { success, errors: new TextDecoder().decode(stderr).trim() };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
