/** Deep equality as `@std/assert` has it, for the stand-in beside this file. */

import { isDeepStrictEqual } from "node:util";

/** The values that count as equal without a look inside; 0 and -0 do. */
function same(a: unknown, b: unknown): boolean {
  return a === b || Object.is(a, b);
}

/** `Object.create(null)` and `{}` count as the same kind of object. */
function sameKind(a: object, b: object): boolean {
  const kindOfA: unknown = Object.getPrototypeOf(a) ?? Object.prototype;
  const kindOfB: unknown = Object.getPrototypeOf(b) ?? Object.prototype;
  return kindOfA === kindOfB;
}

function isPlain(value: object): value is Record<PropertyKey, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || prototype === Object.prototype;
}

/** Whether two values are deeply equal. */
export function equal(a: unknown, b: unknown): boolean {
  // Pairs under comparison: meeting one again means a circle, not a difference.
  const open = new Map<object, object>();

  function compare(a: unknown, b: unknown): boolean {
    if (same(a, b)) return true;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
    if (!sameKind(a, b)) return false;
    // Maps, sets, dates, buffers, errors: Node's comparison agrees with @std's.
    if (!isPlain(a) || !isPlain(b)) return isDeepStrictEqual(a, b);
    if (open.get(a) === b) return true;
    open.set(a, b);
    const keys = Reflect.ownKeys(a);
    return keys.length === Reflect.ownKeys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && compare(a[key], b[key]));
  }

  return compare(a, b);
}
