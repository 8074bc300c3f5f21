/**
 * Stands in for `@std/assert` where JSR cannot be reached: see `run.ts`. The
 * functions this repository uses, with the signatures of `@std/assert` 1.
 */

import nodeAssert from "node:assert";
import { equal } from "./equal.ts";

export { equal };

// deno-lint-ignore no-explicit-any -- the signature of @std/assert
type AnyConstructor = abstract new (...args: any[]) => any;
// deno-lint-ignore no-explicit-any -- the signature of @std/assert
type ErrorConstructorOf<E extends Error> = abstract new (...args: any[]) => E;

/** The values that are false where a condition is asked for. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** What a failed assertion throws. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

function show(value: unknown): string {
  return Deno.inspect(value, { depth: 10, iterableLimit: 100, strAbbreviateSize: 1000 });
}

function failure(what: string, msg: string | undefined): AssertionError {
  return new AssertionError(msg ? `${what}: ${msg}` : what);
}

/** Asserts that `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Asserts that `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/** Asserts deep equality. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  let difference = "";
  try {
    nodeAssert.deepStrictEqual(actual, expected);
  } catch (error) {
    if (error instanceof Error) difference = error.message;
  }
  throw failure(`Values are not equal${msg ? `: ${msg}` : ""}\n${difference}`, undefined);
}

/** Asserts deep inequality. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) throw failure(`Expected actual: ${show(actual)} not to be: ${show(expected)}`, msg);
}

/** Asserts that both are the same value (`Object.is`). */
export function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T {
  if (Object.is(actual, expected)) return;
  throw failure(`Values are not strictly equal: ${show(actual)} is not ${show(expected)}`, msg);
}

/** Asserts that the two are not the same value (`Object.is`). */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void {
  if (Object.is(actual, expected)) {
    throw failure(`Expected "actual" not to be strictly equal to ${show(expected)}`, msg);
  }
}

/** Asserts that a number is within `tolerance` of another (by default, relatively 1e-7). */
export function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void {
  const limit = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (Object.is(actual, expected) || Math.abs(expected - actual) <= limit) return;
  throw failure(`Expected actual: ${actual} to be close to ${expected} (within ${limit})`, msg);
}

/** Asserts `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) throw failure(`Expect ${show(actual)} > ${show(expected)}`, msg);
}

/** Asserts `actual >= expected`. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual >= expected)) throw failure(`Expect ${show(actual)} >= ${show(expected)}`, msg);
}

/** Asserts `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) throw failure(`Expect ${show(actual)} < ${show(expected)}`, msg);
}

/** Asserts `actual <= expected`. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual <= expected)) throw failure(`Expect ${show(actual)} <= ${show(expected)}`, msg);
}

/** Asserts that a string contains another. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void {
  if (!actual.includes(expected)) throw failure(`Expected actual: ${show(actual)} to contain: ${show(expected)}`, msg);
}

/** Asserts that a string matches. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void {
  if (!expected.test(actual)) throw failure(`Expected actual: ${show(actual)} to match: ${expected}`, msg);
}

/** Asserts that a string does not match. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void {
  if (expected.test(actual)) throw failure(`Expected actual: ${show(actual)} not to match: ${expected}`, msg);
}

/** Asserts that a value is neither null nor undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    throw failure(`Expected actual: ${actual} not to be null or undefined`, msg);
  }
}

/** An array, or what can be read like one. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** Asserts that an array holds every element of another. */
export function assertArrayIncludes<T>(actual: ArrayLikeArg<T>, expected: ArrayLikeArg<T>, msg?: string): void {
  const held = Array.from(actual);
  const missing = Array.from(expected).filter((wanted) => !held.some((one) => equal(wanted, one)));
  if (missing.length > 0) throw failure(`Expected actual: ${show(actual)} to include: ${show(missing)}`, msg);
}

/** Asserts that a value is an instance of a class. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  throw failure(`Expected object to be an instance of "${expectedType.name}" but was ${show(actual)}`, msg);
}

/** Asserts that a value is an error, of a class and with a text in its message. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: ErrorConstructorOf<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) throw failure(`Expected "error" to be an Error object, but was ${show(error)}`, msg);
  if (ErrorClass && !(error instanceof ErrorClass)) {
    throw failure(`Expected error to be instance of "${ErrorClass.name}", but was ${show(error)}`, msg);
  }
  if (msgMatches === undefined) return;
  const met = typeof msgMatches === "string" ? error.message.includes(msgMatches) : msgMatches.test(error.message);
  if (!met) throw failure(`Expected error message to include ${show(msgMatches)}, but got ${show(error.message)}`, msg);
}

type Expectation<E extends Error> = [ErrorClass?: ErrorConstructorOf<E> | string, msgIncludes?: string, msg?: string];

/** Compares what was thrown with what was asked for, and returns it. */
function thrown<E extends Error>(error: unknown, [first, msgIncludes, msg]: Expectation<E>): unknown {
  if (typeof first === "function") assertIsError(error, first, msgIncludes, msg);
  return error;
}

/** Asserts that a function throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorConstructorOf<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error = Error>(fn: () => unknown, ...expected: Expectation<E>): unknown {
  try {
    fn();
  } catch (error) {
    return thrown(error, expected);
  }
  throw failure("Expected function to throw", typeof expected[0] === "string" ? expected[0] : expected[2]);
}

/** Asserts that a promise is rejected; returns what it was rejected with. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorConstructorOf<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ...expected: Expectation<E>
): Promise<unknown> {
  let promise: PromiseLike<unknown> | undefined;
  try {
    promise = fn();
    await promise;
  } catch (error) {
    // A function that throws before there is a promise has not rejected.
    if (promise === undefined) throw failure(`Function throws when expected to reject: ${show(error)}`, undefined);
    return thrown(error, expected);
  }
  throw failure("Expected function to reject", typeof expected[0] === "string" ? expected[0] : expected[2]);
}

/** Fails. */
export function fail(msg?: string): never {
  throw failure("Failed assertion", msg);
}

/** Fails, for a place that is never reached. */
export function unreachable(msg?: string): never {
  throw failure("Unreachable", msg);
}
