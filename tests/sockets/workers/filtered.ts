/**
 * A Worker that binds with a filter, and tells what comes of it.
 *
 * @module
 */

import { Pull } from "../../../mod.ts";

const worker = self as unknown as {
  onmessage: (event: MessageEvent<{ endpoint: string; filter: Partial<Pull> } | null>) => void;
  postMessage(message: string): void;
};

let last: Pull | undefined;

async function bind(endpoint: string, filter: Partial<Pull>): Promise<void> {
  const pull = last = new Pull(filter);
  pull.events.on("accept:error", ({ error }) => worker.postMessage(String((error as { code?: unknown }).code)));
  await pull.bind(endpoint);
  worker.postMessage("bound");
  for await (const [frame] of pull) worker.postMessage(new TextDecoder().decode(frame));
}

worker.onmessage = async ({ data }) => {
  await last?.[Symbol.asyncDispose]();
  if (data === null) worker.postMessage("closed");
  else await bind(data.endpoint, data.filter);
};
