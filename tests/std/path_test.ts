/** What the tests expect of `@std/path`, on the real one and on the stand-in. */

import { assertEquals, assertThrows } from "@std/assert";
import {
  basename,
  dirname,
  extname,
  fromFileUrl,
  isAbsolute,
  join,
  normalize,
  relative,
  resolve,
  SEPARATOR,
  toFileUrl,
} from "@std/path";

Deno.test({
  name: "path: taking paths apart and putting them together",
  ignore: Deno.build.os === "windows",
  fn() {
    assertEquals(SEPARATOR, "/");
    assertEquals([basename("/a/b.sock"), basename("/a/b.sock", ".sock")], ["b.sock", "b"]);
    assertEquals([dirname("/a/b"), extname("/a/b.sock"), dirname(new URL("file:///a/b"))], ["/a", ".sock", "/a"]);
    assertEquals([join("a", "..", "b"), normalize("/a//b/."), relative("/a/b", "/a/c")], ["b", "/a/b", "../c"]);
    assertEquals([isAbsolute("/a"), isAbsolute("a"), resolve("/a", "b")], [true, false, "/a/b"]);
    assertEquals([fromFileUrl("file:///a%20b"), toFileUrl("/a b").href], ["/a b", "file:///a%20b"]);
    assertThrows(() => fromFileUrl("https://example.com/a"), TypeError);
  },
});
