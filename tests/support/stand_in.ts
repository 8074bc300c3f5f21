/**
 * What stands in a test for a socket that lives in a Worker.
 *
 * @module
 */

import type { EventHandler, EventType, Message } from "../../mod.ts";
import type { SocketHost } from "./socket_host.ts";

/** The methods that return promises. All others have their result when they return, in a Worker as well. */
const LATER: ReadonlySet<string> = new Set([
  "send",
  "receive",
  "bind",
  "unbind",
  "waitForPeers",
  "waitForSubscribers",
  "waitForMembers",
  "Symbol.asyncDispose",
]);

let sockets = 0;

/**
 * Makes a socket in a Worker.
 *
 * @param host The Worker.
 * @param type The type of the socket, whose members its stand-in has.
 * @param args The arguments of the constructor.
 * @returns The stand-in.
 */
export function standIn(host: SocketHost, type: { name: string; prototype: object }, args: readonly unknown[]): object {
  const socket = sockets++;
  host.ask({ socket, act: "make", member: type.name, args });
  // The prototype is for `instanceof` and `in`: none of its code runs.
  return new Proxy(Object.create(type.prototype), {
    get(target, key) {
      const member = nameOf(key);
      const property = find(target, key);
      if (member === "constructor") return type;
      if (member === "events") {
        return { on: (type: EventType, handler: EventHandler) => host.listen(socket, type, handler) };
      }
      if (member === "Symbol.asyncIterator") return () => messages(host, socket);
      if (property?.get !== undefined) return host.ask({ socket, act: "get", member, args: [] });
      if (typeof property?.value !== "function") return property?.value;
      const later = LATER.has(member);
      return (...args: unknown[]) => {
        const question = { socket, act: "call", member, args } as const;
        return later ? host.request(question) : host.ask(question);
      };
    },
    set(_, key, value) {
      host.ask({ socket, act: "set", member: nameOf(key), args: [value] });
      return true;
    },
  });
}

function nameOf(key: string | symbol): string {
  return typeof key === "string" ? key : key.description ?? "";
}

/** The property of an object or of its prototypes. */
function find(object: object, key: string | symbol): PropertyDescriptor | undefined {
  for (let o = object; o !== Object.prototype; o = Object.getPrototypeOf(o)) {
    const property = Object.getOwnPropertyDescriptor(o, key);
    if (property !== undefined) return property;
  }
  return undefined;
}

/** The messages of a socket as they come. */
function messages(host: SocketHost, socket: number): AsyncIterableIterator<Message, undefined> {
  return {
    async next() {
      const value = await host.request({ socket, act: "next", member: "", args: [] }) as Message | undefined;
      return value === undefined ? { value, done: true } : { value, done: false };
    },
    return: () => Promise.resolve({ value: undefined, done: true }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
