// The lines of calls that wait to send: what is looked at when one of them may go on.

import { assertEquals } from "@std/assert";
import { SendLines } from "../../sockets/send_lines.ts";
import { Pattern, type PatternHost } from "../../sockets/pattern.ts";
import type { Waiter } from "../../sockets/waiter.ts";
import { isPending } from "../api/support.ts";

const host = {} as PatternHost;

/** A pattern whose messages begin with the number of a peer. */
class Addressed extends Pattern {
  override readonly type = "ROUTER";

  override attach(): boolean {
    return true;
  }

  override addressOf(frames: Uint8Array[]): string {
    return String(frames[0]![0]);
  }
}

type Request = Waiter<Uint8Array[], void>;

/** Who takes messages, and who has been asked. */
class Peers {
  readonly lines = new SendLines(new Addressed(host));
  readonly asked: number[] = [];
  readonly room = new Map<number, number>();
  /** What happens while a peer takes a message. */
  meanwhile: (peer: number) => void = () => {};

  readonly attempt = (waiter: Request): boolean => {
    const peer = waiter.request[0]![0]!;
    this.asked.push(peer);
    const room = this.room.get(peer) ?? 0;
    if (room === 0) return false;
    this.room.set(peer, room - 1);
    waiter.resolve();
    this.meanwhile(peer);
    return true;
  };

  wait(peer: number, timeout = -1, signal?: AbortSignal): Promise<void> {
    return this.lines.wait([Uint8Array.of(peer)], timeout, signal, (to) => this.lines.serve(this.attempt, to));
  }
}

Deno.test("lines: room at one peer has nobody asked for the others, however many wait", async () => {
  const peers = new Peers();
  const calls = Array.from({ length: 200 }, (_, peer) => peers.wait(peer));
  peers.room.set(7, 1);
  peers.lines.serve(peers.attempt, "7");
  await calls[7];
  assertEquals(peers.asked, [7]);
  // Nobody waits for it any more.
  peers.lines.serve(peers.attempt, "7");
  assertEquals(peers.asked, [7]);
  assertEquals(peers.lines.before([Uint8Array.of(7)]), false);
  assertEquals(peers.lines.before([Uint8Array.of(8)]), true);
  peers.lines.serve(peers.attempt);
  assertEquals(peers.asked.length, 1 + 199);
  peers.lines.end("EAGAIN");
  assertEquals((await Promise.allSettled(calls)).filter(({ status }) => status === "fulfilled").length, 1);
});

Deno.test("lines: a call that gives up has nobody asked but the next one for the same peer", async () => {
  const peers = new Peers();
  const calls = [1, 2, 3, 4].map((peer) => peers.wait(peer));
  const abort = new AbortController();
  const first = peers.wait(5, -1, abort.signal);
  const next = peers.wait(5);
  peers.room.set(5, 1);
  abort.abort("enough");
  assertEquals(await Promise.allSettled([first, next]), [
    { status: "rejected", reason: "enough" },
    { status: "fulfilled", value: undefined },
  ]);
  assertEquals(peers.asked, [5]);
  peers.lines.end("EAGAIN");
  await Promise.allSettled(calls);
  assertEquals(peers.lines.empty, true);
});

Deno.test("lines: room that comes while another peer is served is not overlooked", async () => {
  const peers = new Peers();
  const one = peers.wait(1);
  const two = peers.wait(2);
  peers.room.set(2, 1);
  peers.meanwhile = () => {
    if (peers.room.get(1) !== undefined) return;
    peers.room.set(1, 1);
    peers.lines.serve(peers.attempt, "1");
  };
  peers.lines.serve(peers.attempt);
  assertEquals(await isPending(two), false);
  assertEquals(await isPending(one), false);
  assertEquals(peers.lines.empty, true);
});

Deno.test("lines: room that comes while the same peer is served keeps its calls in order", async () => {
  const peers = new Peers();
  const done: number[] = [];
  const calls = [0, 1, 2].map((i) => peers.wait(1).then(() => done.push(i)));
  peers.room.set(1, 1);
  peers.meanwhile = () => {
    if (peers.asked.length > 3) return;
    peers.room.set(1, 1);
    peers.lines.serve(peers.attempt, "1");
  };
  peers.lines.serve(peers.attempt, "1");
  await Promise.all(calls);
  assertEquals(done, [0, 1, 2]);
  assertEquals(peers.asked, [1, 1, 1]);
});
