// libzmq's end of a conversation.

import type { SocketTypeName } from "../peer/libzmq_names.ts";
import type { Plan } from "../peer/payload.ts";
import { type LibzmqPeer, PeerError, type PeerOptions, type PeerSocket, type Sendable } from "../peer/peer.ts";
import type { FrameReport, ReceivePlan, SendPlan } from "../peer/protocol.ts";
import { type CurveKeys, label, type Side, type SideOptions, STEP, subscription } from "./side.ts";

function libzmqOptions(type: SocketTypeName, options: SideOptions): PeerOptions {
  return {
    ...(type === "ROUTER" ? { ROUTER_MANDATORY: 1 } : {}),
    ...(options.highWaterMark === undefined ? {} : { SNDHWM: options.highWaterMark, RCVHWM: options.highWaterMark }),
    ...(options.routingId === undefined ? {} : { ROUTING_ID: options.routingId }),
    ...(options.handover === undefined || type !== "ROUTER" ? {} : { ROUTER_HANDOVER: Number(options.handover) }),
    ...(options.probeRouter === undefined ? {} : { PROBE_ROUTER: Number(options.probeRouter) }),
    ...(options.reconnectInterval === undefined ? {} : { RECONNECT_IVL: options.reconnectInterval }),
    ...(options.heartbeatInterval === undefined ? {} : { HEARTBEAT_IVL: options.heartbeatInterval }),
    ...(options.heartbeatTimeout === undefined ? {} : { HEARTBEAT_TIMEOUT: options.heartbeatTimeout }),
    ...(options.heartbeatTimeToLive === undefined ? {} : { HEARTBEAT_TTL: options.heartbeatTimeToLive }),
    ...(options.curve && curveOptions(options.curve)),
  };
}

function curveOptions({ publicKey, secretKey, serverKey }: CurveKeys): PeerOptions {
  if (serverKey === undefined) return { CURVE_SERVER: 1, CURVE_SECRETKEY: secretKey };
  return { CURVE_PUBLICKEY: publicKey, CURVE_SECRETKEY: secretKey, CURVE_SERVERKEY: serverKey };
}

/** libzmq's end. */
export class LibzmqSide implements Side {
  readonly player = "libzmq";
  readonly socket: PeerSocket;

  private constructor(socket: PeerSocket) {
    this.socket = socket;
  }

  /** A new socket in a peer. */
  static async open(peer: LibzmqPeer, type: SocketTypeName, options: SideOptions = {}): Promise<LibzmqSide> {
    return new LibzmqSide(await peer.open(type, libzmqOptions(type, options)));
  }

  get type(): SocketTypeName {
    return this.socket.type;
  }

  bind(endpoint: string): Promise<string> {
    return this.socket.bind(endpoint);
  }

  async connect(endpoint: string, routingId?: string): Promise<void> {
    if (routingId !== undefined) await this.socket.set("CONNECT_ROUTING_ID", routingId);
    await this.socket.connect(endpoint);
  }

  async connected(): Promise<void> {
    await this.socket.waitEvent("HANDSHAKE_SUCCEEDED", STEP);
  }

  async abandoned(limit: number = STEP): Promise<void> {
    await this.socket.waitEvent("DISCONNECTED", limit);
  }

  subscribe(topic: string | Uint8Array): Promise<void> {
    return this.type === "XSUB" ? this.send([subscription(1, topic)]) : this.socket.subscribe(topic);
  }

  unsubscribe(topic: string | Uint8Array): Promise<void> {
    return this.type === "XSUB" ? this.send([subscription(0, topic)]) : this.socket.unsubscribe(topic);
  }

  subscribed(): Promise<boolean> {
    return Promise.resolve(false);
  }

  send(frames: readonly Sendable[]): Promise<void> {
    return this.socket.send(frames, STEP);
  }

  async receive(): Promise<string[]> {
    return reported(await this.socket.receiveReport(STEP));
  }

  async receiveWithin(milliseconds: number): Promise<string[] | null> {
    try {
      return reported(await this.socket.receiveReport(milliseconds));
    } catch (error) {
      if (error instanceof PeerError && error.code === "EAGAIN") return null;
      throw error;
    }
  }

  async sendMany(plan: SendPlan): Promise<void> {
    await this.socket.sendMany(plan, STEP);
  }

  async receiveMany(plan: ReceivePlan): Promise<void> {
    await this.socket.receiveMany(plan, STEP);
  }

  async echo(count: number): Promise<void> {
    await this.socket.echo(count, STEP);
  }

  async ask(plan: Plan): Promise<void> {
    await this.socket.ask(plan, STEP);
  }

  close(): Promise<void> {
    return this.socket.close(0);
  }
}

function reported(frames: readonly FrameReport[]): string[] {
  return frames.map((frame) => label(frame.base64 === undefined ? frame : { base64: frame.base64 }));
}
