// Ends of this library in a process of their own, for tests that stop or kill it (see hosts.ts).

import type { SocketTypeName } from "../peer/libzmq_names.ts";
import { serve } from "../peer/serve.ts";
import { DenomqSide } from "./denomq_side.ts";
import type { Side, SideMethod, SideOptions } from "./side.ts";

/** What may be asked: a new end, or a call of one. */
export type SideRequest =
  | { readonly command: "open"; readonly type: SocketTypeName; readonly options: SideOptions }
  | { readonly command: SideMethod; readonly side: number; readonly args: readonly unknown[] };

if (import.meta.main) {
  const sides: Side[] = [];
  await serve((request: SideRequest & { readonly id: number }) => {
    if (request.command === "open") return sides.push(new DenomqSide(request.type, request.options)) - 1;
    const side = sides[request.side];
    if (side === undefined) throw new RangeError(`No side ${request.side}`);
    return (side[request.command] as (...args: unknown[]) => unknown).apply(side, [...request.args]);
  });
}
