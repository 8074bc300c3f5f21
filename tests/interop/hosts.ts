// Where the ends of a conversation live: in the test itself, or in a process that can be stopped and killed.

import type { SocketTypeName } from "../peer/libzmq_names.ts";
import type { Plan } from "../peer/payload.ts";
import { LibzmqPeer, type Sendable } from "../peer/peer.ts";
import { frameSpec } from "../peer/peer_socket.ts";
import { type Identity, Program } from "../peer/program.ts";
import type { ReceivePlan, SendPlan } from "../peer/protocol.ts";
import type { SideRequest } from "./denomq_program.ts";
import { DenomqSide } from "./denomq_side.ts";
import { LibzmqSide } from "./libzmq_side.ts";
import { type Player, type Side, type SideMethod, type SideOptions, STEP } from "./side.ts";

/** Milliseconds that a stream of messages may take. */
const STREAM = 60_000;

/** A place for ends. They go with it. */
export interface Host extends AsyncDisposable {
  open(type: SocketTypeName, options?: SideOptions): Promise<Side>;
}

/** A host that may crash, or stop for a while. */
export interface HostProcess extends Host {
  readonly pid: number;
  pause(): void;
  resume(): void;
  kill(): Promise<void>;
}

/** A process for ends of this library or of libzmq. */
export async function startHost(player: Player, identity?: Identity): Promise<HostProcess> {
  if (player === "denomq") return new DenomqProgram(identity);
  const peer = await LibzmqPeer.start(identity);
  return {
    pid: peer.pid,
    open: (type, options) => LibzmqSide.open(peer, type, options),
    pause: () => peer.pause(),
    resume: () => peer.resume(),
    kill: () => peer.kill(),
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  };
}

/** Ends of this library in the process of the test. */
export class ThisProcess implements Host {
  readonly #sides: Side[] = [];

  open(type: SocketTypeName, options?: SideOptions): Promise<Side> {
    const side = new DenomqSide(type, options);
    this.#sides.push(side);
    return Promise.resolve(side);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#sides.map((side) => side.close()));
  }
}

class DenomqProgram extends Program implements HostProcess {
  constructor(identity?: Identity) {
    super("program of this library", new URL("./denomq_program.ts", import.meta.url), identity);
  }

  async open(type: SocketTypeName, options: SideOptions = {}): Promise<Side> {
    const open: SideRequest = { command: "open", type, options };
    const side = Number(await this.request(open, STEP));
    return new RemoteSide(type, (command, args, limit) => {
      const call: SideRequest = { command, side, args };
      return this.request(call, limit);
    });
  }
}

type Call = (command: SideMethod, args: readonly unknown[], limit: number) => Promise<unknown>;

/** An end of this library in another process. */
class RemoteSide implements Side {
  readonly player = "denomq";
  readonly type: SocketTypeName;
  readonly #ask: Call;

  constructor(type: SocketTypeName, ask: Call) {
    this.type = type;
    this.#ask = ask;
  }

  bind(endpoint: string): Promise<string> {
    return this.#call("bind", [endpoint]);
  }

  connect(endpoint: string, routingId?: string): Promise<void> {
    return this.#call("connect", routingId === undefined ? [endpoint] : [endpoint, routingId]);
  }

  connected(): Promise<void> {
    return this.#call("connected", []);
  }

  abandoned(limit: number = STEP): Promise<void> {
    return this.#call("abandoned", [limit]);
  }

  subscribe(topic: string | Uint8Array): Promise<void> {
    return this.#call("subscribe", [text(topic)]);
  }

  unsubscribe(topic: string | Uint8Array): Promise<void> {
    return this.#call("unsubscribe", [text(topic)]);
  }

  subscribed(topic?: string): Promise<boolean> {
    return this.#call("subscribed", topic === undefined ? [] : [topic]);
  }

  send(frames: readonly Sendable[]): Promise<void> {
    return this.#call("send", [frames.map(frameSpec)]);
  }

  receive(): Promise<string[]> {
    return this.#call("receive", []);
  }

  receiveWithin(milliseconds: number): Promise<string[] | null> {
    return this.#call("receiveWithin", [milliseconds]);
  }

  sendMany(plan: SendPlan): Promise<void> {
    return this.#call("sendMany", [plan], STREAM);
  }

  receiveMany(plan: ReceivePlan): Promise<void> {
    return this.#call("receiveMany", [plan], STREAM);
  }

  echo(count: number): Promise<void> {
    return this.#call("echo", [count], STREAM);
  }

  ask(plan: Plan): Promise<void> {
    return this.#call("ask", [plan], STREAM);
  }

  close(): Promise<void> {
    return this.#call("close", []);
  }

  #call<M extends SideMethod>(method: M, args: Parameters<Side[M]>, limit: number = STEP): ReturnType<Side[M]> {
    return this.#ask(method, args, limit) as ReturnType<Side[M]>;
  }
}

function text(topic: string | Uint8Array): string {
  if (typeof topic === "string") return topic;
  throw new TypeError("Only topics of text travel");
}
