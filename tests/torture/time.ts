/**
 * How long a part of the torture goes on when it is run as a test.
 *
 * @module
 */

/** The seconds that `DENOMQ_TORTURE_SECONDS` says, or as many as the test takes among all others. */
export function secondsOr(standard: number): number {
  const text = Deno.env.get("DENOMQ_TORTURE_SECONDS");
  if (text === undefined || text === "") return standard;
  if (!/^\d+$/.test(text)) throw new TypeError(`DENOMQ_TORTURE_SECONDS must be a whole number, not "${text}"`);
  return Number(text);
}
