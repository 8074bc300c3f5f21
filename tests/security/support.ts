/**
 * What the tests of security share: handlers of ZAP that do as they are told.
 *
 * @module
 */

import { type Context, Dealer, Reply, Router, type Sendable } from "../../mod.ts";
import { within } from "../support/deadline.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a request says, as text. */
export interface ZapRequest {
  version: string;
  id: string;
  domain: string;
  address: string;
  routingId: string;
  mechanism: string;
  credentials: string[];
}

/** What a reply says; what is left out is as it should be. */
export interface ZapReply {
  version?: string;
  id?: string;
  status?: string;
  text?: string;
  userId?: string;
  metadata?: Uint8Array;
  more?: Sendable[];
}

/** Reads the frames of a request. */
export function parse(frames: readonly Uint8Array[]): ZapRequest {
  const [version = "", id = "", domain = "", address = "", routingId = "", mechanism = "", ...credentials] = frames
    .map((frame) => decoder.decode(frame));
  return { version, id, domain, address, routingId, mechanism, credentials };
}

/** The frames of a reply. */
export function compose(request: ZapRequest, reply: ZapReply): Uint8Array[] {
  const { version = "1.0", id = request.id, status = "200", text = "", userId = "", metadata = new Uint8Array() } =
    reply;
  const frames = [version, id, status, text, userId].map((frame) => encoder.encode(frame));
  return [...frames, metadata, ...(reply.more ?? []).map((frame) => encoder.encode(String(frame)))];
}

/** A handler that is a Reply. */
export class Handler implements AsyncDisposable {
  readonly requests: ZapRequest[] = [];
  readonly socket: Reply;
  #running: Promise<void>;

  private constructor(socket: Reply, respond: (request: ZapRequest) => ZapReply | Uint8Array[]) {
    this.socket = socket;
    this.#running = this.#run(respond);
  }

  /** Binds one. */
  static async bind(
    context: Context,
    respond: (request: ZapRequest) => ZapReply | Uint8Array[] = () => ({}),
  ): Promise<Handler> {
    const socket = new Reply({ context });
    await socket.bind("inproc://zeromq.zap.01");
    return new Handler(socket, respond);
  }

  async #run(respond: (request: ZapRequest) => ZapReply | Uint8Array[]): Promise<void> {
    for await (const frames of this.socket) {
      const request = parse(frames);
      this.requests.push(request);
      const reply = respond(request);
      await this.socket.send(Array.isArray(reply) ? reply : compose(request, reply));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await within(this.#running, "the end of the handler");
  }
}

/** A handler that is a Router, which the test answers for. */
export class OpenHandler implements AsyncDisposable {
  readonly socket: Router;

  private constructor(socket: Router) {
    this.socket = socket;
  }

  /** Binds one. */
  static async bind(context: Context): Promise<OpenHandler> {
    const socket = new Router({ context });
    await socket.bind("inproc://zeromq.zap.01");
    return new OpenHandler(socket);
  }

  /** The next request, and how to answer it. */
  async next(): Promise<{ request: ZapRequest; answer(reply: ZapReply): Promise<void> }> {
    const [who, empty, ...frames] = await within(this.socket.receive(), "a request");
    const request = parse(frames);
    return { request, answer: (reply) => this.socket.send([who!, empty!, ...compose(request, reply)]) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.socket[Symbol.asyncDispose]();
  }
}

/** Accepts what a test's user and password are. */
export function admit({ mechanism, credentials }: ZapRequest): ZapReply {
  if (mechanism !== "PLAIN" || credentials.join("/") === "admin/secret") return { text: "OK", userId: "admin" };
  return { status: "400", text: "Invalid username or password" };
}

/** A server and a client, both Dealers, which tell apart nothing but what their options say. */
export class Ends implements AsyncDisposable {
  readonly server: Dealer;
  readonly client: Dealer;

  constructor(context: Context, server: Partial<Dealer>, client: Partial<Dealer>) {
    this.server = new Dealer({ context, linger: 0 });
    this.client = new Dealer({ context, linger: 0, reconnectInterval: 20 });
    Object.assign(this.server, server);
    Object.assign(this.client, client);
  }

  /** Binds the server and connects the client. */
  async join(endpoint: string): Promise<void> {
    await this.server.bind(endpoint);
    this.client.connect(this.server.lastEndpoint!);
  }

  /** A message each way. */
  async bounce(): Promise<string[]> {
    await this.client.send("there");
    const [there] = await within(this.server.receive(), "the message there");
    await this.server.send("back");
    const [back] = await within(this.client.receive(), "the message back");
    return [decoder.decode(there), decoder.decode(back)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.server[Symbol.asyncDispose](), this.client[Symbol.asyncDispose]()]);
  }
}
