/**
 * Whether the tests that repeat something do so as often as was once wanted of them, or as often as everyday use allows.
 *
 * @module
 */

const thorough = Deno.env.get("DENOMQ_THOROUGH") === "1";

/** A number of repetitions: `all` with `DENOMQ_THOROUGH=1`, `some` without. */
export function repetitions(all: number, some: number): number {
  return thorough ? all : some;
}
