/**
 * What the tests expect of `@std/assert`: runs on the real one where JSR
 * answers, on the stand-in elsewhere, and must pass on both.
 */

import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertIsError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  equal,
  fail,
  unreachable,
} from "@std/assert";

/** Checks that `check` fails as an assertion. Trusts nothing that is tested here. */
function fails(check: () => void, text = ""): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error;
    if (error.name === "AssertionError" && error.message.includes(text)) return;
    throw new Error(`Unexpected message: ${error.message}`);
  }
  throw new Error(`Passed: ${check}`);
}

Deno.test("assert: truth", () => {
  assert(1);
  assertFalse(0);
  assertExists("");
  fails(() => assert(0, "zero"), "zero");
  fails(() => assertFalse("a", "text"), "text");
  fails(() => assertExists(null));
  fails(() => fail("on purpose"), "on purpose");
  fails(() => unreachable());
});

Deno.test("assert: deep equality", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const other: { self?: unknown } = {};
  other.self = other;
  const pairs: [unknown, unknown][] = [
    [NaN, NaN],
    [[0], [-0]],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }],
    [{ __proto__: null, a: 1 }, { a: 1 }],
    [Uint8Array.of(1, 2), Uint8Array.of(0, 1, 2).subarray(1)],
    [new Map([["a", { b: 1 }]]), new Map([["a", { b: 1 }]])],
    [new Set([1, 2]), new Set([2, 1])],
    [new Date(5), new Date(5)],
    [/a/g, /a/g],
    [circle, other],
  ];
  for (const [a, b] of pairs) {
    assert(equal(a, b));
    assertEquals(a, b);
    fails(() => assertNotEquals(a, b));
  }
});

Deno.test("assert: deep inequality", () => {
  const pairs: [unknown, unknown][] = [
    [1, "1"],
    [null, undefined],
    [{ a: undefined }, {}],
    [[1, 2], [1]],
    [{ a: 1 }, { b: 1 }],
    [Uint8Array.of(1), Uint8Array.of(2)],
    [Uint8Array.of(1), Int8Array.of(1)],
    [Uint8Array.of(1), [1]],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Set([1]), new Set([2])],
    [new Date(5), new Date(6)],
    [/a/g, /a/i],
    [new (class A {})(), new (class B {})()],
  ];
  for (const [a, b] of pairs) {
    assertFalse(equal(a, b));
    assertNotEquals(a, b);
    fails(() => assertEquals(a, b, "told so"), "told so");
  }
});

Deno.test("assert: identity and order", () => {
  const object = {};
  assertStrictEquals(object, object);
  assertNotStrictEquals<object>(object, {});
  fails(() => assertStrictEquals(0, -0));
  fails(() => assertNotStrictEquals(object, object));
  assertGreater(2, 1);
  assertGreaterOrEqual(2, 2);
  assertLess(1n, 2n);
  assertLessOrEqual("a", "b");
  fails(() => assertGreater(1, 1));
  fails(() => assertGreaterOrEqual(1, 2));
  fails(() => assertLess(1, 1));
  fails(() => assertLessOrEqual(2, 1));
  assertAlmostEquals(0.1 + 0.2, 0.3);
  assertAlmostEquals(10, 11, 1);
  fails(() => assertAlmostEquals(10, 11, 0.5));
});

Deno.test("assert: texts, arrays and classes", () => {
  assertStringIncludes("abc", "b");
  assertMatch("abc", /^a/);
  assertNotMatch("abc", /^b/);
  assertArrayIncludes([1, [2], 3], [[2], 1]);
  fails(() => assertStringIncludes("abc", "d"));
  fails(() => assertMatch("abc", /d/));
  fails(() => assertNotMatch("abc", /a/));
  fails(() => assertArrayIncludes([1], [2]));
  const value: unknown = new RangeError("out");
  assertInstanceOf(value, RangeError);
  assertEquals(value.message, "out");
  assertIsError(value, Error, /o.t/);
  fails(() => assertInstanceOf([], Map), "Map");
  fails(() => assertIsError(value, TypeError), "TypeError");
});

Deno.test("assert: what is thrown", () => {
  const thrower = (): never => {
    throw new RangeError("out of range");
  };
  assertEquals(assertThrows(thrower, RangeError, "of").message, "out of range");
  assertInstanceOf(assertThrows(thrower), RangeError);
  fails(() => assertThrows(() => {}), "throw");
  fails(() => assertThrows(thrower, TypeError), "TypeError");
  fails(() => assertThrows(thrower, RangeError, "absent"), "absent");
});

Deno.test("assert: what is rejected", async () => {
  const rejecter = (): Promise<never> => Promise.reject(new RangeError("out of range"));
  const failing = [
    (): Promise<unknown> => assertRejects(() => Promise.resolve()),
    (): Promise<unknown> => assertRejects(rejecter, TypeError),
    (): Promise<unknown> => assertRejects(rejecter, RangeError, "absent"),
    (): Promise<unknown> =>
      assertRejects(() => {
        throw new Error("before any promise");
      }),
  ];
  assertEquals((await assertRejects(rejecter, RangeError, "of")).message, "out of range");
  assertInstanceOf(await assertRejects(rejecter), RangeError);
  for (const one of failing) {
    const error = await one().then(() => undefined, (reason: unknown) => reason);
    assertInstanceOf(error, AssertionError);
  }
});
