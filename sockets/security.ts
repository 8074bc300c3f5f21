/**
 * What the options of a socket say about security: which mechanism it speaks, in which role, and whom it asks about peers.
 *
 * @module
 */

import type { Authenticator } from "../link/link.ts";
import type { MechanismFactory } from "../zmtp/mechanism.ts";
import { PlainClient, PlainServer } from "../zmtp/plain.ts";
import type { Context } from "./context.ts";
import { EMPTY, toFrame } from "./message.ts";
import type { OptionValues } from "./option.ts";
import { zapAuthenticator } from "./zap.ts";

/** What a link has to know about security. */
export interface LinkSecurity {
  /** Makes the mechanism of a connection; `undefined` for NULL. */
  readonly mechanism: MechanismFactory | undefined;
  /** Whom to ask about peers. */
  readonly authenticator: Authenticator | null;
}

/** Security as the options are now. */
export function securityOf(context: Context, values: OptionValues): LinkSecurity {
  return {
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

function mechanismOf(values: OptionValues): MechanismFactory | undefined {
  if (values.securityMechanism !== "plain") return undefined;
  if (values.plainServer) return (authenticate) => new PlainServer(authenticate);
  const username = toFrame(values.plainUsername);
  const password = toFrame(values.plainPassword);
  return () => new PlainClient(username, password);
}

/** Whether peers are asked about at all: the servers of a mechanism do, and NULL where there is a domain (RFC 27). */
function asks({ securityMechanism, plainServer, zapDomain, zapEnforceDomain }: OptionValues): boolean {
  if (zapDomain !== null) return true;
  return securityMechanism === "plain" && plainServer && !zapEnforceDomain;
}
