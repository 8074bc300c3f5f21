// One socket of a libzmq peer process, as tests see it.

import type { EventName, MonitorEvent, OptionName, SocketTypeName } from "./libzmq_names.ts";
import type { Plan } from "./payload.ts";
import type { LibzmqPeer } from "./peer.ts";
import type {
  BulkReport,
  CommandName,
  Commands,
  FrameReport,
  FrameSpec,
  OptionValue,
  ReceivePlan,
  SendPlan,
} from "./protocol.ts";

/** Milliseconds that an operation on the peer's side may take when the test does not say. */
export const TIMEOUT = 10_000;

/** What can be sent: text, bytes, or contents that the peer generates. */
export type Sendable = string | Uint8Array | FrameSpec;

/** Options of a socket in the peer; text and bytes as they are. */
export type PeerOptions = { readonly [Name in OptionName]?: number | string | Uint8Array };

/** The peer answered with an error. */
export class PeerError extends Error {
  override readonly name = "PeerError";
  /** libzmq's error, such as `EADDRINUSE`; `EXITED` and `HUNG` speak about the process. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** A libzmq socket in a peer process. Timeouts are in milliseconds; running out of them is a PeerError EAGAIN. */
export class PeerSocket {
  readonly peer: LibzmqPeer;
  readonly type: SocketTypeName;
  readonly #socket: number;

  constructor(peer: LibzmqPeer, socket: number, type: SocketTypeName) {
    this.peer = peer;
    this.type = type;
    this.#socket = socket;
  }

  /** Bind, and answer LAST_ENDPOINT. */
  bind(endpoint: string): Promise<string> {
    return this.#call("bind", { socket: this.#socket, endpoint });
  }

  async unbind(endpoint: string): Promise<void> {
    await this.#call("unbind", { socket: this.#socket, endpoint });
  }

  /** Connect, and answer LAST_ENDPOINT. */
  connect(endpoint: string): Promise<string> {
    return this.#call("connect", { socket: this.#socket, endpoint });
  }

  async disconnect(endpoint: string): Promise<void> {
    await this.#call("disconnect", { socket: this.#socket, endpoint });
  }

  async set(name: OptionName, value: number | string | Uint8Array): Promise<void> {
    await this.#call("setOption", { socket: this.#socket, name, value: optionValue(value) });
  }

  get(name: OptionName): Promise<number | string> {
    return this.#call("getOption", { socket: this.#socket, name });
  }

  /** LAST_ENDPOINT. */
  async lastEndpoint(): Promise<string> {
    return String(await this.get("LAST_ENDPOINT"));
  }

  subscribe(topic: string | Uint8Array = ""): Promise<void> {
    return this.set("SUBSCRIBE", topic);
  }

  unsubscribe(topic: string | Uint8Array = ""): Promise<void> {
    return this.set("UNSUBSCRIBE", topic);
  }

  /** Send one message. */
  async send(frames: readonly Sendable[], timeout: number = TIMEOUT): Promise<void> {
    await this.#call("send", { socket: this.#socket, frames: frames.map(frameSpec), timeout }, timeout);
  }

  /** Receive one message. */
  async receive(timeout: number = TIMEOUT): Promise<Uint8Array<ArrayBuffer>[]> {
    return (await this.receiveReport(timeout)).map(({ base64, size }) => {
      if (base64 === undefined) throw new PeerError(`A frame of ${size} bytes is reported without them`, "EMSGSIZE");
      return Uint8Array.fromBase64(base64);
    });
  }

  /** Receive one message as text. */
  async receiveText(timeout: number = TIMEOUT): Promise<string[]> {
    return (await this.receive(timeout)).map((frame) => new TextDecoder().decode(frame));
  }

  /** Receive one message, large frames as size and checksum only. */
  receiveReport(timeout: number = TIMEOUT): Promise<FrameReport[]> {
    return this.#call("recv", { socket: this.#socket, timeout }, timeout);
  }

  /** Send all messages of a plan; `timeout` is for each of them, `total` for all. */
  sendMany(plan: SendPlan, timeout: number = TIMEOUT, total = 60_000): Promise<BulkReport> {
    return this.#call("sendMany", { socket: this.#socket, plan, timeout }, total);
  }

  /** Receive all messages of a plan and verify their order and contents. */
  receiveMany(plan: ReceivePlan, timeout: number = TIMEOUT, total = 60_000): Promise<BulkReport> {
    return this.#call("recvMany", { socket: this.#socket, plan, timeout }, total);
  }

  /** Send back `count` messages as they come. */
  echo(count: number, timeout: number = TIMEOUT, total = 60_000): Promise<BulkReport> {
    return this.#call("echo", { socket: this.#socket, count, timeout }, total);
  }

  /** Send each message of a plan once the one before has come back, as it was. */
  ask(plan: Plan, timeout: number = TIMEOUT, total = 60_000): Promise<BulkReport> {
    return this.#call("ask", { socket: this.#socket, plan, timeout }, total);
  }

  /** The next monitor event that is one of these. */
  waitEvent(events: EventName | readonly EventName[], timeout: number = TIMEOUT): Promise<MonitorEvent> {
    const names = typeof events === "string" ? [events] : events;
    return this.#call("waitEvent", { socket: this.#socket, events: names, timeout }, timeout);
  }

  async close(linger?: number): Promise<void> {
    await this.#call("close", { socket: this.#socket, ...(linger === undefined ? {} : { linger }) });
  }

  #call<C extends CommandName>(
    command: C,
    request: Commands[C]["request"],
    timeout: number = TIMEOUT,
  ): Promise<Commands[C]["result"]> {
    return this.peer.call(command, request, timeout);
  }
}

/** An option's value as it travels. */
export function optionValue(value: number | string | Uint8Array): OptionValue {
  return typeof value === "number" ? value : frameSpec(value);
}

/** A frame as it travels. */
export function frameSpec(frame: Sendable): FrameSpec {
  if (typeof frame === "string") return { text: frame };
  return frame instanceof Uint8Array ? { base64: frame.toBase64() } : frame;
}
