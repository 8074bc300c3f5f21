// Every pair of socket types, libzmq at either end, either end binding: messages of all shapes arrive as they were sent.

import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { arrangements, describe, pairs } from "../peer/pairs.ts";
import { LibzmqPeer, type Sendable } from "../peer/peer.ts";
import { freshPort } from "../support/ports.ts";
import { TempDirectory } from "../support/temp.ts";
import { open } from "./conversation.ts";

// 255 and 256 are the two sides of the short frame, 65,535 and 65,536 those of a 16-bit length.
const SIZES = [0, 1, 255, 256, 65_535, 65_536, 1_048_576];

const frame = (size: number, part = 0): Sendable => ({ size, seed: 42, sequence: size, part });

const MESSAGES: readonly (readonly Sendable[])[] = [
  ["text"],
  ...SIZES.map((size) => [frame(size)]),
  ["", "after an empty frame"],
  ["before an empty frame", ""],
  ["", "", ""],
  SIZES.map((size, part) => frame(size, part)),
  Array.from({ length: 200 }, (_, part) => frame(part * 3, part)),
  ["text again"],
];

const transports = {
  ipc: (directory: TempDirectory, index: number) => `ipc://${directory.at(String(index))}`,
  tcp: () => `tcp://127.0.0.1:${freshPort()}`,
};

for (const pair of pairs) {
  for (const [transport, endpoint] of Object.entries(transports)) {
    libzmqTest(`interop: ${pair.a} – ${pair.b} exchange messages of all shapes over ${transport}`, async (test) => {
      await using peer = await LibzmqPeer.start();
      using directory = new TempDirectory();
      for (const [index, arrangement] of arrangements([pair]).entries()) {
        await test.step(describe(arrangement), async () => {
          await using conversation = await open(arrangement, peer, endpoint(directory, index));
          for (const frames of MESSAGES) await conversation.exchange(...frames);
        });
      }
    });
  }
}
