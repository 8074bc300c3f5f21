/**
 * How the Workers of a process find each other under the names of inproc.
 *
 * Whoever is bound to a name holds a lock of the process under that name, so that of two Workers exactly one gets it, at
 * once, and a Worker that dies frees its names. Whoever connects to a name that is not bound in its own isolate offers a
 * ring of shared memory in a broadcast; who is bound to the name accepts it.
 *
 * A lock that is held keeps the event loop of its isolate running. Workers run until they are closed in any case. But the
 * main isolate, whose program may just end, holds the locks of its names only while there are Workers about; a Worker that
 * binds its first name therefore says hello to the main isolate, and waits a moment for an answer.
 *
 * @module
 */

import { Broadcast, isWorker } from "./broadcast.ts";
import { ZmqError } from "./error.ts";
import { Hearing } from "./inproc_hearing.ts";
import { type Content, isNotice } from "./inproc_notice.ts";
import { Offers } from "./inproc_offers.ts";
import { Lives } from "./lives.ts";
import { isLocked, isWanted, type Lock, lock, tryLock } from "./lock.ts";
import { BrokenRingError, SharedRing } from "./shared_ring.ts";

/** What is bound to a name, as other Workers reach it. */
export interface Host {
  /** A Worker offers a ring. */
  welcome(ring: SharedRing): void;
  /** The name was somebody else's before: it has been lost. */
  evict(): void;
}

/** Changes with the form of broadcasts and rings: copies of the library that differ in it do not meet. */
const CHANNEL = "denomq inproc 1";
/** Held by every Worker that uses inproc, together with others. */
const WORKERS = `${CHANNEL} workers`;
/** How long (ms) a Worker waits for the main isolate to answer. If it does not, it may not use inproc at all. */
const GREETING = 20;
/** How often (ms) the main isolate looks whether there are still Workers about. */
const LOOK = 250;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One bound name. */
interface Binding {
  readonly key: string;
  readonly host: Host;
  lock: Lock | null;
  /** The main isolate had the name before. */
  evicted: boolean;
}

/** This isolate among the others of its process. */
class Meeting {
  #id = crypto.randomUUID();
  #worker = isWorker();
  #channel: Broadcast | null = null;
  #bindings = new Map<string, Binding>();
  /** Locks that are being given back. */
  #returned = new Map<string, Lock>();
  #offers = new Offers((key, memory) => this.#post({ type: "offer", key, memory }));
  #lives = new Lives(`${CHANNEL} life `);
  /** How many rings connect this isolate to others. */
  #joined = 0;
  /** What a Worker holds while it is here. */
  #life: Lock[] = [];
  /** Whether the main isolate has answered, or has had its time. */
  #greeted: PromiseWithResolvers<void> | null = null;
  #patience: ReturnType<typeof setTimeout> | undefined;
  #hearing = new Hearing();
  /** How many want to know whether a name is bound. */
  #curious = 0;
  /** Whether there are Workers about, for the main isolate to know. */
  #company = false;
  #look: ReturnType<typeof setInterval> | undefined;

