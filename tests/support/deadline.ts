/**
 * A limit on how long a test may wait.
 *
 * @module
 */

/** How long anything may take that takes milliseconds when it works. */
const DEFAULT_LIMIT = 20_000;

/**
 * Waits for a promise, though not for ever.
 *
 * @param promise What the test waits for.
 * @param what What to name in the error.
 * @param limit Milliseconds.
 * @returns What the promise resolves to.
 */
export async function within<T>(promise: Promise<T>, what = "a promise", limit = DEFAULT_LIMIT): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Waited ${limit} ms for ${what}`)), limit);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
