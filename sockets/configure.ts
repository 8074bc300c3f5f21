/**
 * The options that a socket is made with.
 *
 * @module
 */

import type { Context } from "./context.ts";
import type { Socket } from "./socket.ts";

/** The names of the properties of `S` that can be set. */
export type Settable<S> = {
  [K in keyof S]-?: S[K] extends (...args: never[]) => unknown ? never
    : (<T>() => T extends { [P in K]: S[K] } ? 1 : 2) extends (<T>() => T extends { -readonly [P in K]: S[K] } ? 1 : 2)
      ? K
    : never;
}[keyof S];

/** The options of a new socket of type `S`: all of its properties that can be set, and its context. */
export type SocketOptions<S> = { [K in Settable<S>]?: S[K] } & {
  /** The context of the socket. Default: {@linkcode context}. */
  context?: Context | undefined;
};

/** Gives a socket its options, and closes it to further properties, so that a misspelt one throws. */
export function configure<S extends Socket>(socket: S, options: SocketOptions<S>, own: boolean): void {
  try {
    for (const [name, value] of Object.entries(options)) {
      if (name === "context" || value === undefined) continue;
      if (!hasSetter(socket, name)) {
        throw new TypeError(`Cannot set ${name}: a ${socket.constructor.name} has no such option`);
      }
      Object.assign(socket, { [name]: value });
    }
  } catch (error) {
    socket.close();
    throw error;
  }
  if (own) Object.seal(socket);
}

function hasSetter(socket: object, name: string): boolean {
  for (let o = Object.getPrototypeOf(socket); o !== Object.prototype; o = Object.getPrototypeOf(o)) {
    const property = Object.getOwnPropertyDescriptor(o, name);
    if (property !== undefined) return property.set !== undefined;
  }
  return false;
}
