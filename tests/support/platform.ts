/**
 * Tests that make sense on some systems only.
 *
 * @module
 */

/** Whether this is Linux. */
export const onLinux: boolean = Deno.build.os === "linux";
/**
 * Whether this is a virtual machine that was started for tests, with a vsock of its own. Elsewhere no test may use vsock: it
 * may be what controls the machine.
 */
export const inGuest: boolean = onLinux && Deno.env.get("DENOMQ_VM") === "1" && isThere("/sys/module/vsock_loopback");
/** Whether this is Windows. */
export const onWindows: boolean = Deno.build.os === "windows";

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * The option of a test that runs where a condition holds. Elsewhere the reason is printed.
 *
 * @example
 * ```ts ignore
 * Deno.test("a name of the abstract namespace", only(onLinux, "Linux alone has abstract names"), () => {});
 * ```
 */
export function only(condition: boolean, reason: string): { ignore: boolean } {
  if (!condition) console.log(`A test is skipped: ${reason}`);
  return { ignore: !condition };
}

/** The option of a test that runs unless something is missing or in the way, which is printed. */
export function unless(problem: string | null): { ignore: boolean } {
  return only(problem === null, problem ?? "");
}
