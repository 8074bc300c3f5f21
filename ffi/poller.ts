/**
 * The poller: one epoll for all descriptors of the isolate.
 *
 * ```
 * state     what it does                               leaves to
 * -------   ----------------------------------------   ------------------------------------------------------------
 * busy      looks once in every turn of the event      waiting (nothing has come for a while) · napping (nobody
 *           loop, and all but does not wait            waits any more)
 * waiting   waits on another thread, and keeps the     busy (something is due) · napping (nobody waits any more)
 *           process alive with that
 * napping   looks at times, by a timer that does not   busy (somebody begins to wait)
 *           keep the process alive
 * ```
 *
 * A wait on another thread is the only one that costs nothing while it lasts and ends at once, but Deno lets no pending call
 * of libc go: with one under way, no program ends. So it is for the time in which somebody waits for what comes, which
 * {@linkcode hold} says: a pending `receive()`, a write that the peer has no room for. At other times sockets are merely
 * open, and must let the program end. Then a look now and then is enough; nobody awaits what it finds.
 *
 * While busy, a look that finds nothing sleeps for a moment within the call, 50 µs and then 500 µs: what comes
 * meanwhile, such as an answer, ends that at once, and the processor is free for whoever is to send it. It does so only where
 * the last turn of the event loop had nothing else to do, so that other work is hardly kept waiting.
 *
 * There is never more than one wait, whatever the number of descriptors, for Deno has 32 threads for such calls and for all
 * of its files. It is bounded, because the thread outlives an isolate that is terminated.
 *
 * @module
 */

import { DOZES, EPOLL, Epoll } from "./epoll.ts";
import { type Libc, releaseLibc, useLibc } from "./libc.ts";

/** What can be awaited of a descriptor. */
export const READABLE = EPOLL.IN;
/** As {@linkcode READABLE}: room for what is written. */
export const WRITABLE = EPOLL.OUT;

/** Whoever does the reading and the writing. Neither call may throw. */
export interface Watched {
  /** There are bytes, or a connection, or the end, or an error. */
  readable(): void;
  /** There is room, or an error. */
  writable(): void;
}

/** A turn of the event loop that took so many times as long as the shortest was not for nothing. */
const BUSY = 8;
/** No turn is shorter than this, ms, as far as the clock can tell. */
const LEAST_TURN = 0.001;
/** How fast the memory of the shortest turn fades. */
const FADE = 1.02;
/** So many turns without anything to do go by before it pays to wait. */
const PATIENCE = 8;
/** How long a wait on another thread may last, ms. */
const LONGEST_WAIT = 2000;
/** The pauses between looks while nobody waits, ms: each is twice the last. */
const SHORTEST_NAP = 1;
const LONGEST_NAP = 64;

let holds = 0;
let poller: Poller | null = null;

/** Somebody waits for what comes: the process lives, and events are seen at once. Until {@linkcode release}. */
export function hold(): void {
  if (holds++ === 0) poller?.held();
}

/** Ends a {@linkcode hold}. */
export function release(): void {
  if (--holds === 0) poller?.released();
}

/**
 * Watches a descriptor, which belongs to the watch from now on.
 *
 * @param fd The descriptor, which must be non-blocking.
 * @param watched Who is told of it.
 * @throws {CallError} When there are too many descriptors.
 */
export function watch(fd: number, watched: Watched): Watch {
  poller ??= new Poller();
  return poller.add(fd, watched);
}

/** One descriptor. Each wish is told once when it comes true, and has to be made again. */
export class Watch {
  /** @internal */
  readonly id: number;
  /** @internal The bits that somebody waits for. */
  wanted = 0;
  /** @internal The bits that epoll knows of. They stay when a wish has come true: mostly the next one follows at once. */
  armed = 0;
  readonly fd: number;
  /** The functions of libc, which are there until {@linkcode end}. */
  readonly libc: Libc;
  readonly #watched: Watched;
  readonly #poller: Poller;
  #ended = false;

  constructor(poller: Poller, libc: Libc, id: number, fd: number, watched: Watched) {
    this.#poller = poller;
    this.libc = libc;
    this.id = id;
    this.fd = fd;
    this.#watched = watched;
  }

