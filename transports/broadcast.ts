/**
 * A broadcast channel to the other isolates of the process that does not keep the event loop running.
 *
 * @module
 */

/** The parts of `node:worker_threads` that are needed: the broadcast channels of the Web cannot be unreferenced. */
interface Threads {
  readonly isMainThread: boolean;
  readonly BroadcastChannel: new (name: string) => NodeBroadcastChannel;
}

type NodeBroadcastChannel = BroadcastChannel & { unref(): void };

/** How long (ms) after the first look whether a channel is deaf to look again: twice as long each time, up to the last. */
const SECOND_PROBE = 1;
const LAST_PROBE = 64;

let threads: Threads | undefined;

/** Loaded when it is needed: most programs never do. */
function load(): Threads {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): Threads } };
  return threads ??= process.getBuiltinModule("node:worker_threads");
}

/** Whether this isolate is a Worker, of either kind that Deno has. */
export function isWorker(): boolean {
  const { WorkerGlobalScope: scope } = globalThis as unknown as { WorkerGlobalScope?: new () => unknown };
  return scope !== undefined && globalThis instanceof scope || !load().isMainThread;
}

/** A channel by its name. What is posted reaches every other isolate that has opened it, unless that is too far behind. */
export class Broadcast {
  #name: string;
  #receive: (message: unknown) => void;
  #missed: () => void;
  #channel: NodeBroadcastChannel;
  #reopening = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Opens a channel.
   *
   * @param receive Takes what others post.
   * @param missed Is called when the channel has missed what others have posted, and they what was posted here.
   */
  constructor(name: string, receive: (message: unknown) => void, missed: () => void) {
    this.#name = name;
    this.#receive = receive;
    this.#missed = missed;
    this.#channel = this.#open();
    this.#probe(0);
  }

  /** Posts a message. */
  post(message: unknown): void {
    try {
      this.#channel.postMessage(message);
    } catch (error) {
      // Deno 2.9 says "expected i32" where the channel is deaf and mute: see below.
      if (!(error instanceof TypeError)) throw error;
      // Once is enough: if it is so still, a later probe sees it.
      if (this.#reopening) return;
      this.#reopening = true;
      try {
        this.#reopen();
        this.post(message);
      } finally {
        this.#reopening = false;
      }
    }
  }

  /** Closes the channel. */
  close(): void {
    clearTimeout(this.#timer);
    this.#channel.close();
  }

  #open(): NodeBroadcastChannel {
    const channel = new (load().BroadcastChannel)(this.#name);
    channel.unref();
    channel.onmessage = ({ data }) => this.#receive(data);
    return channel;
  }

  #reopen(): void {
    this.#channel.close();
    this.#channel = this.#open();
    this.#missed();
  }

  /**
   * Deno 2.9 takes a turn of the event loop to close the last channel of an isolate. One that is opened in between shares
   * its fate, which shows when something is posted: then it is opened again. Each look waits for the one before, for an
   * isolate that has stood still has all its timers run out in one turn.
   */
  #probe(wait: number): void {
    this.#timer = setTimeout(() => {
      // Any message will do.
      this.post(null);
      if (wait < LAST_PROBE) this.#probe(wait * 2 || SECOND_PROBE);
    }, wait);
    Deno.unrefTimer(this.#timer);
  }
}
