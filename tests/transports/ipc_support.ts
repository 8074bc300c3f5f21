/**
 * What the tests of ipc share.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { type ErrorCode, ZmqError } from "../../transports/error.ts";
import { ipc } from "../../transports/ipc.ts";
import type { ByteStream, IpcOptions, StreamListener } from "../../transports/transport.ts";
import { type ChildOptions, type ChildResult, runScript } from "../support/child.ts";
import { within } from "../support/deadline.ts";
import { onLinux } from "../support/platform.ts";
import type { ChildReport } from "./ipc_child.ts";

/** The filter of all bindings of the running test. */
let filter: IpcOptions = {};

/**
 * Registers a test of bindings twice, for both kinds of listeners: that of Deno, and that which a filter needs. All who
 * connect here are admitted.
 */
export function overListeners(name: string, fn: () => void | Promise<void>): void;
export function overListeners(name: string, options: { ignore: boolean }, fn: () => void | Promise<void>): void;
export function overListeners(name: string, ...rest: unknown[]): void {
  const fn = rest.pop() as () => void | Promise<void>;
  const [options = { ignore: false }] = rest as [{ ignore: boolean }?];
  Deno.test(name, options, fn);
  if (!onLinux) return;
  Deno.test(`${name} (filtered)`, options, async () => {
    filter = { ipcFilterUid: [Deno.uid()!] };
    try {
      await fn();
    } finally {
      filter = {};
    }
  });
}

/** The path part of `ipc://`. */
export function addressOf(endpoint: string): string {
  return endpoint.slice("ipc://".length);
}

/** Binds. */
export function bind(address: string): StreamListener {
  return ipc.bind(address, { backlog: 100, ...filter });
}

/** Asserts that a bind fails with a code, an endpoint and a word of explanation. */
export function assertBindFails(address: string, code: ErrorCode, words = ""): ZmqError {
  const error = assertThrows(() => bind(address), ZmqError);
  return assertIs(error, address, code, words);
}

/** Asserts that a connect fails with a code, an endpoint and a word of explanation. */
export async function assertConnectFails(address: string, code: ErrorCode, words = ""): Promise<ZmqError> {
  const error = await assertRejects(() => within(ipc.connect(address), "a connect"), ZmqError);
  return assertIs(error, address, code, words);
}

function assertIs(error: ZmqError, address: string, code: ErrorCode, words: string): ZmqError {
  assertEquals(error.code, code, error.message);
  assertEquals(error.address, `ipc://${address}`);
  assertStringIncludes(error.message, words);
  return error;
}

/** Asserts that a peer that connects to the address reaches this listener: a byte goes each way. */
export async function assertReaches(address: string, listener: StreamListener): Promise<void> {
  const client = await within(ipc.connect(address), "a connect");
  const server = await within(listener.accept(), "an accept");
  if (server === null) throw new Error("The listener is closed");
  try {
    await exchange(client, server, 7);
    await exchange(server, client, 9);
  } finally {
    client.close();
    server.close();
  }
}

async function exchange(from: ByteStream, to: ByteStream, byte: number): Promise<void> {
  assertEquals(await within(from.write(Uint8Array.of(byte)), "a write"), 1);
  const into = new Uint8Array(8);
  assertEquals(await within(to.read(into), "a read"), 1);
  assertEquals(into[0], byte);
}

/** Whether anything is at a path, a dangling link included. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs an operation in another process. The flags for a filter are added for a test of {@linkcode overListeners}. */
export function runChild(
  operation: string,
  address: string,
  options: ChildOptions & { count?: number; filter?: IpcOptions } = {},
): Promise<ChildResult> {
  const { count = 0, flags, filter: own = filter } = options;
  const args = [operation, address, String(count), JSON.stringify(own)];
  const granted = flags && own === filter && own.ipcFilterUid ? { flags: [...flags, "--allow-ffi"] } : {};
  return runScript(new URL("./ipc_child.ts", import.meta.url), args, { ...options, ...granted });
}

/** What the other process reported. */
export function reportOf(result: ChildResult): ChildReport {
  const line = result.stdout.split("\n").find((text) => text.startsWith("{"));
  if (line === undefined) throw new Error(`The child reported nothing: ${result.stdout}${result.stderr}`);
  return JSON.parse(line);
}