  /** Wishes to be told once when the descriptor is {@linkcode READABLE} or {@linkcode WRITABLE}. */
  want(bits: number): void {
    if (this.#ended) return;
    if ((this.armed & bits) !== bits) this.#poller.arm(this, this.armed | this.wanted | bits);
    this.wanted |= bits;
    this.#poller.stir();
  }

  /**
   * Closes the descriptor. Further calls do nothing.
   *
   * @returns When nothing is left of the poller either, if that takes time and this was the last descriptor.
   */
  end(): Promise<void> | undefined {
    if (this.#ended) return undefined;
    this.#ended = true;
    this.wanted = 0;
    return this.#poller.remove(this);
  }

  /** @internal Something is due. */
  due(bits: number): void {
    const hit = (bits & (EPOLL.ERR | EPOLL.HUP)) === 0 ? bits & this.wanted : this.wanted;
    this.wanted &= ~hit;
    // What nobody waits for would be reported again and again.
    if (hit === 0) this.#poller.arm(this, this.wanted);
    if ((hit & READABLE) !== 0) this.#watched.readable();
    if ((hit & WRITABLE) !== 0 && !this.#ended) this.#watched.writable();
  }
}

class Poller {
  readonly #libc: Libc = useLibc();
  readonly #epoll: Epoll;
  readonly #watches = new Map<number, Watch>();
  #lastId = 0;
  /** Turns in a row in which nothing was due. */
  #quiet = 0;
  /** Dozes in a row in which nothing came. */
  #dozes = 0;
  #nap = SHORTEST_NAP;
  #immediate: ReturnType<typeof setImmediate> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting = false;
  /** What comes next is being settled. Deno loads its timers when they are first used, and runs microtasks meanwhile. */
  #engaged = false;
  #lookedAt = 0;
  /** The shortest turn of the event loop lately, ms. */
  #shortest = 1;
  #over: PromiseWithResolvers<void> | undefined;
  readonly #whenTurned = (): void => {
    this.#immediate = undefined;
    this.#look();
  };
  readonly #whenRested = (): void => {
    this.#timer = undefined;
    this.#look();
  };

  constructor() {
    try {
      this.#epoll = new Epoll(this.#libc);
    } catch (error) {
      releaseLibc();
      throw error;
    }
  }

  add(fd: number, watched: Watched): Watch {
    do this.#lastId = (this.#lastId + 1) >>> 0; while (this.#lastId === 0 || this.#watches.has(this.#lastId));
    const watch = new Watch(this, this.#libc, this.#lastId, fd, watched);
    this.#watches.set(watch.id, watch);
    return watch;
  }

  arm(watch: Watch, bits: number): void {
    if (bits === watch.armed) return;
    this.#epoll.change(watch.fd, watch.armed, bits, watch.id);
    watch.armed = bits;
  }

  /** A wish was made: what it is for may be there already. */
  stir(): void {
    this.#nap = SHORTEST_NAP;
    // In a turn that is to come it is seen to anyhow, and its being quiet goes on being counted.
    if (this.#immediate === undefined) this.#begin();
  }

  held(): void {
    this.#begin();
  }

  released(): void {
    if (this.#waiting) this.#epoll.ring();
  }

  remove(watch: Watch): Promise<void> | undefined {
    try {
      // Closing it would do, were there no program about to start that has a copy of the descriptor for a moment.
      this.arm(watch, 0);
    } finally {
      this.#libc.close(watch.fd);
      this.#watches.delete(watch.id);
    }
    if (this.#watches.size > 0) return undefined;
    if (this.#waiting) {
      this.#epoll.ring();
      this.#over ??= Promise.withResolvers();
      return this.#over.promise;
    }
    this.#end();
    return undefined;
  }

  /** Looks soon, and from then on as often as there is reason to. */
  #begin(): void {
    this.#quiet = this.#dozes = 0;
    if (this.#engaged || this.#waiting || this.#immediate !== undefined) return;
    this.#engaged = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#settle();
  }

  #look(): void {
    if (this.#watches.size === 0) return;
    let count = 0;
    this.#engaged = true;
    try {
      count = this.#epoll.poll();
      if (count === 0 && this.#idle() && this.#epoll.doze(this.#dozes++)) count = this.#epoll.poll();
      // With the last descriptor everything goes, the bell too, and their numbers may be somebody else's by now.
      for (let event = 0; event < count && this.#watches.size > 0; event++) {
        this.#watches.get(this.#epoll.idOf(event))?.due(this.#epoll.bitsOf(event));
      }
    } finally {
      if (count > 0) {
        this.#quiet = this.#dozes = 0;
        this.#nap = SHORTEST_NAP;
      } else {
        this.#quiet++;
        this.#lookedAt = performance.now();
      }
      if (this.#watches.size > 0) this.#settle();
      else this.#engaged = false;
    }
  }

  /** Schedules what comes next, as far as that is still right when it is done. */
  #settle(): void {
    const held = holds > 0;
    this.#schedule();
    this.#engaged = false;
    if (!held && holds > 0) this.#begin();
  }

  #schedule(): void {
    if (holds === 0) return this.#rest();
    if (this.#quiet >= PATIENCE || this.#dozes >= DOZES) return void this.#wait();
    this.#immediate = setImmediate(this.#whenTurned);
  }

  /** Whether it is the poller alone that keeps the event loop going, in the expectation of more. */
  #idle(): boolean {
    // In the first turn without anything to do here, others may have had something to do after this one: to write, say.
    if (holds === 0 || this.#quiet === 0 || this.#quiet >= PATIENCE || this.#dozes >= DOZES) return false;
    const turn = performance.now() - this.#lookedAt;
    this.#shortest = Math.max(Math.min(this.#shortest * FADE, turn), LEAST_TURN);
    return turn < this.#shortest * BUSY;
  }

  #rest(): void {
    this.#timer = setTimeout(this.#whenRested, this.#nap);
    Deno.unrefTimer(this.#timer);
    this.#nap = Math.min(this.#nap * 2, LONGEST_NAP);
  }

  async #wait(): Promise<void> {
    this.#waiting = true;
    await this.#epoll.wait(LONGEST_WAIT);
    this.#waiting = false;
    const over = this.#over;
    this.#over = undefined;
    over?.resolve();
    if (this.#watches.size > 0) this.#look();
    else this.#end();
  }

  #end(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    this.#epoll.close();
    poller = null;
    releaseLibc();
  }
}
