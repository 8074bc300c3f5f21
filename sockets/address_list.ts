/**
 * Addresses of peers that somebody wants let in or kept out.
 *
 * @module
 */

import { type AddressRange, isAdmitted, parseRange } from "../transports/tcp_filter.ts";

/** A list of addresses, as transports tell them. */
export class AddressList {
  #names = new Set<string>();
  #ranges: AddressRange[] = [];

  /** Whether there is none. */
  get empty(): boolean {
    return this.#names.size === 0;
  }

  /**
   * Adds addresses: all of them or, where one is none, not any.
   *
   * @param verb What becomes of peers from there, for errors.
   * @param addresses Those of tcp may be ranges, such as `10.0.0.0/8`.
   * @throws TypeError, RangeError where none is given, which would mean everybody or nobody, or one is no address.
   */
  add(verb: string, addresses: readonly unknown[]): void {
    if (addresses.length === 0) throw new TypeError(`Cannot ${verb} addresses: none is given`);
    for (const address of addresses) {
      if (typeof address !== "string") throw new TypeError(`Cannot ${verb} addresses: each must be a string`);
      if (address === "") throw new RangeError(`Cannot ${verb} addresses: one is empty`);
    }
    for (const address of addresses as readonly string[]) {
      this.#names.add(address);
      const range = parseRange(address);
      if (range !== undefined) this.#ranges.push(range);
    }
  }

  /** Whether an address is on the list. Those of ipc may tell user and process behind the name. */
  has(address: string): boolean {
    if (this.#names.has(address)) return true;
    if (address.startsWith("localhost:")) return this.#names.has("localhost");
    return this.#ranges.length > 0 && isAdmitted(this.#ranges, address);
  }
}
