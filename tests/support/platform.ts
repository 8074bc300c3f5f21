/**
 * Tests that make sense on some systems only.
 *
 * @module
 */

/** Whether this is Linux. */
export const onLinux: boolean = Deno.build.os === "linux";
/** Whether this is Windows. */
export const onWindows: boolean = Deno.build.os === "windows";

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
