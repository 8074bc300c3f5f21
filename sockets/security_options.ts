/**
 * The options of security: what values they take, and what follows from them.
 *
 * @module
 */

import { toFrame } from "./message.ts";
import type { OptionValues } from "./option.ts";

/** The mechanisms that a socket can be told to use; `null` is NULL, which is none. */
export type SecurityMechanism = "plain" | "curve";

/** Checks a text whose bytes are counted by one byte. */
export function brief(name: string, value: unknown): string | null {
  if (value === null) return null;
  if (typeof value !== "string") throw new TypeError(`Cannot set ${name}: the value must be a string or null`);
  const { length } = toFrame(value);
  if (length > 255) {
    throw new RangeError(`Cannot set ${name}: the value must be at most 255 bytes long, it has ${length}`);
  }
  return value;
}

/** Checks a user name or a password. */
export function secret(name: string, value: unknown): string | null {
  if (value === "") throw new RangeError(`Cannot set ${name}: the value must be 1 to 255 bytes long, it has 0`);
  return brief(name, value);
}

/** An option was set: some decide on the mechanism, and the last of them counts (zmq_setsockopt(3)). */
export function chooseMechanism(values: OptionValues, option: keyof OptionValues): void {
  switch (option) {
    case "plainServer":
      values.securityMechanism = values.plainServer ? "plain" : null;
      break;
    case "plainUsername":
    case "plainPassword":
      values.plainServer = false;
      values.securityMechanism = values[option] === null ? null : "plain";
      break;
    case "curveServer":
    case "curvePublicKey":
    case "curveSecretKey":
    case "curveServerKey":
      if (curved(values)) values.securityMechanism = "curve";
      else if (values.securityMechanism === "curve") values.securityMechanism = null;
      break;
  }
}

/** Whether any option of CURVE is set. */
function curved({ curveServer, curvePublicKey, curveSecretKey, curveServerKey }: OptionValues): boolean {
  return curveServer || curvePublicKey !== null || curveSecretKey !== null || curveServerKey !== null;
}
