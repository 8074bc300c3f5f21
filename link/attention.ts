/**
 * When to look at a ring of shared memory: every turn while things happen, and when its bell rings once they do not.
 *
 * To wake a Worker takes far longer than to look again, so that a side that has seen something happen goes on looking for a
 * while before it sleeps. A side that sleeps costs nothing, and does not hold the process alive.
 *
 * @module
 */

/** The bell of one side, see {@linkcode SharedRing}. */
export interface Bell {
  arm(): void;
  disarm(): void;
  sleep(): Promise<unknown> | null;
}

/** What is looked at. */
export interface Attended {
  /** Looks at everything once; `true` when something had happened. */
  look(): boolean;
  /** Whether something has happened that the other side may have rung for before the bell was armed. */
  readonly pressing: boolean;
  /** Whether it pays to look again before the bell rings. */
  readonly lively: boolean;
}

/** So many turns without anything to do go by before a side sleeps. */
const PATIENCE = 32;

/** Looks after one side of a ring. */
export class Attention {
  #bell: Bell;
  #attended: Attended;
  #looking = false;
  #turning = false;
  #quiet = 0;
  #sleeping = false;
  #over = false;
  readonly #whenRung = (): void => {
    this.#sleeping = false;
    this.#quiet = 0;
    this.look();
  };
  readonly #whenTurned = (): void => {
    this.#turning = false;
    this.look();
  };

  constructor(bell: Bell, attended: Attended) {
    this.#bell = bell;
    this.#attended = attended;
  }

  /** Looks now, and from then on whenever there is reason to. */
  look(): void {
    if (this.#looking || this.#over) return;
    this.#looking = true;
    try {
      if (this.#attended.look()) this.#quiet = 0;
    } finally {
      this.#looking = false;
    }
    if (this.#over) return;
    if (this.#attended.lively && this.#quiet++ < PATIENCE || !this.#sleep()) this.soon();
  }

  /** Looks at the end of the turn. */
  soon(): void {
    if (this.#turning || this.#over) return;
    this.#turning = true;
    setImmediate(this.#whenTurned);
  }

  /** Looks no more. */
  end(): void {
    this.#over = true;
    if (this.#sleeping) this.#bell.disarm();
  }

  /** Sleeps until the bell rings; `false` when there is something to do already. */
  #sleep(): boolean {
    if (this.#sleeping) return true;
    this.#bell.arm();
    if (this.#attended.pressing) return false;
    const rung = this.#bell.sleep();
    if (rung === null) return false;
    this.#sleeping = true;
    rung.then(this.#whenRung);
    return true;
  }
}
