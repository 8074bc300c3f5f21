/**
 * Runs one of the other programs here with the same sockets over Deno's own vsock, which is unstable and needs the flag
 * `--unstable-vsock`: the program, then what it takes.
 *
 *     deno run -A --unstable-vsock native_vsock.ts denomq.ts pipeline near vmci://1:5555 64 10000
 */

import { ConnStream } from "../../transports/conn_stream.ts";
import { systemError } from "../../transports/system_error.ts";
import type { ByteStream, StreamListener } from "../../transports/transport.ts";
import { vmci } from "../../transports/vmci.ts";
import { parseVmciAddress } from "../../transports/vmci_address.ts";

/** Deno without this flag ends at the first use of vsock. */
function place(address: string): { transport: "vsock"; cid: number; port: number } {
  const { cid, port } = parseVmciAddress("vmci", address);
  if (cid === "own") throw new TypeError(`Cannot use ${address}: Deno does not tell the machine's own CID`);
  return { transport: "vsock", cid, port };
}

async function accept(listener: Deno.Listener<Deno.Conn>): Promise<ByteStream | null> {
  return new ConnStream(await listener.accept(), "native");
}

Object.assign(vmci, {
  authorize: (address: string): string => `vmci://${address}`,
  bind(address: string): StreamListener {
    const listener = Deno.listen(place(address));
    listener.unref();
    return {
      endpoint: `vmci://${address}`,
      accept: () => accept(listener),
      close: () => Promise.resolve(listener.close()),
    };
  },
  async connect(address: string): Promise<ByteStream> {
    try {
      return new ConnStream(await Deno.connect(place(address)), "native");
    } catch (error) {
      throw systemError(error, `vmci://${address}`);
    }
  },
});

const [program = ""] = Deno.args.splice(0, 1);
await import(new URL(program, import.meta.url).href);