  /**
   * Binds to a name.
   *
   * @returns Resolves when it is sure that the main isolate is not bound to it.
   * @throws ZmqError `EADDRINUSE`; later the promise may reject with it, after {@linkcode Host.evict}.
   */
  bind(key: string, host: Host, endpoint: string): Promise<void> | undefined {
    this.#enter();
    // A lock that this isolate is giving back is its own to take again.
    const attempt = this.#returned.has(key) ? lock(nameLock(key)) : tryLock(nameLock(key));
    const binding: Binding = { key, host, lock: attempt, evicted: false };
    if (attempt.granted === false) {
      this.#leave();
      throw new ZmqError("EADDRINUSE", { address: endpoint });
    }
    this.#bindings.set(key, binding);
    if (!this.#worker && !this.#company) this.#unlock(binding);
    if (attempt.granted === true && this.#greeted === null) return undefined;
    return this.#confirm(binding, attempt, endpoint);
  }

  async #confirm(binding: Binding, attempt: Lock, endpoint: string): Promise<void> {
    if (!await attempt.decided) this.#evict(binding);
    await this.#greeted?.promise;
    if (binding.evicted) throw new ZmqError("EADDRINUSE", { address: endpoint });
  }

  /**
   * Whether anybody in another isolate is bound to a name; `undefined` where the main isolate does not say what it has, for it
   * is busy or takes no part in inproc.
   */
  async isBound(key: string): Promise<boolean | undefined> {
    // A Worker's names are locked in any case, those of the main isolate once it has heard of a Worker.
    if (!this.#worker) return await isWanted(nameLock(key));
    this.#curious++;
    try {
      this.#enter();
      if (await isWanted(nameLock(key))) return true;
      const heard = await this.#hearing.wait();
      return await isWanted(nameLock(key)) || (heard ? false : undefined);
    } finally {
      this.#curious--;
      this.#leave();
    }
  }

  /** Tells those who wait for a name that it is bound now. */
  announce(key: string): void {
    this.#post({ type: "bound", key });
  }

  /** Frees a name. Resolves when others can bind to it. */
  unbind(key: string, host: Host): Promise<void> | undefined {
    const binding = this.#bindings.get(key);
    if (binding?.host !== host) return undefined;
    this.#bindings.delete(key);
    this.#unlock(binding);
    this.#leave();
    return this.#returned.get(key)?.gone;
  }

  /** Offers a ring to whoever is bound to a name, now or later. */
  offer(key: string, ring: SharedRing): void {
    this.#enter();
    this.#offers.make(key, ring);
  }

  /** Ends an offer: it was accepted, or is no longer needed. */
  withdraw(ring: SharedRing): void {
    if (this.#offers.withdraw(ring)) this.#leave();
  }

  /** Says on a ring whose it is, besides what its user has to say. */
  introduce(ring: SharedRing, words: Uint8Array): void {
    // The main isolate ends with the process: nobody has to watch it.
    const name = encoder.encode(this.#worker ? this.#id : "");
    const whole = new Uint8Array(1 + name.length + words.length);
    whole[0] = name.length;
    whole.set(name, 1);
    whole.set(words, 1 + name.length);
    ring.introduce(whole);
  }

  /**
   * Keeps in touch with the other side of a ring that was accepted.
   *
   * @param ended Is called when its Worker has ended.
   * @returns What the other side has said of itself, and what ends all this.
   */
  join(ring: SharedRing, ended: () => void): { words: Uint8Array; part: () => void } {
    const { introduction } = ring;
    const start = 1 + introduction[0]!;
    const name = decoder.decode(introduction.subarray(1, start));
    this.#enter();
    this.#joined++;
    const unwatch = name === "" ? () => {} : this.#lives.watch(name, ended);
    const part = () => {
      unwatch();
      this.#joined--;
      this.#leave();
    };
    return { words: introduction.subarray(start), part };
  }

  /** Opens the channel to the others. */
  #enter(): void {
    if (this.#channel !== null) return;
    this.#channel = new Broadcast(CHANNEL, (notice) => this.#receive(notice), () => this.#catchUp());
    if (this.#worker) {
      this.#life = [this.#lives.begin(this.#id), lock(WORKERS, "shared")];
      this.#greeted = Promise.withResolvers();
      this.#patience = setTimeout(() => this.#welcomed(), GREETING);
    } else if (isLocked(WORKERS) !== false) {
      this.#meetWorkers();
    }
    this.#post({ type: "hello" });
  }

  /** Closes it when nothing is left here. */
  #leave(): void {
    if (this.#bindings.size + this.#offers.size + this.#joined + this.#curious > 0) return;
    this.#channel?.close();
    this.#channel = null;
    for (const held of this.#life.splice(0)) held.release();
    // Those who watched the old one see its end.
    this.#id = crypto.randomUUID();
    this.#hearing.reset();
    this.#welcomed();
    this.#partFromWorkers();
  }

  /** Says again what others may have missed, and asks for what was missed here. */
  #catchUp(): void {
    this.#post({ type: "hello" });
    for (const { key } of this.#bindings.values()) this.#post({ type: "bound", key });
    this.#offers.repeat();
  }

  #post(content: Content): void {
    this.#channel?.post({ ...content, from: this.#id, worker: this.#worker });
  }

  #receive(data: unknown): void {
    // Anybody in the process can post here. What is none of ours is ignored.
    if (!isNotice(data) || this.#channel === null) return;
    // Two main isolates in one process are two files of tests, which have nothing to do with each other.
    if (!this.#worker && !data.worker) return;
    if (data.worker) this.#meetWorkers();
    switch (data.type) {
      case "hello":
        if (!this.#worker) this.#post({ type: "welcome", to: data.from });
        // The main isolate may have missed it before.
        else if (!data.worker) this.#post({ type: "hello" });
        break;
      case "welcome":
        if (data.to !== this.#id) break;
        this.#hearing.heard();
        this.#welcomed();
        break;
      case "taken":
        this.#evict(this.#bindings.get(data.key));
        break;
      case "bound":
        this.#offers.repeat(data.key);
        break;
      case "offer":
        this.#welcome(this.#bindings.get(data.key), data.memory);
        break;
    }
  }

  #welcome(binding: Binding | undefined, memory: SharedArrayBuffer): void {
    if (binding === undefined) return;
    try {
      binding.host.welcome(SharedRing.from(memory));
    } catch (error) {
      // Who offers something else has no peer here.
      if (!(error instanceof BrokenRingError)) throw error;
    }
  }

  /** The main isolate has answered, or is not going to. */
  #welcomed(): void {
    clearTimeout(this.#patience);
    this.#greeted?.resolve();
    this.#greeted = null;
  }

  #evict(binding: Binding | undefined): void {
    if (!this.#worker || binding === undefined || this.#bindings.get(binding.key) !== binding) return;
    binding.evicted = true;
    this.unbind(binding.key, binding.host);
    binding.host.evict();
  }

  #unlock(binding: Binding): void {
    const { key, lock: held } = binding;
    binding.lock = null;
    if (held === null) return;
    held.release();
    this.#returned.set(key, held);
    held.gone.then(() => {
      if (this.#returned.get(key) === held) this.#returned.delete(key);
    });
  }

  /** From now on the main isolate holds the locks of its names. */
  #meetWorkers(): void {
    if (this.#worker || this.#company) return;
    this.#company = true;
    this.#look = setInterval(() => {
      if (isLocked(WORKERS) === false) this.#partFromWorkers();
    }, LOOK);
    Deno.unrefTimer(this.#look as unknown as number);
    for (const binding of this.#bindings.values()) {
      binding.lock = tryLock(nameLock(binding.key));
      if (binding.lock.granted !== false) continue;
      // A Worker took the name before it could know: it was this isolate's before.
      binding.lock = lock(nameLock(binding.key));
      this.#post({ type: "taken", key: binding.key });
    }
  }

  #partFromWorkers(): void {
    if (!this.#company) return;
    this.#company = false;
    clearInterval(this.#look);
    for (const binding of this.#bindings.values()) this.#unlock(binding);
  }
}

function nameLock(key: string): string {
  return `${CHANNEL} name ${key}`;
}

let meeting: Meeting | undefined;

/** This isolate's meeting with the others of its process. */
export function meetingOfProcess(): Meeting {
  return meeting ??= new Meeting();
}
