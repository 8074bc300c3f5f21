/**
 * What the isolates of a process broadcast to each other about inproc.
 *
 * @module
 */

/** What is said. */
export type Content =
  /** Somebody has come. */
  | { readonly type: "hello" }
  /** The main isolate answers. */
  | { readonly type: "welcome"; readonly to: string }
  /** The main isolate had a name before a Worker bound to it. */
  | { readonly type: "taken"; readonly key: string }
  /** Somebody has bound to a name. */
  | { readonly type: "bound"; readonly key: string }
  /** Somebody would like to be connected to a name. */
  | { readonly type: "offer"; readonly key: string; readonly memory: SharedArrayBuffer };

/** What is said, and who says it. */
export type Notice = Content & { readonly from: string; readonly worker: boolean };

/** Tells a notice from what others in the process may post on the same channel. */
export function isNotice(data: unknown): data is Notice {
  return typeof data === "object" && data !== null && "from" in data && "worker" in data && "type" in data;
}
