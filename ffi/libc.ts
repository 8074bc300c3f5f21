/**
 * libc: its functions that denomq calls, opened when the first of them is needed.
 *
 * Every function takes numbers, buffers and pointers that libc itself gave, so that the permission for this one library is
 * enough: `--allow-ffi=<path of libc>`.
 *
 * @module
 */

import { CallError, UnsupportedError } from "./call_error.ts";
import { LIBC_NAMES, LIBC_PATHS } from "./libc_path.ts";

/** The functions, each beneath its declaration in C. */
const symbols = {
  // int socket(int domain, int type, int protocol);
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  // int bind(int fd, const struct sockaddr *addr, socklen_t len);
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  // int listen(int fd, int backlog);
  listen: { parameters: ["i32", "i32"], result: "i32" },
  // int accept4(int fd, struct sockaddr *addr, socklen_t *len, int flags);
  accept4: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  // int connect(int fd, const struct sockaddr *addr, socklen_t len);
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  // int getsockname(int fd, struct sockaddr *addr, socklen_t *len);
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  // int getsockopt(int fd, int level, int name, void *value, socklen_t *len);
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  // int setsockopt(int fd, int level, int name, const void *value, socklen_t len);
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  // ssize_t read(int fd, void *buf, size_t count);
  // Of what this and send() return the lower half is enough, and spares a bigint: no more than 1 GiB is asked for.
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  // ssize_t write(int fd, const void *buf, size_t count);
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  // ssize_t send(int fd, const void *buf, size_t len, int flags);
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  // ssize_t sendmsg(int fd, const struct msghdr *msg, int flags);
  sendmsg: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  // int close(int fd);
  close: { parameters: ["i32"], result: "i32" },
  // int open(const char *path, int flags, ...);
  open: { parameters: ["buffer", "i32"], result: "i32" },
  // int ioctl(int fd, unsigned long request, ...);
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  // int epoll_create1(int flags);
  epoll_create1: { parameters: ["i32"], result: "i32" },
  // int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" },
  // int epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout);
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  // The same on a thread of its own. Its events go to libc's memory: that of an isolate may be gone when they come.
  epoll_wait_apart: {
    name: "epoll_wait",
    parameters: ["i32", "pointer", "i32", "i32"],
    result: "i32",
    nonblocking: true,
  },
  // int ppoll(struct pollfd *fds, nfds_t nfds, const struct timespec *timeout, const sigset_t *sigmask);
  ppoll: { parameters: ["buffer", "usize", "buffer", "buffer"], result: "i32" },
  // int eventfd(unsigned int initval, int flags);
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  // void *malloc(size_t size);
  malloc: { parameters: ["usize"], result: "pointer" },
  // void free(void *ptr);
  free: { parameters: ["pointer"], result: "void" },
  // void *memcpy(void *dest, const void *src, size_t n);
  memcpy: { parameters: ["buffer", "pointer", "usize"], result: "pointer" },
  // void *memset(void *s, int c, size_t n);
  // What it returns, its first argument, is an address as a number.
  memset_address: { name: "memset", parameters: ["buffer", "i32", "usize"], result: "usize" },
  // int *__errno_location(void);
  __errno_location: { parameters: [], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The functions of libc. */
export type Libc = Deno.DynamicLibrary<typeof symbols>["symbols"];

let library: Deno.DynamicLibrary<typeof symbols> | null = null;
let users = 0;
let kept = false;

/**
 * The functions, for as long as they are used: every call is followed by one of {@linkcode releaseLibc}.
 *
 * @throws {UnsupportedError} Where there is no libc that will do.
 * @throws {Deno.errors.NotCapable} Where Deno may not open it.
 */
export function useLibc(): Libc {
  library ??= load();
  users++;
  return library.symbols;
}

/** Ends a use. */
export function releaseLibc(): void {
  users--;
  closeUnused();
}

/** Runs calls of the functions: a use from beginning to end. */
export function withLibc<T>(calls: (libc: Libc) => T): T {
  const libc = useLibc();
  try {
    return calls(libc);
  } finally {
    releaseLibc();
  }
}

/**
 * Says whether the library will soon be used again: to open it takes a millisecond or two.
 *
 * @param keep Whether it stays open, once it is, with nobody using it.
 */
export function keepLibc(keep: boolean): void {
  kept = keep;
  closeUnused();
}

const errnoBytes = new Uint8Array(4);
const errnoValue = new Int32Array(errnoBytes.buffer);

/** The number of the error that the last call has left. Nonblocking calls leave theirs in another thread. */
export function errnoAfter(libc: Libc): number {
  libc.memcpy(errnoBytes, libc.__errno_location(), 4n);
  return errnoValue[0]!;
}

/**
 * The result of a call that returns -1 when it fails.
 *
 * @throws {CallError} When it has failed.
 */
export function check(libc: Libc, call: string, result: number): number {
  if (result === -1) throw new CallError(call, errnoAfter(libc));
  return result;
}

/** The paths of libc that Deno has been allowed to open; all names of it where any library may be. */
function allowed(): readonly string[] {
  if (isGranted(undefined)) return LIBC_NAMES;
  const paths = LIBC_PATHS.filter(isGranted);
  // With none, Deno says what it needs, or asks.
  return paths.length > 0 ? paths : LIBC_NAMES;
}

function isGranted(path: string | undefined): boolean {
  const status = Deno.permissions.querySync(path === undefined ? { name: "ffi" } : { name: "ffi", path });
  // In part: but for some libraries, of which this may be one.
  return status.state === "granted" && !(path === undefined && status.partial);
}

function load(): Deno.DynamicLibrary<typeof symbols> {
  if (Deno.build.os !== "linux") throw new UnsupportedError(`it needs Linux, this is ${Deno.build.os}`);
  const names = allowed();
  let failure: unknown;
  for (const name of names) {
    try {
      return Deno.dlopen(name, symbols);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      failure ??= error;
    }
  }
  throw new UnsupportedError(`cannot load libc from ${names.join(" or ")}`, { cause: failure });
}

function closeUnused(): void {
  if (users > 0 || kept || library === null) return;
  library.close();
  library = null;
}
