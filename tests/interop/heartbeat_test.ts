// Heartbeats in both roles: a peer that answers stays, one that is stopped is dropped and comes back.

import { assertRejects } from "@std/assert";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { arrangements } from "../peer/pairs.ts";
import { TempDirectory } from "../support/temp.ts";
import { arranged, attach, type Conversation, openEnd, synchronize, together } from "./conversation.ts";
import { type Host, startHost, ThisProcess } from "./hosts.ts";
import type { Player, SideOptions } from "./side.ts";

/** Milliseconds: many heartbeats long, and several timeouts. */
const WHILE = 500;
const HEARTBEATS: SideOptions = { heartbeatInterval: 40, heartbeatTimeout: 150 };
/** The sender of a PING may say after what silence the other end is to give it up. */
const TIME_TO_LIVE: SideOptions = { heartbeatInterval: 40, heartbeatTimeToLive: 200, heartbeatTimeout: 5000 };
/** An id is taken until its connection is known to be lost, and whoever comes back may be faster than that. */
const COMMON: SideOptions = { handover: true };

type Hosts = Readonly<Record<Player, Host>>;

/** Both ends of every arrangement there is, all at the same time. */
async function everyConversation(hosts: Hosts, directory: TempDirectory, options: Record<Player, SideOptions>) {
  return await Promise.all(
    arrangements().map(async (arrangement, index) => {
      const end = (player: Player) => openEnd(hosts[player], player, arrangement, { ...COMMON, ...options[player] });
      const conversation = arranged(arrangement, await end("denomq"), await end("libzmq"));
      const { a, b } = conversation;
      const [first, second] = arrangement.binds === "a" ? [a, b] : [b, a];
      for (const side of [first, second]) await attach(side, arrangement, `ipc://${directory.at(String(index))}`);
      await reach(conversation);
      return conversation;
    }),
  );
}

/** Wait until the ends have found each other, and see that what they say arrives. */
async function reach(conversation: Conversation): Promise<void> {
  const { a, b, arrangement } = conversation;
  await Promise.all([a.connected(), b.connected()]);
  if (arrangement.flow === "publish") await synchronize(a, b);
  await conversation.exchange("hello", "");
}

/** With nothing but heartbeats for a while, no end loses the other. */
async function keepQuiet({ a, b }: Conversation): Promise<void> {
  await Promise.all([a, b].map((side) => assertRejects(() => side.abandoned(WHILE))));
}

for (const who of ["libzmq", "denomq", "both"] as const) {
  libzmqTest(`interop: every pair, heartbeats of ${who} are answered`, async () => {
    using directory = new TempDirectory();
    await using libzmq = await startHost("libzmq");
    await using denomq = new ThisProcess();
    const conversations = await everyConversation({ denomq, libzmq }, directory, {
      denomq: who === "libzmq" ? {} : HEARTBEATS,
      libzmq: who === "denomq" ? {} : HEARTBEATS,
    });
    await together(conversations, keepQuiet);
    await together(conversations, (conversation) => conversation.exchange("still here"));
  });
}

interface Stopping {
  readonly name: string;
  readonly stopped: Player;
  readonly options: Readonly<Record<Player, SideOptions>>;
}

const STOPPINGS: readonly Stopping[] = [
  { name: "our heartbeats", stopped: "libzmq", options: { denomq: HEARTBEATS, libzmq: {} } },
  { name: "its own time to live", stopped: "libzmq", options: { denomq: {}, libzmq: TIME_TO_LIVE } },
  { name: "libzmq's heartbeats", stopped: "denomq", options: { denomq: {}, libzmq: HEARTBEATS } },
  { name: "its own time to live", stopped: "denomq", options: { denomq: TIME_TO_LIVE, libzmq: {} } },
];

for (const { name, stopped, options } of STOPPINGS) {
  libzmqTest(`interop: every pair, ${stopped} stopped and resumed, found out by ${name}`, async () => {
    using directory = new TempDirectory();
    const finder = stopped === "denomq" ? "libzmq" : "denomq";
    await using process = await startHost(stopped);
    await using other = stopped === "denomq" ? await startHost("libzmq") : new ThisProcess();
    const hosts = stopped === "denomq" ? { denomq: process, libzmq: other } : { denomq: other, libzmq: process };
    const conversations = await everyConversation(hosts, directory, options);
    for (let round = 0; round < 2; round++) {
      // A time to live comes with a PING, and libzmq holds it to be over with the next message of any other kind.
      await together(conversations, keepQuiet);
      process.pause();
      await together(conversations, (conversation) => conversation.end(finder).abandoned());
      process.resume();
      // It learns that it was given up, and one of the two connects again.
      await together(conversations, (conversation) => conversation.end(stopped).abandoned());
      await together(conversations, reach);
    }
  });
}
