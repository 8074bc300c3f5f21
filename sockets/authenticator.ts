/**
 * The answering side of ZAP (RFC 27), for programs that want no handler of their own.
 *
 * @module
 */

import { InprocBinder } from "../link/inproc.ts";
import { z85Encode } from "../zmtp/z85.ts";
import { checkKey, readKeys } from "./certificates.ts";
import { type Context, context as defaultContext, spaceOf } from "./context.ts";
import { ZAP_ENDPOINT, ZAP_NAME, zapSettings } from "./zap.ts";
import { type Decision, ZapHost } from "./zap_host.ts";

/** The options of a new {@linkcode Authenticator}. */
export interface AuthenticatorOptions {
  /** The context whose sockets it answers. Default: {@linkcode context}. */
  context?: Context | undefined;
}

/** Every domain that has no passwords, or keys, of its own; every key. */
const ANY = "*";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Decides which peers may come in: by their address, and by the user name and password or the public key that they show.
 * All sockets of its context ask it, in all Workers if it is the default one, that are told to by `plainServer`,
 * `curveServer` or `zapDomain`. Until it is told whom to let in, it lets nobody in who shows a password or a key, and
 * everybody else.
 *
 * Peers that are let in are known by a user id: their user name with PLAIN, their public key as text with CURVE,
 * `anonymous` without security.
 *
 * It is what pyzmq has under the same name. It does not keep the program running.
 *
 * @example
 * ```ts
 * import { Authenticator, Context, Pull, Push } from "@denomq/zmq";
 *
 * const context = new Context();
 * await using authenticator = new Authenticator({ context });
 * authenticator.configurePlain("*", { admin: "secret" });
 * await authenticator.start();
 *
 * await using pull = new Pull({ context, plainServer: true });
 * await using push = new Push({ context, plainUsername: "admin", plainPassword: "secret" });
 * await pull.bind("ipc://*");
 * push.connect(pull.lastEndpoint!);
 * await push.send("hello");
 * const [frame] = await pull.receive();
 * console.log(new TextDecoder().decode(frame)); // hello
 * ```
 */
export class Authenticator implements Disposable, AsyncDisposable {
  #context: Context;
  #binder: InprocBinder | null = null;
  #host = new ZapHost((request) => this.#decide(request));
  #allowed = new Set<string>();
  #denied = new Set<string>();
  #passwords = new Map<string, ReadonlyMap<string, string>>();
  #keys = new Map<string, ReadonlySet<string>>();

  /**
   * Makes one that answers nobody yet, see {@linkcode start}.
   *
   * @param options Its options.
   */
  constructor(options: AuthenticatorOptions = {}) {
    this.#context = options.context ?? defaultContext;
  }

  /** Whether it answers. */
  get running(): boolean {
    return this.#binder !== null;
  }

