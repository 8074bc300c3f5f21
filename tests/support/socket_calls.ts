/**
 * What a test and a Worker that holds some of its sockets say to each other.
 *
 * @module
 */

import { type ErrorCode, type EventType, type SocketEventDetails, ZmqError } from "../../mod.ts";

/** What is asked of a Worker. */
export interface Call {
  /** Goes back with the answer. */
  readonly id: number;
  /** The number of the socket. */
  readonly socket: number;
  /**
   * To make a socket whose type is `member`; to read, set or call a member; to take the next message of an iteration; to
   * report the events of a type; to close every socket.
   */
  readonly act: "make" | "get" | "set" | "call" | "next" | "listen" | "end";
  /** A name, or the description of a well-known symbol. */
  readonly member: string;
  readonly args: readonly unknown[];
  /** Whether the test stands still until the answer is there. */
  readonly blocking: boolean;
  /** Which argument a signal belongs to, and whether it is aborted already. */
  readonly signal?: { readonly at: number; readonly aborted: boolean };
}

/** What a Worker is told when a signal is aborted. */
export interface Abort {
  /** The call that the signal belongs to. */
  readonly abort: number;
}

/** What a Worker is told first. */
export interface Introduction {
  /** Takes the answers that the test stands still for. */
  readonly port: MessagePort;
  /** Its first element is 1 when one is there. */
  readonly flag: Int32Array<SharedArrayBuffer>;
}

/** How a call ended. */
export type Outcome =
  | { readonly value: unknown }
  | { readonly error: unknown }
  | { readonly code: ErrorCode; readonly address: string | undefined; readonly message: string }
  | { readonly aborted: true };

/** What a Worker answers. */
export interface Answer {
  readonly id: number;
  readonly outcome: Outcome;
}

/** What a Worker says when something happens that the call with this id asked for. */
export interface Report {
  readonly id: number;
  readonly event: EventType;
  readonly details: SocketEventDetails;
}

/** A failure, in a form that can be posted: of an error of a class of one's own only the message would arrive. */
export function failure(error: unknown): Outcome {
  if (!(error instanceof ZmqError)) return { error };
  const { code, address, message } = error;
  return { code, address, message };
}

/**
 * The result of a call.
 *
 * @param signal The call's own, of which the Worker has only a copy.
 * @throws What the call has thrown.
 */
export function resultOf(outcome: Outcome, signal?: AbortSignal): unknown {
  if ("value" in outcome) return unpack(outcome.value);
  if ("error" in outcome) throw outcome.error;
  if ("aborted" in outcome) throw signal?.reason;
  const { code, address, message } = outcome;
  throw Object.assign(new ZmqError(code, { address }), { message });
}

/**
 * A result in a form that can be posted. Views become buffers: of a view the whole buffer would be sent, and who receives
 * without waiting (`receiveMessageOnPort`) looks at every single element of it, which takes a second for some megabytes.
 */
export function pack(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.slice().buffer;
  return Array.isArray(value) ? value.map(pack) : value;
}

function unpack(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return Array.isArray(value) ? value.map(unpack) : value;
}
