/**
 * epoll(7), and an eventfd(2) that ends a wait for it.
 *
 * @module
 */

import { CallError } from "./call_error.ts";
import { errnoOf } from "./errno.ts";
import { check, errnoAfter, type Libc } from "./libc.ts";

/** What is asked of a descriptor, and what it reports (sys/epoll.h). */
export const EPOLL = { IN: 0x1, OUT: 0x4, ERR: 0x8, HUP: 0x10 } as const;

const CTL = { ADD: 1, DEL: 2, MOD: 3 } as const;
/** Programs that are started do not inherit the descriptors (O_CLOEXEC). */
const CLOEXEC = 0o2000000;
const NONBLOCK = 0o4000;

/** struct epoll_event in 32-bit words: it is packed where that saves a 64-bit program from a difference to a 32-bit one. */
const { words: WORDS, data: DATA } = Deno.build.arch === "x86_64" ? { words: 3, data: 1 } : { words: 4, data: 2 };
/** So many events are taken at a time. */
const MOST = 128;
const POLLIN = 1;
const BELL = 0;
/** How long a doze may last, as a struct timespec: seconds and nanoseconds, a `long` each. */
const MOMENTS = [50_000n, 500_000n].map((ns) => new Uint8Array(BigInt64Array.of(0n, ns).buffer));
/** How many dozes there are, each longer than the one before. */
export const DOZES: number = MOMENTS.length;
const ONE = new Uint8Array(Uint32Array.of(1, 0).buffer);

/** One set of watched descriptors. */
export class Epoll {
  readonly #libc: Libc;
  readonly #epoll: number;
  readonly #bell: number;
  /** Where a wait apart puts an event, which nobody looks at: it stays due. */
  readonly #aside: Deno.PointerValue;
  readonly #change = new Uint32Array(WORDS);
  readonly #changeBytes = new Uint8Array(this.#change.buffer);
  readonly #events = new Uint32Array(WORDS * MOST);
  readonly #eventBytes = new Uint8Array(this.#events.buffer);
  /** The set as a struct pollfd, for a wait that is shorter than epoll can express. */
  readonly #self = new Uint8Array(8);
  readonly #drain = new Uint8Array(8);

  /**
   * Makes a set.
   *
   * @throws {CallError} When there are too many descriptors.
   */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#epoll = check(libc, "epoll_create1", libc.epoll_create1(CLOEXEC));
    const self = new DataView(this.#self.buffer);
    self.setInt32(0, this.#epoll, true);
    self.setInt16(4, POLLIN, true);
    let bell = -1;
    try {
      bell = check(libc, "eventfd", libc.eventfd(0, CLOEXEC | NONBLOCK));
      this.#bell = bell;
      this.change(bell, 0, EPOLL.IN, BELL);
    } catch (error) {
      if (bell !== -1) libc.close(bell);
      libc.close(this.#epoll);
      throw error;
    }
    this.#aside = libc.malloc(BigInt(4 * WORDS));
    if (this.#aside === null) {
      libc.close(bell);
      libc.close(this.#epoll);
      throw new CallError("malloc", errnoOf("ENOMEM"));
    }
  }

  /**
   * Changes what is asked of a descriptor.
   *
   * @param fd The descriptor.
   * @param before What was asked of it until now: bits of {@linkcode EPOLL}, 0 for nothing at all.
   * @param after What is asked of it from now on.
   * @param id What it is called in events: a number from 1 on.
   * @throws {CallError} When the system has no memory left.
   */
  change(fd: number, before: number, after: number, id: number): void {
    const libc = this.#libc;
    this.#change[0] = after;
    this.#change[DATA] = id;
    const how = before === 0 ? CTL.ADD : after === 0 ? CTL.DEL : CTL.MOD;
    check(libc, "epoll_ctl", libc.epoll_ctl(this.#epoll, how, fd, this.#changeBytes));
  }

  /** Looks what is due, without waiting, and says how many events there are. */
  poll(): number {
    const count = this.#libc.epoll_wait(this.#epoll, this.#eventBytes, MOST, 0);
    if (count >= 0) return count;
    const errno = errnoAfter(this.#libc);
    if (errno === errnoOf("EINTR")) return 0;
    throw new CallError("epoll_wait", errno);
  }

  /**
   * Sleeps for a moment, and the isolate with it, unless something is due.
   *
   * @param which Less than {@linkcode DOZES}; 0 is the shortest.
   * @returns Whether something is due.
   */
  doze(which: number): boolean {
    return this.#libc.ppoll(this.#self, 1n, MOMENTS[which]!, null) > 0;
  }

  /** The name of the descriptor of an event of the last {@linkcode poll}; 0 for the bell, which is silent then. */
  idOf(event: number): number {
    const id = this.#events[event * WORDS + DATA]!;
    if (id === BELL) this.#libc.read(this.#bell, this.#drain, 8n);
    return id;
  }

  /** What is due in an event of the last {@linkcode poll}. */
  bitsOf(event: number): number {
    return this.#events[event * WORDS]!;
  }

  /**
   * Waits on another thread until something is due, the bell rings, or the time is over. One wait at a time.
   *
   * @param limit Milliseconds.
   */
  async wait(limit: number): Promise<void> {
    // How it ended does not matter, nor could a reason be told: errno is that thread's.
    await this.#libc.epoll_wait_apart(this.#epoll, this.#aside, 1, limit);
  }

  /** Ends a wait. */
  ring(): void {
    check(this.#libc, "write", this.#libc.write(this.#bell, ONE, 8n));
  }

  /** Gives everything back. No wait may be under way. */
  close(): void {
    this.#libc.close(this.#bell);
    this.#libc.close(this.#epoll);
    this.#libc.free(this.#aside);
  }
}
