// The inside of a program that a test drives (see program.ts): commands come on stdin, one JSON object per line, and are
// answered on stdout. Each runs as soon as it comes, so several can be under way at once.

function answer(line: unknown): void {
  let bytes = new TextEncoder().encode(JSON.stringify(line) + "\n");
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "UNEXPECTED";
}

/** Execute commands until the test has gone, and end the program with it. */
export async function serve<R extends { readonly id: number }>(execute: (request: R) => unknown): Promise<never> {
  const run = async (line: string) => {
    const request: R = JSON.parse(line);
    try {
      answer({ id: request.id, result: await execute(request) ?? null });
    } catch (error) {
      answer({ id: request.id, error: error instanceof Error ? error.message : String(error), code: codeOf(error) });
    }
  };
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) void run(line);
  }
  // The test has gone: nobody waits for what is left.
  Deno.exit(0);
}
