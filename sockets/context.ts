/**
 * The context: what sockets share.
 *
 * @module
 */

import type { InprocConnector } from "../link/inproc.ts";
import { ZmqError } from "../transports/error.ts";
import { InprocSpace } from "../transports/inproc_space.ts";
import { boolean, integer } from "./option.ts";
import { timeoutOf, WaitLine, type WaitOptions } from "./waiter.ts";

/** What a context knows of its sockets. */
interface Member {
  readonly unsent: boolean;
  terminate(): void;
  close(): void;
}

/** The options of a new {@linkcode Context}. */
export interface ContextOptions {
  /** See {@linkcode Context.ioThreads}. */
  ioThreads?: number;
  /** See {@linkcode Context.maxSockets}. */
  maxSockets?: number;
  /** See {@linkcode Context.blocky}. */
  blocky?: boolean;
  /** See {@linkcode Context.ipv6}. */
  ipv6?: boolean;
  /** See {@linkcode Context.maxMessageSize}. */
  maxMessageSize?: number;
  /** See {@linkcode Context.threadPriority}. */
  threadPriority?: number;
  /** See {@linkcode Context.threadSchedulingPolicy}. */
  threadSchedulingPolicy?: number;
}

/** What a context is known by in other Workers. It can be posted to them. */
export interface ContextHandle {
  /** The name of the context: nobody can guess it. */
  readonly denomqContext: string;
}

const members = new WeakMap<Context, Set<Member>>();
const spaces = new WeakMap<Context, InprocSpace<InprocConnector>>();
/** The spaces of this isolate that others meet under, by their ids. */
const shared = new Map<string, InprocSpace<InprocConnector>>();
const DEFAULT = "default";
/** Contexts with open sockets. */
const inUse = new Set<Context>();
let watching = false;

/** More sockets than this no context has (zmq_ctx_get(3), `ZMQ_SOCKET_LIMIT`). */
const MOST_SOCKETS = 65535;
/** The largest size of a message that ZeroMQ lets a context have, and the usual one (zmq_ctx_set(3)). */
const INT_MAX = 2147483647;

/**
 * A set of sockets with common options. Most programs need none but the default {@linkcode context}.
 *
 * See zmq_ctx_set(3).
 *
 * @example
 * ```ts
 * import { Context, Push } from "@denomq/zmq";
 *
 * const context = new Context({ blocky: false });
 * using push = new Push({ context });
 * console.log(push.linger); // 0
 * ```
 */
export class Context implements Disposable, AsyncDisposable {
  #ioThreads = 1;
  #maxSockets = 1023;
  #blocky = true;
  #ipv6 = false;
  #maxMessageSize = INT_MAX;
  #terminated = false;
  #terminations = new WaitLine<void, void>();

  /**
   * Makes a context.
   *
   * @param options Its options.
   * @throws TypeError for an unknown option or a value of the wrong type.
   * @throws RangeError for a value out of range.
   */
  constructor(options: ContextOptions = {}) {
    for (const [name, value] of Object.entries(options)) {
      if (Object.getOwnPropertyDescriptor(Context.prototype, name)?.set === undefined) {
        throw new TypeError(`Cannot set ${name}: a context has no such option`);
      }
      if (value === undefined) continue;
      Object.assign(this, { [name]: value });
    }
    members.set(this, new Set());
    spaces.set(this, new InprocSpace(null));
    Object.preventExtensions(this);
  }

  /**
   * How many threads of ZeroMQ's own would move messages. denomq has none; with 0 the transports that need one refuse
   * to bind and connect with `EMTHREAD`. Default 1.
   */
  get ioThreads(): number {
    return this.#ioThreads;
  }
  set ioThreads(value: number) {
    this.#ioThreads = integer("ioThreads", value, 0);
  }

  /** How many sockets may be open at a time; one more fails with `EMFILE`. Default 1023. */
  get maxSockets(): number {
    return this.#maxSockets;
  }
  set maxSockets(value: number) {
    this.#maxSockets = integer("maxSockets", value, 1, MOST_SOCKETS);
  }

  /** The largest value of {@linkcode maxSockets}. */
  get maxSocketsLimit(): number {
    return MOST_SOCKETS;
  }

  /** Whether new sockets linger without limit when they are closed; otherwise not at all. Default `true`. */
  get blocky(): boolean {
    return this.#blocky;
  }
  set blocky(value: boolean) {
    this.#blocky = boolean("blocky", value);
  }

  /** Whether new sockets use IPv6 as well as IPv4, where a transport has either. Default `false`. */
  get ipv6(): boolean {
    return this.#ipv6;
  }
  set ipv6(value: boolean) {
    this.#ipv6 = boolean("ipv6", value);
  }

  /** A size of messages (bytes) that is kept and, as in libzmq, bounds nothing: see {@linkcode Socket.maxMessageSize}. Default 2,147,483,647. */
  get maxMessageSize(): number {
    return this.#maxMessageSize;
  }
  set maxMessageSize(value: number) {
    this.#maxMessageSize = integer("maxMessageSize", value, 0);
  }

  /** The priority of ZeroMQ's own threads: denomq has none, so that nothing follows from it. */
  set threadPriority(value: number) {
    integer("threadPriority", value, 0);
  }

  /** The scheduling policy of ZeroMQ's own threads: denomq has none, so that nothing follows from it. */
  set threadSchedulingPolicy(value: number) {
    integer("threadSchedulingPolicy", value, 0);
  }

