/**
 * What the tests of ipc run in another process: prints one line of JSON about one operation.
 *
 * @module
 */

import { ZmqError } from "../../transports/error.ts";
import { ipc } from "../../transports/ipc.ts";
import type { ByteStream, IpcOptions } from "../../transports/transport.ts";
import { isMissingPermission } from "../../transports/permission.ts";

/** The line of JSON. */
export interface ChildReport {
  /** The resolved endpoint, where all went well. */
  endpoint?: string;
  /** The name of the error, or of its class. */
  code?: string;
  /** Its message. */
  message?: string;
  /** Whether the error is a missing permission. */
  missing?: boolean;
}

async function perform(operation: string, address: string, count: number, filter: IpcOptions): Promise<string> {
  const options = { backlog: 100, ...filter };
  switch (operation) {
    case "elsewhere":
      Object.defineProperty(Deno, "build", { value: { ...Deno.build, os: "darwin" } });
      return ipc.bind(address, options).endpoint;
    case "bind": {
      const listener = ipc.bind(address, options);
      await listener.close();
      return listener.endpoint;
    }
    case "connect": {
      const stream = await ipc.connect(address);
      stream.close();
      return `ipc://${address}`;
    }
    case "rebind": {
      let current = ipc.bind(address, options);
      for (let i = 0; i < count; i++) {
        const next = ipc.bind(address, options);
        await current.close();
        current = next;
      }
      await current.close();
      return current.endpoint;
    }
    // The process ends with the binding in place, as one that crashes does.
    case "abandon":
      return ipc.bind(address, options).endpoint;
    case "idle": {
      const listener = ipc.bind(address, options);
      const stream = await ipc.connect(address);
      const accepted = await listener.accept();
      void listener.accept();
      void stream.read(new Uint8Array(1));
      void accepted?.read(new Uint8Array(1));
      return listener.endpoint;
    }
    case "write": {
      const listener = ipc.bind(address, options);
      const stream = await ipc.connect(address);
      const accepted = await listener.accept();
      void writeAndReport(stream.write.bind(stream), count);
      // These reads do not hold the process: only the pending write can.
      void drain(accepted);
      return listener.endpoint;
    }
    default:
      throw new TypeError(`Unknown operation ${operation}`);
  }
}

async function drain(stream: ByteStream | null): Promise<void> {
  const into = new Uint8Array(1 << 16);
  while (await stream?.read(into)) { /* Nobody looks at the bytes. */ }
}

async function writeAndReport(write: (from: Uint8Array) => Promise<number>, count: number): Promise<void> {
  for (let left = count; left > 0;) left -= await write(new Uint8Array(Math.min(left, 1 << 16)));
  console.log("written");
}

if (import.meta.main) {
  const [operation = "", address = "", count = "0", filter = "{}"] = Deno.args;
  let report: ChildReport;
  try {
    report = { endpoint: await perform(operation, address, Number(count), JSON.parse(filter)) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const code = error instanceof ZmqError ? error.code : error.name;
    report = { code, message: error.message, missing: isMissingPermission(error) };
  }
  console.log(JSON.stringify(report));
}
