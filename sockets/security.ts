/**
 * What the options of a socket say about security: which mechanism it speaks, in which role, and whom it asks about peers.
 *
 * @module
 */

import type { Authenticator, LinkSettings } from "../link/link.ts";
import { CurveClient } from "../zmtp/curve_client.ts";
import { CurveServer, type CurveServerKeys } from "../zmtp/curve_server.ts";
import type { MechanismFactory } from "../zmtp/mechanism.ts";
import { PlainClient, PlainServer } from "../zmtp/plain.ts";
import { z85Decode } from "../zmtp/z85.ts";
import type { Context } from "./context.ts";
import { curveCrypto, loadCurveCrypto } from "./curve_crypto.ts";
import { EMPTY, toFrame } from "./message.ts";
import type { OptionValues } from "./option.ts";
import { publicKeyOf } from "./x25519.ts";
import { zapAuthenticator } from "./zap.ts";

/** What a link has to know about security. */
export interface LinkSecurity extends Pick<LinkSettings, "prepare"> {
  /** Makes the mechanism of a connection; `undefined` for NULL. */
  readonly mechanism: MechanismFactory | undefined;
  /** Whom to ask about peers. */
  readonly authenticator: Authenticator | null;
}

/** Security as the options are now. */
export function securityOf(context: Context, values: OptionValues): LinkSecurity {
  return {
    ...(values.securityMechanism === "curve" && { prepare }),
    mechanism: mechanismOf(values),
    authenticator: asks(values)
      ? zapAuthenticator(context, {
        domain: values.zapDomain ?? "",
        enforce: values.zapEnforceDomain,
        routingId: values.routingId === null ? EMPTY : toFrame(values.routingId),
      })
      : null,
  };
}

function prepare(): Promise<unknown> | null {
  return curveCrypto() === null ? loadCurveCrypto() : null;
}

function mechanismOf(values: OptionValues): MechanismFactory | undefined {
  switch (values.securityMechanism) {
    case "plain":
      return values.plainServer ? (authenticate) => new PlainServer(authenticate) : plainClient(values);
    case "curve":
      return values.curveServer ? curveServer(values) : curveClient(values);
    case null:
      return undefined;
  }
}

function plainClient({ plainUsername, plainPassword }: OptionValues): MechanismFactory {
  const [username, password] = [toFrame(plainUsername), toFrame(plainPassword)];
  return () => new PlainClient(username, password);
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

/** Whether peers are asked about at all: the servers of a mechanism do, and NULL where there is a domain (RFC 27). */
function asks({ securityMechanism, plainServer, curveServer, zapDomain, zapEnforceDomain }: OptionValues): boolean {
  if (zapDomain !== null) return true;
  const serves = securityMechanism === "plain" ? plainServer : securityMechanism === "curve" && curveServer;
  return serves && !zapEnforceDomain;
}