  /**
   * Begins to answer: binds to `inproc://zeromq.zap.01`. Does nothing when it answers already.
   *
   * @returns When every socket of the context finds it.
   * @throws ZmqError `EADDRINUSE` when the context has another handler.
   */
  async start(): Promise<void> {
    if (this.#binder !== null) return;
    const place = { space: spaceOf(this.#context), name: ZAP_NAME, endpoint: ZAP_ENDPOINT };
    const binder = this.#binder = new InprocBinder(place, zapSettings("REP"), this.#host);
    try {
      await binder.sure;
    } catch (error) {
      if (this.#binder === binder) this.#binder = null;
      throw error;
    }
    binder.start();
  }

  /**
   * Ends to answer. Peers that are connected stay so.
   *
   * @returns When another handler can be bound, in whatever Worker.
   */
  async stop(): Promise<void> {
    const binder = this.#binder;
    this.#binder = null;
    const freed = binder?.close();
    this.#host.close();
    await freed;
  }

  /** Ends to answer, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.stop();
  }

  /** Ends to answer, at the end of a block with `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Lets peers in from these addresses only, and from those of earlier calls. They still have to show what the mechanism
   * wants.
   *
   * @param addresses Addresses as the transport tells them: an IP address for tcp, `localhost` for ipc.
   * @throws TypeError when addresses are denied: only one of the two makes sense.
   */
  allow(...addresses: string[]): void {
    if (this.#denied.size > 0) {
      throw new TypeError("Cannot allow addresses: others are denied, which allows all the rest");
    }
    for (const address of addresses) this.#allowed.add(address);
  }

  /**
   * Refuses peers from these addresses, and from those of earlier calls.
   *
   * @param addresses Addresses, as for {@linkcode allow}.
   * @throws TypeError when addresses are allowed: only one of the two makes sense.
   */
  deny(...addresses: string[]): void {
    if (this.#allowed.size > 0) {
      throw new TypeError("Cannot deny addresses: others are allowed, which denies all the rest");
    }
    for (const address of addresses) this.#denied.add(address);
  }

  /**
   * Says which user names and passwords are right, in place of what was said of the domain before.
   *
   * @param domain The domain (`zapDomain`) of the sockets that ask; `*` for all that are not named otherwise.
   * @param passwords The passwords by user names.
   */
  configurePlain(domain: string, passwords: Readonly<Record<string, string>> | ReadonlyMap<string, string>): void {
    const entries = passwords instanceof Map ? [...passwords] : Object.entries(passwords);
    this.#passwords.set(domain, new Map(entries));
  }

  /**
   * Says which public keys are known, in place of what was said of the domain before.
   *
   * @param domain The domain (`zapDomain`) of the sockets that ask; `*` for all that are not named otherwise.
   * @param keys The keys, each as 32 bytes or 40 characters of Z85; or `*` for every key, so that peers show only that they
   * have one; or else the path of a certificate as CZMQ and pyzmq write them, or of a directory of such, which are read once.
   * @returns When certificates have been read. Other keys are known at once.
   * @throws TypeError, RangeError when a key is none, or a file holds none; what Deno throws where it cannot be read.
   */
  async configureCurve(domain: string, keys: Iterable<string | Uint8Array> | string | URL): Promise<void> {
    let known: ReadonlySet<string>;
    if (keys === ANY) known = new Set([ANY]);
    else if (typeof keys === "string" || keys instanceof URL) known = await readKeys(keys);
    else known = new Set([...keys].map(checkKey));
    this.#keys.set(domain, known);
  }

  #decide([domain, address, , mechanism, ...credentials]: Uint8Array[]): Decision {
    const from = decoder.decode(address);
    if (this.#allowed.size > 0 && !lists(this.#allowed, from)) return refuse("Address not allowed");
    if (lists(this.#denied, from)) return refuse("Address denied");
    const zone = decoder.decode(domain);
    switch (decoder.decode(mechanism)) {
      case "NULL":
        return welcome("anonymous");
      case "PLAIN":
        return this.#decidePlain(zone, credentials);
      case "CURVE":
        return this.#decideCurve(zone, credentials);
      default:
        return refuse("Security mechanism not supported");
    }
  }

  #decidePlain(domain: string, [username, password, ...rest]: Uint8Array[]): Decision {
    const passwords = this.#passwords.get(domain) ?? this.#passwords.get(ANY);
    if (passwords === undefined) return refuse("Invalid domain");
    if (username === undefined || password === undefined || rest.length > 0) return refuse("Invalid credentials");
    const name = decoder.decode(username);
    const right = passwords.get(name);
    // Neither the words nor the time tell whether there is such a user.
    const same = sameBytes(password, encoder.encode(right ?? ""));
    return right !== undefined && same ? welcome(name) : refuse("Invalid username or password");
  }

  #decideCurve(domain: string, [key, ...rest]: Uint8Array[]): Decision {
    const keys = this.#keys.get(domain) ?? this.#keys.get(ANY);
    if (keys === undefined) return refuse("Unknown domain");
    if (key?.length !== 32 || rest.length > 0) return refuse("Invalid credentials");
    const text = z85Encode(key);
    return keys.has(ANY) || keys.has(text) ? welcome(text) : refuse("Unknown key");
  }
}

/** Whether an address is on a list. Those of ipc may tell user and process behind the name. */
function lists(addresses: ReadonlySet<string>, address: string): boolean {
  return addresses.has(address) || address.startsWith("localhost:") && addresses.has("localhost");
}

function welcome(userId: string): Decision {
  return { status: "200", text: "OK", userId };
}

function refuse(text: string): Decision {
  return { status: "400", text };
}

/** Compares in a time that does not depend on where the difference is. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ (b[i] ?? 0);
  return difference === 0;
}
