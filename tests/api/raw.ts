/**
 * Peers without the library: bytes on a Unix domain socket, and a proxy that cuts connections.
 *
 * @module
 */

import { within } from "../support/deadline.ts";

/** The path of an endpoint, as Deno takes it. */
export function pathOf(endpoint: string): string {
  const address = endpoint.slice("ipc://".length);
  return address.startsWith("@") ? `\0${address.slice(1)}` : address;
}

/** The greeting of ZMTP 3.1 with the mechanism NULL. */
export function greeting(): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes[0] = 0xff;
  bytes.set([0x7f, 3, 1, ...new TextEncoder().encode("NULL")], 9);
  return bytes;
}

/** A command frame with a short body. */
export function command(name: string, data: Uint8Array | readonly number[] = []): Uint8Array {
  return Uint8Array.of(4, 1 + name.length + data.length, name.length, ...new TextEncoder().encode(name), ...data);
}

/** The READY command of a type of socket. */
export function ready(type: string): Uint8Array {
  const encoder = new TextEncoder();
  return command("READY", [11, ...encoder.encode("Socket-Type"), 0, 0, 0, type.length, ...encoder.encode(type)]);
}

/** A message of one short frame. */
export function message(text: string): Uint8Array {
  return Uint8Array.of(0, text.length, ...new TextEncoder().encode(text));
}

/** One connection, byte by byte. */
export class Raw implements Disposable {
  readonly #conn: Deno.Conn;
  #open = true;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Connects to an endpoint. */
  static async connect(endpoint: string): Promise<Raw> {
    return new Raw(await within(Deno.connect({ transport: "unix", path: pathOf(endpoint) }), "a raw connect"));
  }

  /** Writes all of it. */
  async write(...parts: Uint8Array[]): Promise<void> {
    for (const part of parts) {
      for (let at = 0; at < part.length;) at += await this.#conn.write(part.subarray(at));
    }
  }

  /** Reads as much as that. */
  async read(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    for (let at = 0; at < count;) {
      const got = await within(this.#conn.read(bytes.subarray(at)), `byte ${at} of ${count}`);
      if (got === null) throw new Error(`The peer closed after ${at} of ${count} bytes`);
      at += got;
    }
    return bytes;
  }

  /** Reads one frame with a short body. */
  async frame(): Promise<{ flags: number; body: Uint8Array }> {
    const [flags = 0, length = 0] = await this.read(2);
    return { flags, body: await this.read(length) };
  }

  /** Goes through the handshake. */
  async shake(type: string): Promise<void> {
    await this.write(greeting());
    await this.read(64);
    await this.write(ready(type));
    await this.frame();
  }

  /** Reads to the end of the stream, or to its failure, which is another end. */
  async closed(): Promise<void> {
    const into = new Uint8Array(4096);
    const reading = (async () => {
      while (await this.#conn.read(into).catch(() => null));
    })();
    await within(reading, "the peer to close");
  }

  [Symbol.dispose](): void {
    if (this.#open) this.#conn.close();
    this.#open = false;
  }
}

/** A listener whose connections a test plays itself; those that are open at its end are closed with it. */
export class RawServer implements Disposable {
  readonly #listener: Deno.UnixListener;
  readonly #accepted: Raw[] = [];
  readonly endpoint: string;

  constructor(endpoint: string) {
    this.endpoint = endpoint;
    this.#listener = Deno.listen({ transport: "unix", path: pathOf(endpoint) });
  }

  async accept(): Promise<Raw> {
    const raw = new Raw(await within(this.#listener.accept(), "a connection"));
    this.#accepted.push(raw);
    return raw;
  }

  [Symbol.dispose](): void {
    for (const raw of this.#accepted) raw[Symbol.dispose]();
    this.#listener.close();
  }
}

/** Copies bytes between the peers of one endpoint and another, and cuts each connection after some of them. */
export class Proxy implements AsyncDisposable {
  /** How many connections were cut. */
  cuts = 0;
  readonly #listener: Deno.UnixListener;
  readonly #target: string;
  /** How many more bytes the next connection may carry. */
  readonly #allowance: () => number;
  readonly #conns = new Set<Deno.Conn>();
  #running: Promise<unknown>[] = [];

  constructor(from: string, to: string, allowance: () => number) {
    this.#listener = Deno.listen({ transport: "unix", path: pathOf(from) });
    this.#target = pathOf(to);
    this.#allowance = allowance;
    this.#running.push(this.#accept());
  }

  async #accept(): Promise<void> {
    try {
      while (true) {
        const near = await this.#listener.accept();
        this.#conns.add(near);
        const far = await Deno.connect({ transport: "unix", path: this.#target });
        this.#conns.add(far);
        const left = { bytes: this.#allowance() };
        this.#running.push(this.#copy(near, far, left), this.#copy(far, near, left));
      }
    } catch {
      // The listener is closed.
    }
  }

  async #copy(from: Deno.Conn, to: Deno.Conn, left: { bytes: number }): Promise<void> {
    const buffer = new Uint8Array(4096);
    try {
      for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
        const pass = Math.min(count, left.bytes);
        left.bytes -= pass;
        for (let at = 0; at < pass;) at += await to.write(buffer.subarray(at, pass));
        if (left.bytes > 0) continue;
        this.cuts++;
        break;
      }
    } catch {
      // The other direction was cut.
    }
    this.#close(from);
    this.#close(to);
  }

  #close(conn: Deno.Conn): void {
    if (this.#conns.delete(conn)) conn.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of [...this.#conns]) this.#close(conn);
    while (this.#running.length > 0) await Promise.all(this.#running.splice(0));
    for (const conn of [...this.#conns]) this.#close(conn);
  }
}

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