  /**
   * Ends the work of all sockets of the context in this isolate: what waits rejects with `ETERM`, and so does everything
   * that is tried with them from now on, but to close them. No further socket can be made. What was sent goes out as
   * usual. See zmq_ctx_shutdown(3).
   *
   * @example
   * ```ts
   * import { Context, Pull } from "@denomq/zmq";
   *
   * const context = new Context();
   * using pull = new Pull({ context });
   * const receiving = pull.receive().catch((error) => console.log(error.code)); // ETERM
   * context.shutdown();
   * await receiving;
   * ```
   */
  shutdown(): void {
    this.#terminated = true;
    for (const member of [...members.get(this)!]) member.terminate();
  }

  /**
   * As {@linkcode shutdown}, and waits until every socket has been closed and has sent what its `linger` lets it. The
   * program runs until then. See zmq_ctx_term(3).
   *
   * @param options How long to wait: by default without limit. The context stays shut down.
   * @throws ZmqError `EAGAIN` when the time is over.
   */
  async terminate(options?: WaitOptions): Promise<void> {
    const timeout = timeoutOf(options, -1);
    options?.signal?.throwIfAborted();
    this.shutdown();
    if (members.get(this)!.size === 0) return;
    await this.#terminations.wait(undefined, timeout, options?.signal);
  }

  /** Shuts the context down and closes all of its sockets, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.shutdown();
    for (const member of [...members.get(this)!]) member.close();
  }

  /**
   * Shuts the context down, closes all of its sockets and waits until they have sent what their `linger` lets them, at the
   * end of a block with `await using`.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
    await this.terminate();
  }

  /**
   * Lets Workers of the process into the context: what is bound to an inproc name here can be connected to there, and the
   * other way round. The default {@linkcode context} spans all Workers as it is; others belong to their isolate until they
   * are shared. Limits and other options are not shared.
   *
   * @returns A handle to post to a Worker, for {@linkcode Context.from}.
   * @throws ZmqError `ENOTSUP` where the runtime cannot do it.
   *
   * @example
   * ```ts
   * import { Context } from "@denomq/zmq";
   *
   * const handle = new Context().share();
   * const code = `self.onmessage = ({ data }) => console.log(data.denomqContext);`;
   * const worker = new Worker(`data:text/javascript,${code}`, { type: "module" });
   * worker.postMessage(handle);
   * worker.terminate();
   * ```
   */
  share(): ContextHandle {
    const space = spaceOf(this);
    space.span(crypto.randomUUID());
    const { id } = space;
    if (id === null) throw new ZmqError("ENOTSUP", { detail: "this runtime has no locks: Deno has them from 2.9 on" });
    shared.set(id, space);
    return { denomqContext: id };
  }

  /**
   * A context with the inproc names of another one, which a Worker has been sent.
   *
   * @param handle What {@linkcode share} has returned.
   * @param options The options of the new context.
   * @throws TypeError when that is no handle.
   */
  static from(handle: ContextHandle, options: ContextOptions = {}): Context {
    const id: unknown = handle?.denomqContext;
    if (typeof id !== "string") throw new TypeError("Cannot make a context: this is no handle of one");
    const context = new Context(options);
    let space = shared.get(id);
    if (space === undefined) shared.set(id, space = new InprocSpace(id));
    spaces.set(context, space);
    return context;
  }

  /** @internal A socket is opened. */
  admit(member: Member): void {
    if (this.#terminated) throw new ZmqError("ETERM");
    const own = members.get(this)!;
    if (own.size >= this.#maxSockets) {
      throw new ZmqError("EMFILE", { detail: `the context has ${own.size} open sockets, which is its limit` });
    }
    own.add(member);
    inUse.add(this);
    if (!watching) {
      watching = true;
      addEventListener("beforeunload", lingerAtExit);
      addEventListener("unload", closeAtExit);
    }
  }

  /** @internal A socket has gone. */
  dismiss(member: Member): void {
    const own = members.get(this)!;
    own.delete(member);
    if (own.size > 0) return;
    for (const waiter of [...this.#terminations]) {
      this.#terminations.remove(waiter);
      waiter.resolve();
    }
    inUse.delete(this);
    if (inUse.size > 0) return;
    watching = false;
    removeEventListener("beforeunload", lingerAtExit);
    removeEventListener("unload", closeAtExit);
  }
}

/** The inproc names of a context. */
export function spaceOf(context: Context): InprocSpace<InprocConnector> {
  return spaces.get(context)!;
}

/** A program that reaches its end closes its sockets: what they have not sent yet is given its linger period. */
function lingerAtExit(event: Event): void {
  for (const each of [...inUse]) {
    for (const member of [...members.get(each)!]) {
      if (!member.unsent) continue;
      member.close();
      // Closing holds the process until the socket has finished.
      if (members.get(each)!.has(member)) event.preventDefault();
    }
  }
}

/** Nothing can be waited for any more, but the files of wildcards are still removed. */
function closeAtExit(): void {
  for (const each of [...inUse]) for (const member of [...members.get(each)!]) member.close();
}

/** The context of every socket that is made without one. Its inproc names are those of all Workers of the process. */
export const context: Context = new Context();
const everywhere = new InprocSpace<InprocConnector>(DEFAULT);
spaces.set(context, everywhere);
shared.set(DEFAULT, everywhere);
