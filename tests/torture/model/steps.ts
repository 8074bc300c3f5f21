/**
 * What a program of calls is made of, and how it is shown.
 *
 * @module
 */

/** The types of sockets that take part. */
export type Type = "PAIR" | "PUSH" | "PULL" | "PUB" | "SUB" | "XPUB" | "XSUB" | "REQ" | "REP" | "DEALER" | "ROUTER";

/** Types that can be joined. */
const JOINABLE: ReadonlySet<string> = new Set([
  "PAIR PAIR",
  "PUSH PULL",
  "PUB SUB",
  "PUB XSUB",
  "XPUB SUB",
  "XPUB XSUB",
  "REQ REP",
  "REQ ROUTER",
  "DEALER REP",
  "DEALER DEALER",
  "DEALER ROUTER",
  "ROUTER ROUTER",
]);

/** Options of a socket that a program sets. */
export interface Options {
  readonly sendHighWaterMark?: number;
  readonly receiveHighWaterMark?: number;
  /** Milliseconds, -1 for no limit. */
  readonly linger?: number;
  readonly immediate?: boolean;
  /** ROUTER only. */
  readonly mandatory?: boolean;
}

/** An option that may be changed. */
export type OptionName = keyof Options;

/** One call. Sockets and endpoints are numbers; a step whose socket was never opened is passed over. */
export type Step =
  | { readonly act: "open"; readonly socket: number; readonly type: Type; readonly options: Options }
  | { readonly act: "bind" | "unbind" | "connect" | "disconnect"; readonly socket: number; readonly at: number }
  | { readonly act: "set"; readonly socket: number; readonly name: OptionName; readonly value: number | boolean }
  | { readonly act: "subscribe" | "unsubscribe"; readonly socket: number; readonly topic: string }
  | {
    readonly act: "send" | "trySend";
    readonly socket: number;
    /** Tells the message from all others. */
    readonly id: number;
    /** What its first frame begins with, where that is for subscribers to see. */
    readonly topic: string;
    /** The sizes (bytes) of the frames behind the first. */
    readonly sizes: readonly number[];
    /** ROUTER: the socket that it is for. */
    readonly to: number;
  }
  | { readonly act: "receive" | "tryReceive" | "abortReceive"; readonly socket: number }
  /** Several calls wait for messages at once, until `gather`. */
  | { readonly act: "pend"; readonly socket: number; readonly count: number }
  /** Calls wait to send three messages, of which the second is taken back; they go to the peer that comes first. */
  | { readonly act: "hold"; readonly socket: number; readonly id: number }
  /** What waits and has its message is taken; the rest is aborted. */
  | { readonly act: "gather"; readonly socket: number }
  | { readonly act: "close"; readonly socket: number };

/** A program. */
export type Steps = readonly Step[];

/** Whether sockets of two types can be joined. */
export function joinable(one: Type, other: Type): boolean {
  return JOINABLE.has(`${one} ${other}`) || JOINABLE.has(`${other} ${one}`);
}

/** Whether messages can be sent with a type. */
export function sends(type: Type): boolean {
  return type !== "PULL" && type !== "SUB";
}

/** Whether messages can be received with a type. */
export function receives(type: Type): boolean {
  return type !== "PUSH" && type !== "PUB";
}

/** A step as a line of code. */
export function show(step: Step): string {
  const name = `s${step.socket}`;
  switch (step.act) {
    case "open":
      return `${name} = new ${step.type}(${JSON.stringify(step.options)})`;
    case "bind":
    case "unbind":
    case "connect":
    case "disconnect":
      return `${name}.${step.act}(e${step.at})`;
    case "set":
      return `${name}.${step.name} = ${step.value}`;
    case "subscribe":
    case "unsubscribe":
      return `${name}.${step.act}(${JSON.stringify(step.topic)})`;
    case "send":
    case "trySend": {
      const to = step.to >= 0 ? ` to s${step.to}` : "";
      return `${name}.${step.act}(${JSON.stringify(step.topic + step.id)}, [${step.sizes.join()}])${to}`;
    }
    case "hold":
      return `${name}.hold(${step.id})`;
    case "pend":
      return `${name}.pend(${step.count})`;
    default:
      return `${name}.${step.act}()`;
  }
}
