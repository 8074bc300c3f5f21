/**
 * The answering side of ZAP (RFC 27), for programs that want no handler of their own.
 *
 * @module
 */

import { InprocBinder } from "../link/inproc.ts";
import { sameSecret } from "../zmtp/curve_crypto.ts";
import { z85Encode } from "../zmtp/z85.ts";
import { AddressList } from "./address_list.ts";
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

/** The public keys of a domain, and with which call they came. */
interface KnownKeys {
  readonly keys: ReadonlySet<string>;
  readonly call: number;
}

const encoder = new TextEncoder();
/** A byte order mark is a character like others: two names that differ in it are two. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

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
  #allowed = new AddressList();
  #denied = new AddressList();
  #passwords = new Map<string, ReadonlyMap<string, string>>();
  #keys = new Map<string, KnownKeys>();
  /** How often keys were configured. */
  #calls = 0;

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
   * @param addresses Addresses as the transport tells them: an IP address for tcp, or a range such as `10.0.0.0/8`;
   * `localhost` for ipc.
   * @throws TypeError when addresses are denied: only one of the two makes sense; when none is given, or one is no string.
   */
  allow(...addresses: string[]): void {
    if (!this.#denied.empty) {
      throw new TypeError("Cannot allow addresses: others are denied, which allows all the rest");
    }
    this.#allowed.add("allow", addresses);
  }

  /**
   * Refuses peers from these addresses, and from those of earlier calls.
   *
   * @param addresses Addresses, as for {@linkcode allow}.
   * @throws TypeError when addresses are allowed: only one of the two makes sense; when none is given, or one is no string.
   */
  deny(...addresses: string[]): void {
    if (!this.#allowed.empty) {
      throw new TypeError("Cannot deny addresses: others are allowed, which denies all the rest");
    }
    this.#denied.add("deny", addresses);
  }

  /**
   * Says which user names and passwords are right, in place of what was said of the domain before.
   *
   * @param domain The domain (`zapDomain`) of the sockets that ask; `*` for all that are not named otherwise.
   * @param passwords The passwords by user names.
   * @throws TypeError when one of them is no string.
   */
  configurePlain(domain: string, passwords: Readonly<Record<string, string>> | ReadonlyMap<string, string>): void {
    checkDomain(domain);
    const entries: [unknown, unknown][] = passwords instanceof Map ? [...passwords] : Object.entries(passwords);
    this.#passwords.set(domain, new Map(entries.map(checkPassword)));
  }

  /**
   * Says which public keys are known, in place of what was said of the domain before.
   *
   * @param domain The domain (`zapDomain`) of the sockets that ask; `*` for all that are not named otherwise.
   * @param keys The keys, each as 32 bytes or 40 characters of Z85; or `*` for every key, so that peers show only that they
   * have one; or else the path of a certificate as CZMQ and pyzmq write them, or of a directory of such, which are read once.
   * @returns When certificates have been read. Other keys are known at once. Of several calls for a domain the last counts.
   * @throws TypeError, RangeError when a key is none, or a file holds none; what Deno throws where it cannot be read.
   */
  async configureCurve(domain: string, keys: Iterable<string | Uint8Array> | string | URL): Promise<void> {
    checkDomain(domain);
    const call = ++this.#calls;
    let known: ReadonlySet<string>;
    if (keys === ANY) known = new Set([ANY]);
    else if (typeof keys === "string" || keys instanceof URL) known = await readKeys(keys);
    else known = new Set([...keys].map(checkKey));
    // Files take their time: what somebody has said meanwhile is newer.
    if (call > (this.#keys.get(domain)?.call ?? 0)) this.#keys.set(domain, { keys: known, call });
  }

  #decide([domain, address, , mechanism, ...credentials]: Uint8Array[]): Decision {
    const from = decoder.decode(address);
    if (!this.#allowed.empty && !this.#allowed.has(from)) return refuse("Address not allowed");
    if (this.#denied.has(from)) return refuse("Address denied");
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
    const same = sameSecret(password, encoder.encode(right ?? ""));
    return right !== undefined && same ? welcome(name) : refuse("Invalid username or password");
  }

  #decideCurve(domain: string, [key, ...rest]: Uint8Array[]): Decision {
    const known = this.#keys.get(domain) ?? this.#keys.get(ANY);
    if (known === undefined) return refuse("Unknown domain");
    if (key?.length !== 32 || rest.length > 0) return refuse("Invalid credentials");
    const text = z85Encode(key);
    return known.keys.has(ANY) || known.keys.has(text) ? welcome(text) : refuse("Unknown key");
  }
}

/** What JavaScript lets through shall not come to mean something: `null`, say, would be the password "null". */
function checkPassword([name, password]: [unknown, unknown]): [string, string] {
  if (typeof name !== "string") throw new TypeError("Cannot configure passwords: each user name must be a string");
  if (typeof password === "string") return [name, password];
  throw new TypeError(`Cannot configure passwords: that of ${JSON.stringify(name)} must be a string`);
}

function checkDomain(domain: unknown): void {
  if (typeof domain !== "string") throw new TypeError("Cannot configure a domain: its name must be a string");
}

function welcome(userId: string): Decision {
  return { status: "200", text: "OK", userId };
}

function refuse(text: string): Decision {
  return { status: "400", text };
}
