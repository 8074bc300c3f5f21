/**
 * Chooses the security mechanism of a socket by its options.
 *
 * @module
 */

import type { LinkSettings } from "../link/link.ts";
import { CurveClient } from "../zmtp/curve_client.ts";
import { CurveServer, type CurveServerKeys } from "../zmtp/curve_server.ts";
import type { MechanismFactory } from "../zmtp/mechanism.ts";
import { z85Decode } from "../zmtp/z85.ts";
import { curveCrypto, loadCurveCrypto } from "./curve_crypto.ts";
import type { OptionValues } from "./option.ts";
import { publicKeyOf } from "./x25519.ts";

/** What the links of a socket are told of its mechanism. */
export interface Security extends Pick<LinkSettings, "prepare"> {
  /** Makes the mechanism; absent for NULL. */
  readonly mechanism?: MechanismFactory;
}

/** The name of the mechanism; `null` for NULL. */
export function securityMechanism(values: OptionValues): "curve" | null {
  const { curveServer, curvePublicKey, curveSecretKey, curveServerKey } = values;
  return curveServer || curvePublicKey !== null || curveSecretKey !== null || curveServerKey !== null ? "curve" : null;
}

/** The mechanism as the options are now. */
export function securityOf(values: OptionValues): Security {
  if (securityMechanism(values) === null) return {};
  return {
    prepare: () => curveCrypto() === null ? loadCurveCrypto() : null,
    mechanism: values.curveServer ? curveServer(values) : curveClient(values),
  };
}

function curveServer({ curveSecretKey }: OptionValues): MechanismFactory {
  let keys: CurveServerKeys | null = null;
  return (authenticate) => {
    if (keys === null && curveSecretKey !== null) {
      const secretKey = z85Decode(curveSecretKey);
      keys = { publicKey: publicKeyOf(secretKey), secretKey };
    }
    return new CurveServer(curveCrypto()!, keys, authenticate);
  };
}

function curveClient({ curvePublicKey, curveSecretKey, curveServerKey }: OptionValues): MechanismFactory {
  const bytes = (key: string | null) => key === null ? null : z85Decode(key);
  const keys = {
    publicKey: bytes(curvePublicKey),
    secretKey: bytes(curveSecretKey),
    serverKey: bytes(curveServerKey),
  };
  return () => new CurveClient(curveCrypto()!, keys);
}
