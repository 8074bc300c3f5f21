/**
 * What the tests of the socket types share.
 *
 * @module
 */

import { assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { type ErrorCode, type Readable, type Sendable, type Socket, ZmqError } from "../../mod.ts";
import type { Writable } from "../../mod.ts";

/** How long (ms) to wait for anything. */
export const PATIENCE = 10_000;
/** An endless wait, for tests, is this long (ms). */
export const patient = { timeout: PATIENCE };

/** Text of which every character is a byte, so that frames can be compared at a glance. */
export function words(message: readonly Uint8Array[]): string[] {
  return message.map(({ buffer, byteOffset, length }) => Buffer.from(buffer, byteOffset, length).toString("latin1"));
}

/** Receives a message as text. */
export async function take(socket: Readable): Promise<string[]> {
  return words(await socket.receive(patient));
}

/** Receives a message and expects these frames. */
export async function expect(socket: Readable, ...frames: string[]): Promise<void> {
  assertEquals(await take(socket), frames);
}

/** Receives this many messages of one frame each. */
export async function takeMany(socket: Readable, count: number): Promise<string[]> {
  const all: string[] = [];
  while (all.length < count) all.push((await take(socket)).join(" "));
  return all;
}

/** Expects that nothing can be received. Only of use after something later has arrived. */
export function expectNothing(socket: Readable): void {
  assertEquals(socket.tryReceive(), null);
}

/** Bytes, one for each character. */
export function frame(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Sends until nothing more can be sent, and says how often. */
export function fill(socket: Writable, message: Sendable = "x", most = 100_000): number {
  let count = 0;
  while (count < most && socket.trySend(message)) count++;
  return count;
}

/** Expects that an operation fails with a code. */
export async function refuses(operation: Promise<unknown>, code: ErrorCode): Promise<void> {
  assertEquals((await assertRejects(() => operation, ZmqError)).code, code);
}

/** Connects sockets to one that is bound, and waits for the handshakes at both ends. */
export async function join(bound: Socket, endpoint: string, ...others: Socket[]): Promise<void> {
  await bound.bind(endpoint);
  for (const other of others) other.connect(endpoint);
  await Promise.all([
    bound.waitForPeers(others.length, patient),
    ...others.map((other) => other.waitForPeers(1, patient)),
  ]);
}

/** Waits until a socket has lost peers, so that this many are left. */
export async function peersLeft(socket: Socket, count: number): Promise<void> {
  await until(() => socket.peerCount <= count);
}

/** Waits until a condition holds. Only the whole test's limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}
