// The real libzmq through FFI: the oracle that the tests measure this library against. Nothing of the library itself
// uses this file.

import {
  ERRNO,
  type EventName,
  EVENTS,
  type MonitorEvent,
  type OptionName,
  OPTIONS,
  SOCKET_TYPES,
  type SocketTypeName,
} from "./libzmq_names.ts";

const SYMBOLS = {
  // void zmq_version (int *major, int *minor, int *patch);
  zmq_version: { parameters: ["buffer", "buffer", "buffer"], result: "void" },
  // int zmq_errno (void);
  zmq_errno: { parameters: [], result: "i32" },
  // const char *zmq_strerror (int errnum);
  zmq_strerror: { parameters: ["i32"], result: "pointer" },
  // void *zmq_ctx_new (void);
  zmq_ctx_new: { parameters: [], result: "pointer" },
  // int zmq_ctx_term (void *context);   waits for lingering messages, so it must not hold up the event loop
  zmq_ctx_term: { parameters: ["pointer"], result: "i32", nonblocking: true },
  // void *zmq_socket (void *context, int type);
  zmq_socket: { parameters: ["pointer", "i32"], result: "pointer" },
  // int zmq_close (void *socket);
  zmq_close: { parameters: ["pointer"], result: "i32" },
  // int zmq_setsockopt (void *socket, int option, const void *value, size_t length);
  zmq_setsockopt: { parameters: ["pointer", "i32", "buffer", "usize"], result: "i32" },
  // int zmq_getsockopt (void *socket, int option, void *value, size_t *length);
  zmq_getsockopt: { parameters: ["pointer", "i32", "buffer", "buffer"], result: "i32" },
  // int zmq_bind (void *socket, const char *endpoint);
  zmq_bind: { parameters: ["pointer", "buffer"], result: "i32" },
  // int zmq_unbind (void *socket, const char *endpoint);
  zmq_unbind: { parameters: ["pointer", "buffer"], result: "i32" },
  // int zmq_connect (void *socket, const char *endpoint);
  zmq_connect: { parameters: ["pointer", "buffer"], result: "i32" },
  // int zmq_disconnect (void *socket, const char *endpoint);
  zmq_disconnect: { parameters: ["pointer", "buffer"], result: "i32" },
  // int zmq_send (void *socket, const void *data, size_t length, int flags);
  zmq_send: { parameters: ["pointer", "buffer", "usize", "i32"], result: "i32" },
  // int zmq_msg_init (zmq_msg_t *message);
  zmq_msg_init: { parameters: ["buffer"], result: "i32" },
  // int zmq_msg_recv (zmq_msg_t *message, void *socket, int flags);   returns the size of the frame
  zmq_msg_recv: { parameters: ["buffer", "pointer", "i32"], result: "i32" },
  // void *zmq_msg_data (zmq_msg_t *message);
  zmq_msg_data: { parameters: ["buffer"], result: "pointer" },
  // int zmq_msg_more (const zmq_msg_t *message);
  zmq_msg_more: { parameters: ["buffer"], result: "i32" },
  // int zmq_msg_close (zmq_msg_t *message);
  zmq_msg_close: { parameters: ["buffer"], result: "i32" },
  // int zmq_socket_monitor (void *socket, const char *endpoint, int events);
  zmq_socket_monitor: { parameters: ["pointer", "buffer", "i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

type Libzmq = Deno.DynamicLibrary<typeof SYMBOLS>;

const DONTWAIT = 1;
const SNDMORE = 2;

/** An error that libzmq reported. */
export class LibzmqError extends Error {
  override readonly name = "LibzmqError";
  /** Symbolic name, such as `EADDRINUSE`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(`${message} (${code})`);
    this.code = code;
  }
}

/** The file to load: `LIBZMQ` in the environment, or what the system calls its libzmq 4. */
export function libzmqPath(): string {
  if (Deno.permissions.querySync({ name: "env", variable: "LIBZMQ" }).state === "granted") {
    const path = Deno.env.get("LIBZMQ");
    if (path !== undefined && path !== "") return path;
  }
  return Deno.build.os === "darwin" ? "libzmq.5.dylib" : "libzmq.so.5";
}

/** Why libzmq cannot be used here, or null if it can. */
export function libzmqProblem(): string | null {
  try {
    Deno.dlopen(libzmqPath(), SYMBOLS).close();
    return null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${libzmqPath()} cannot be loaded: install libzmq5 (Debian), zeromq (Homebrew, Fedora, Alpine), ` +
      `or name the file in LIBZMQ [${reason}]`;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const cString = (text: string) => encoder.encode(text + "\0");

/** A libzmq context with its sockets. */
export class Context {
  readonly #library: Libzmq;
  readonly #pointer: Deno.PointerValue;

  constructor() {
    this.#library = Deno.dlopen(libzmqPath(), SYMBOLS);
    this.#pointer = this.#library.symbols.zmq_ctx_new();
  }

  /** The version of the loaded library, such as `4.3.4`. */
  get version(): string {
    const numbers = [new Int32Array(1), new Int32Array(1), new Int32Array(1)] as const;
    this.#library.symbols.zmq_version(...numbers);
    return numbers.map(([number]) => number).join(".");
  }

  /** A new socket. */
  socket(type: SocketTypeName): Socket {
    const pointer = this.#library.symbols.zmq_socket(this.#pointer, SOCKET_TYPES[type]);
    if (pointer === null) throw failure(this.#library, `socket ${type}`);
    return new Socket(this, this.#library, pointer, type);
  }

  /** Wait until all (closed) sockets have sent what lingers. */
  async term(): Promise<void> {
    await this.#library.symbols.zmq_ctx_term(this.#pointer);
    this.#library.close();
  }
}

function failure(library: Libzmq, what: string): LibzmqError {
  const number = library.symbols.zmq_errno();
  const text = library.symbols.zmq_strerror(number);
  const reason = text === null ? "?" : new Deno.UnsafePointerView(text).getCString();
  return new LibzmqError(`${what}: ${reason}`, ERRNO[number] ?? `errno ${number}`);
}

/** A libzmq socket whose calls never block. */
export class Socket {
  readonly type: SocketTypeName;
  readonly #context: Context;
  readonly #library: Libzmq;
  readonly #pointer: Deno.PointerObject;
  // zmq_msg_t is 64 bytes and libzmq remembers no address of it, but an ArrayBuffer of its own stays where it is anyway.
  readonly #message = new Uint8Array(new ArrayBuffer(64));
  #monitor: Socket | null = null;
  #closed = false;

  constructor(context: Context, library: Libzmq, pointer: Deno.PointerObject, type: SocketTypeName) {
    this.type = type;
    this.#context = context;
    this.#library = library;
    this.#pointer = pointer;
    library.symbols.zmq_msg_init(this.#message);
  }

  /** Set an option: a number, or text or bytes for those that take them. */
  set(name: OptionName, value: number | string | Uint8Array<ArrayBuffer>): void {
    const [number, kind] = OPTIONS[name];
    const bytes = kind === "bytes" ? octets(value) : integer(kind, Number(value));
    const { zmq_setsockopt } = this.#library.symbols;
    this.#check(zmq_setsockopt(this.#pointer, number, bytes, BigInt(bytes.length)), `set ${name}`);
  }

  /** Read an option: a number, or the bytes as text without the closing NUL. */
  get(name: OptionName): number | string {
    const [number, kind] = OPTIONS[name];
    const value = new Uint8Array(kind === "bytes" ? 512 : kind === "int" ? 4 : 8);
    const length = new BigUint64Array([BigInt(value.length)]);
    this.#check(this.#library.symbols.zmq_getsockopt(this.#pointer, number, value, length), `get ${name}`);
    if (kind === "bytes") return decoder.decode(value.subarray(0, Number(length[0]))).replace(/\0$/, "");
    const view = new DataView(value.buffer);
    return kind === "int" ? view.getInt32(0, true) : Number(view.getBigInt64(0, true));
  }

  bind(endpoint: string): void {
    this.#check(this.#library.symbols.zmq_bind(this.#pointer, cString(endpoint)), `bind ${endpoint}`);
  }

  unbind(endpoint: string): void {
    this.#check(this.#library.symbols.zmq_unbind(this.#pointer, cString(endpoint)), `unbind ${endpoint}`);
  }

  connect(endpoint: string): void {
    this.#check(this.#library.symbols.zmq_connect(this.#pointer, cString(endpoint)), `connect ${endpoint}`);
  }

  disconnect(endpoint: string): void {
    this.#check(this.#library.symbols.zmq_disconnect(this.#pointer, cString(endpoint)), `disconnect ${endpoint}`);
  }

  /**
   * Send a message unless that would block (false). A ROUTER with `ROUTER_MANDATORY` also answers false while it does
   * not know the peer: peers come and go at times that nobody else decides.
   */
  trySend(frames: readonly Uint8Array<ArrayBuffer>[]): boolean {
    const { zmq_send } = this.#library.symbols;
    for (let part = 0; part < frames.length; part++) {
      const frame = frames[part] as Uint8Array<ArrayBuffer>;
      const flags = part + 1 < frames.length ? DONTWAIT | SNDMORE : DONTWAIT;
      while (zmq_send(this.#pointer, frame, BigInt(frame.length), flags) < 0) {
        const error = this.#failure("send");
        if (error.code === "EINTR") continue;
        // Once the first frame is in, libzmq has room for the others.
        if (part === 0 && (error.code === "EAGAIN" || error.code === "EHOSTUNREACH")) return false;
        throw error;
      }
    }
    return true;
  }

  /** Receive a message, or null if there is none. */
  tryReceive(): Uint8Array<ArrayBuffer>[] | null {
    const { zmq_msg_recv, zmq_msg_data, zmq_msg_more } = this.#library.symbols;
    const frames: Uint8Array<ArrayBuffer>[] = [];
    do {
      const size = zmq_msg_recv(this.#message, this.#pointer, DONTWAIT);
      if (size < 0) {
        const error = this.#failure("receive");
        if (error.code === "EINTR") continue;
        if (error.code === "EAGAIN" && frames.length === 0) return null;
        throw error;
      }
      const frame = new Uint8Array(size);
      const data = size === 0 ? null : zmq_msg_data(this.#message);
      if (data !== null) Deno.UnsafePointerView.copyInto(data, frame);
      frames.push(frame);
    } while (frames.length === 0 || zmq_msg_more(this.#message) !== 0);
    return frames;
  }

  /** Begin to collect events; {@linkcode tryEvent} reads them. */
  monitor(name: string): void {
    const endpoint = `inproc://${name}`;
    this.#check(this.#library.symbols.zmq_socket_monitor(this.#pointer, cString(endpoint), 0xffff), "monitor");
    this.#monitor = this.#context.socket("PAIR");
    this.#monitor.set("LINGER", 0);
    this.#monitor.set("RCVHWM", 0);
    this.#monitor.connect(endpoint);
  }

  /** The next monitor event, or null if there is none yet. */
  tryEvent(): MonitorEvent | null {
    if (this.#monitor === null) throw new LibzmqError("The socket has no monitor", "EINVAL");
    const [head, address] = this.#monitor.tryReceive() ?? [];
    if (head === undefined || address === undefined) return null;
    const view = new DataView(head.buffer);
    const number = view.getUint16(0, true);
    const found = (Object.keys(EVENTS) as EventName[]).find((name) => EVENTS[name] === number);
    if (found === undefined) throw new LibzmqError(`Unknown monitor event ${number}`, "EINVAL");
    return { event: found, value: view.getUint32(2, true), address: decoder.decode(address) };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { zmq_socket_monitor, zmq_msg_close, zmq_close } = this.#library.symbols;
    if (this.#monitor !== null) {
      zmq_socket_monitor(this.#pointer, null, 0);
      this.#monitor.close();
    }
    zmq_msg_close(this.#message);
    zmq_close(this.#pointer);
  }

  #check(result: number, what: string): void {
    if (result < 0) throw this.#failure(what);
  }

  #failure(what: string): LibzmqError {
    return failure(this.#library, `${this.type} ${what}`);
  }
}

function octets(value: number | string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return value instanceof Uint8Array ? value : encoder.encode(String(value));
}

function integer(kind: "int" | "i64" | "u64", value: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(kind === "int" ? 4 : 8));
  if (kind === "int") view.setInt32(0, value, true);
  else view.setBigInt64(0, BigInt(value), true);
  return new Uint8Array(view.buffer);
}
