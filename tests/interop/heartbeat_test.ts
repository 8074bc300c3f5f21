// Heartbeats in both roles: a peer that answers stays, one that is stopped is dropped and comes back.

import { assertEquals } from "@std/assert";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { arrangements, describe } from "../peer/pairs.ts";
import { LibzmqPeer, type PeerOptions, type PeerSocket } from "../peer/peer.ts";
import { TempDirectory } from "../support/temp.ts";
import { type Conversation, open } from "./conversation.ts";
import type { SideOptions } from "./side.ts";

/** Milliseconds: many heartbeats long, and several timeouts. */
const WHILE = 600;
const HEARTBEATS: SideOptions = { heartbeatInterval: 40, heartbeatTimeout: 150 };

const ARRANGEMENTS = arrangements([{ a: "REQ", b: "REP", flow: "request" }]);

/** Neither end has lost the other, and what they say still arrives. */
async function stillConnected(conversation: Conversation): Promise<void> {
  assertEquals(await conversation.libzmq.socket.waitEvent("DISCONNECTED", WHILE).catch(() => null), null);
  assertEquals(conversation.denomq.socket.peerCount, 1);
  await conversation.exchange("still here");
}

for (const arrangement of ARRANGEMENTS) {
  for (const who of ["libzmq", "denomq", "both"] as const) {
    libzmqTest(`interop: heartbeats of ${who} are answered, ${describe(arrangement)}`, async () => {
      await using peer = await LibzmqPeer.start();
      using directory = new TempDirectory();
      const options = { denomq: who === "libzmq" ? {} : HEARTBEATS, libzmq: who === "denomq" ? {} : HEARTBEATS };
      await using conversation = await open(arrangement, peer, `ipc://${directory.at("socket")}`, {}, options);
      await conversation.exchange("hello");
      await stillConnected(conversation);
    });
  }

  libzmqTest(`interop: libzmq stopped and resumed, ${describe(arrangement)}`, async () => {
    await using peer = await LibzmqPeer.start();
    using directory = new TempDirectory();
    const options = { denomq: HEARTBEATS, libzmq: {} };
    await using conversation = await open(arrangement, peer, `ipc://${directory.at("socket")}`, {}, options);
    await conversation.exchange("hello");
    const { denomq, libzmq } = conversation;
    for (let round = 0; round < 2; round++) {
      peer.pause();
      await denomq.abandoned();
      peer.resume();
      // It learns that it was given up, and one of the two connects again.
      await libzmq.abandoned();
      await Promise.all([denomq.connected(), libzmq.connected()]);
      await conversation.exchange(`again ${round}`);
    }
  });
}

/** A process of this library that echoes, and can be stopped. */
class EchoProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  static async start(role: "bind" | "connect", endpoint: string, options: SideOptions): Promise<EchoProgram> {
    const script = new URL("./echo_program.ts", import.meta.url);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", script.href, role, endpoint, JSON.stringify(options)],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    return new EchoProgram(child);
  }

  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#child.stdin.close().catch(() => {});
  }
}

interface Stopping {
  readonly name: string;
  readonly libzmq: PeerOptions;
  readonly denomq: SideOptions;
}

const STOPPINGS: readonly Stopping[] = [
  { name: "libzmq's heartbeats", libzmq: { HEARTBEAT_IVL: 40, HEARTBEAT_TIMEOUT: 150 }, denomq: {} },
  // The sender of a PING may say after what silence the other end is to give it up.
  { name: "its own time to live", libzmq: {}, denomq: { heartbeatInterval: 40, heartbeatTimeToLive: 200 } },
];

async function asks(socket: PeerSocket, text: string): Promise<void> {
  await socket.send([text]);
  assertEquals(await socket.receiveText(), [text]);
}

for (const { name, libzmq, denomq } of STOPPINGS) {
  for (const role of ["bind", "connect"] as const) {
    const title = role === "bind" ? "binding" : "connecting";
    libzmqTest(`interop: a ${title} process of this library stopped and resumed, found out by ${name}`, async () => {
      await using peer = await LibzmqPeer.start();
      using directory = new TempDirectory();
      const endpoint = `ipc://${directory.at("socket")}`;
      const socket = await peer.open("REQ", libzmq);
      if (role === "connect") await socket.bind(endpoint);
      await using program = await EchoProgram.start(role, endpoint, denomq);
      if (role === "bind") await socket.connect(endpoint);
      await socket.waitEvent("HANDSHAKE_SUCCEEDED");
      await asks(socket, "hello");
      for (let round = 0; round < 2; round++) {
        assertEquals(await socket.waitEvent("DISCONNECTED", WHILE / 2).catch(() => null), null);
        program.pause();
        await socket.waitEvent("DISCONNECTED");
        program.resume();
        await socket.waitEvent("HANDSHAKE_SUCCEEDED");
        await asks(socket, `again ${round}`);
      }
    });
  }
}
