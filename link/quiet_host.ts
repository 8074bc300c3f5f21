/**
 * The owner of links that has no use for most of what they tell: it reads messages, and writes some.
 *
 * @module
 */

import type { LinkHost } from "./link.ts";
import type { Pipe } from "./pipe.ts";

/** An owner to whom only messages matter. */
export abstract class QuietHost implements LinkHost {
  readonly intercepts = false;

  abstract readable(pipe: Pipe): void;

  filling(pipe: Pipe): void {
    this.readable(pipe);
  }

  adopt(_pipe: Pipe): boolean {
    return true;
  }

  intercept(): boolean {
    return false;
  }

  ended(_pipe: Pipe): void {}
  returning(): void {}
  ready(): void {}
  lost(): void {}
  writable(): void {}
  subscription(): void {}
  emit(): void {}
  released(): void {}
}
