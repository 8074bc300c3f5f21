/**
 * What the tests of vmci share. All of them run in a virtual machine only.
 *
 * @module
 */

import { type ErrorCode, ZmqError } from "../../mod.ts";
import { assertEquals } from "@std/assert";
import { type ChildOptions, type ChildResult, runScript } from "../support/child.ts";
import { within } from "../support/deadline.ts";
import { inGuest, only } from "../support/platform.ts";

const option = only(inGuest, "vsock is tested in a virtual machine only");
let serial = 0;

/** Registers a test that leaves nothing behind that Deno knows of. */
export function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: `vmci: ${name}`,
    ...option,
    sanitizeOps: true,
    sanitizeResources: true,
    fn: () => within(fn(), name, 60_000),
  });
}

/** A port that nothing is bound to. */
export function freshPort(): number {
  return 3_000_000 + Deno.pid * 1000 + serial++;
}

/** The code that an operation fails with, or what it is instead. */
export async function codeOf(operation: () => unknown): Promise<ErrorCode | string> {
  try {
    await operation();
    return "nothing";
  } catch (error) {
    return error instanceof ZmqError ? error.code : String(error);
  }
}

/** Runs a program of these tests to its end. */
export async function program(name: string, args: readonly string[], options?: ChildOptions): Promise<ChildResult> {
  return await runScript(new URL(`./programs/${name}.ts`, import.meta.url), args, { limit: 50_000, ...options });
}

/** Runs one that must succeed: the lines that it printed. */
export async function lines(name: string, args: readonly string[], options?: ChildOptions): Promise<string[]> {
  const { code, stdout, stderr } = await program(name, args, options);
  assertEquals([code, stderr], [0, ""], stdout);
  return stdout.trim().split("\n");
}

/** A sum that changes with every word and its place. */
export function checksum(bytes: Uint8Array): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  let sum = 17;
  for (let i = 0; i < words.length; i++) sum = Math.imul(sum, 31) + words[i]! | 0;
  return sum;
}

/** Words that differ. The length is a multiple of 4. */
export function pattern(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(length / 4);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i ^ seed, 0x9e3779b1);
  return new Uint8Array(words.buffer);
}
