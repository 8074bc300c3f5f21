/**
 * The command: a frame whose body is a name, with its length in front, and the command's data.
 *
 * @module
 */

import { legible } from "./error.ts";
import { COMMAND, encodeFrame } from "./framing.ts";

/** A command that has been taken apart. */
export interface Command {
  /** The name, one character per byte. */
  readonly name: string;
  /** The data after the name: a view of the frame's body. */
  readonly data: Uint8Array;
}

/**
 * Encodes what the frame of a command carries.
 *
 * @param name The name: ASCII, at most 255 characters.
 * @param data The command's data.
 * @returns The body of the frame.
 */
export function encodeCommandBody(name: string, data: Uint8Array): Uint8Array {
  const start = 1 + name.length;
  const body = new Uint8Array(start + data.length);
  body[0] = name.length;
  for (let i = 0; i < name.length; i++) body[1 + i] = name.charCodeAt(i);
  body.set(data, start);
  return body;
}

/**
 * Encodes a command with its frame.
 *
 * @param name The name: ASCII, at most 255 characters.
 * @param body The command's data.
 * @returns The bytes of the frame.
 */
export function encodeCommand(name: string, body: Uint8Array): Uint8Array {
  return encodeFrame(COMMAND, encodeCommandBody(name, body));
}

/**
 * Takes the body of a command frame apart.
 *
 * @param body The body of the frame.
 * @returns The command, or `null` where the name is empty or longer than the body.
 */
export function decodeCommand(body: Uint8Array): Command | null {
  const length = body[0];
  if (length === undefined || length === 0 || length >= body.length) return null;
  let name = "";
  for (let i = 1; i <= length; i++) name += String.fromCharCode(body[i]!);
  return { name, data: body.subarray(1 + length) };
}

/**
 * Encodes the data of an ERROR command.
 *
 * @param reason The reason, which is cut to 255 bytes; what is not ASCII becomes `?`.
 * @returns The data of the command.
 */
export function encodeReason(reason: string): Uint8Array {
  const length = Math.min(reason.length, 255);
  const data = new Uint8Array(1 + length);
  data[0] = length;
  for (let i = 0; i < length; i++) {
    const code = reason.charCodeAt(i);
    data[1 + i] = code >= 0x20 && code < 0x7f ? code : 0x3f;
  }
  return data;
}

/**
 * Reads the data of an ERROR command.
 *
 * @param data The data of the command.
 * @returns The reason, with `?` for what cannot be printed, or `null` where its length is not that of the data.
 */
export function decodeReason(data: Uint8Array): string | null {
  if (data.length === 0 || data[0] !== data.length - 1) return null;
  return legible(new TextDecoder().decode(data.subarray(1)));
}
