/**
 * How long a part of the torture goes on when it is run as a test, and with what seed.
 *
 * @module
 */

/** The seconds that `DENOMQ_TORTURE_SECONDS` says, or as many as the test takes among all others. */
export function secondsOr(standard: number): number {
  return numberOr("DENOMQ_TORTURE_SECONDS", standard);
}

/** The seed that `DENOMQ_TORTURE_SEED` says, or the one that the test has otherwise. */
export function seedOr(standard: number): number {
  return numberOr("DENOMQ_TORTURE_SEED", standard);
}

function numberOr(variable: string, standard: number): number {
  const text = Deno.env.get(variable);
  if (text === undefined || text === "") return standard;
  if (!/^\d+$/.test(text)) throw new TypeError(`${variable} must be a whole number, not "${text}"`);
  return Number(text);
}
