import { assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { ZmqError } from "../../transports/error.ts";
import { isMissingPermission } from "../../transports/permission.ts";
import { codeOfSystemError, systemError } from "../../transports/system_error.ts";

Deno.test("an error's code goes before its class", () => {
  for (const code of ["EROFS", "ENOSPC", "EMFILE", "ENFILE", "EPERM", "ELOOP", "ECONNABORTED", "EAGAIN"] as const) {
    assertEquals(codeOfSystemError(Object.assign(new Deno.errors.PermissionDenied("x"), { code })), code);
  }
});

Deno.test("without a code the class counts", () => {
  assertEquals(codeOfSystemError(new Deno.errors.NotFound("x")), "ENOENT");
  assertEquals(codeOfSystemError(new Deno.errors.NotADirectory("x")), "ENOTDIR");
  assertEquals(codeOfSystemError(new Deno.errors.PermissionDenied("x")), "EACCES");
  assertEquals(codeOfSystemError(new Deno.errors.NotCapable("x")), "EACCES");
  assertEquals(codeOfSystemError(new Deno.errors.AddrInUse("x")), "EADDRINUSE");
});

Deno.test("an error without a name in ZeroMQ is EIO with the system's words", () => {
  const error = systemError(Object.assign(new Error("Directory not empty"), { code: "ENOTEMPTY" }), "ipc://x");
  assertEquals(error.code, "EIO");
  assertStringIncludes(error.message, "Directory not empty");
});

Deno.test("an error of the library is not wrapped again", () => {
  const error = new ZmqError("EINVAL");
  assertStrictEquals(systemError(error, "ipc://x"), error);
});

Deno.test("a missing permission is told from a refusal of the system", () => {
  assertEquals(isMissingPermission(systemError(new Deno.errors.NotCapable("x"), "ipc://x")), true);
  assertEquals(isMissingPermission(systemError(new Deno.errors.PermissionDenied("x"), "ipc://x")), false);
  assertEquals(isMissingPermission(new Deno.errors.NotCapable("x")), false);
  assertEquals(isMissingPermission(undefined), false);
});
