// What a test and the libzmq peer say to each other: one JSON object per line, `{ id, command, ...request }` one way and
// `{ id, result }` or `{ id, error, code }` the other. Answers come in the order in which the work gets done, so several
// sockets of one peer can be busy at once.

import type { EventName, OptionName, SocketTypeName } from "./libzmq_names.ts";
import type { Digest, Plan } from "./payload.ts";

/** A frame to send: text, bytes, or contents that the peer generates (see payload.ts). */
export type FrameSpec =
  | { readonly text: string }
  | { readonly base64: string }
  | { readonly size: number; readonly seed?: number; readonly sequence?: number; readonly part?: number };

/** The value of an option. */
export type OptionValue = number | FrameSpec;

/** A received frame; the bytes come along unless there are many. */
export interface FrameReport extends Digest {
  readonly base64?: string;
}

/** What a bulk transfer amounted to. */
export interface BulkReport {
  readonly count: number;
  readonly bytes: number;
  /** From the first message to the last. */
  readonly seconds: number;
}

/** How {@linkcode Commands.recvMany} takes the messages apart. */
export interface ReceivePlan extends Plan {
  /** Leading frames that are not checked: a routing id, a delimiter. */
  readonly envelope?: number;
  /** Messages whose first frame is this text are passed over before the first counted one. */
  readonly skip?: string;
}

/** How {@linkcode Commands.sendMany} puts the messages together. */
export interface SendPlan extends Plan {
  /** Frames put before those of the plan: a routing id, a delimiter. */
  readonly envelope?: readonly FrameSpec[];
}

interface OnSocket {
  /** The handle that `open` returned. */
  readonly socket: number;
}

interface Timed extends OnSocket {
  /** Milliseconds until EAGAIN. */
  readonly timeout: number;
}

/** The commands: name → request and result. */
export interface Commands {
  version: { request: Record<never, never>; result: string };
  open: {
    request: { readonly type: SocketTypeName; readonly options: Partial<Record<OptionName, OptionValue>> };
    result: number;
  };
  /** The result is LAST_ENDPOINT. */
  bind: { request: OnSocket & { readonly endpoint: string }; result: string };
  unbind: { request: OnSocket & { readonly endpoint: string }; result: null };
  /** The result is LAST_ENDPOINT. */
  connect: { request: OnSocket & { readonly endpoint: string }; result: string };
  disconnect: { request: OnSocket & { readonly endpoint: string }; result: null };
  setOption: { request: OnSocket & { readonly name: OptionName; readonly value: OptionValue }; result: null };
  getOption: { request: OnSocket & { readonly name: OptionName }; result: number | string };
  send: { request: Timed & { readonly frames: readonly FrameSpec[] }; result: null };
  recv: { request: Timed; result: FrameReport[] };
  sendMany: { request: Timed & { readonly plan: SendPlan }; result: BulkReport };
  recvMany: { request: Timed & { readonly plan: ReceivePlan }; result: BulkReport };
  /** Send back each message as it came (REP, DEALER, PAIR and ROUTER, whose messages begin with the way back). */
  echo: { request: Timed & { readonly count: number }; result: BulkReport };
  /** Send each message of a plan only when the one before has been answered; the answers have to be what was sent. */
  ask: { request: Timed & { readonly plan: Plan }; result: BulkReport };
  /** The result is the first event of these; earlier ones of other kinds are passed over. */
  waitEvent: {
    request: Timed & { readonly events: readonly EventName[] };
    result: { readonly event: EventName; readonly value: number; readonly address: string };
  };
  close: { request: OnSocket & { readonly linger?: number }; result: null };
  /** Close all sockets, wait for what lingers, exit. */
  term: { request: { readonly linger?: number }; result: null };
}

/** The name of a command. */
export type CommandName = keyof Commands;

/** One line to the peer. */
export type RequestLine = { [C in CommandName]: { id: number; command: C } & Commands[C]["request"] }[CommandName];

/** One line from the peer. */
export type ResponseLine = { id: number; result: unknown } | { id: number; error: string; code: string };
