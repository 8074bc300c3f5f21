// The comparison with the reference model of sockets: what is wrong is noticed, made small and shown.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { label } from "../interop/side.ts";
import { TempDirectory } from "../support/temp.ts";
import { onStage, program, stages } from "./model.ts";
import type { Tamper } from "./model/execute.ts";
import { type Outcome, Reference } from "./model/reference.ts";
import { print, shrink } from "./model/shrink.ts";
import type { Step, Steps } from "./model/steps.ts";

/** Outcomes of one program that are made wrong. */
type Mutant = () => Tamper;

const isMessage = (outcome: Outcome): outcome is readonly string[] => typeof outcome !== "string";

/** Changes the first received message, or a later one that there is something to do with. */
function onMessage(change: (frames: readonly string[]) => Outcome | null): Mutant {
  return () => {
    let done = false;
    return (_, outcome) => {
      if (done || !isMessage(outcome)) return outcome;
      const changed = change(outcome);
      done = changed !== null;
      return changed ?? outcome;
    };
  };
}

/** Changes the first outcome of a call. */
function onCall(acts: readonly Step["act"][], from: string, to: string): Mutant {
  return () => {
    let done = false;
    return (step, outcome) => {
      if (done || outcome !== from || !acts.includes(step.act)) return outcome;
      done = true;
      return to;
    };
  };
}

const mutants: Readonly<Record<string, Mutant>> = {
  "a message is lost": onMessage(() => "nothing"),
  "a message loses its last frame": onMessage((frames) => frames.length > 1 ? frames.slice(0, -1) : null),
  "a message has a frame too many": onMessage((frames) => [...frames, label("")]),
  "a byte is changed": onMessage((frames) => [...frames.slice(0, -1), label("?")]),
  "frames are swapped": onMessage((frames) => new Set(frames).size > 1 ? frames.toReversed() : null),
  "a message comes twice": () => {
    let last: Outcome | null = null;
    return (_, outcome) => {
      if (!isMessage(outcome)) return outcome;
      const twice = last ?? outcome;
      last = outcome;
      return twice;
    };
  },
  "a message that was sent was refused": onCall(["send", "trySend"], "ok", "EAGAIN"),
  "a message that was refused was sent": onCall(["send", "trySend"], "EAGAIN", "ok"),
  "a name that nobody bears can be sent to": onCall(["send", "trySend"], "EHOSTUNREACH", "ok"),
  "a reply comes before its request": onCall(["send", "trySend"], "EFSM", "ok"),
  "a wrong state is taken for an empty queue": onCall(["tryReceive"], "EFSM", "nothing"),
  "an empty queue is taken for a wrong state": onCall(["tryReceive"], "nothing", "EFSM"),
  "a closed socket does something": onCall(["send", "receive", "bind", "connect"], "EBADF", "ok"),
  "what is not there is disconnected": onCall(["disconnect", "unbind"], "ENOENT", "ok"),
  "what is there is not disconnected": onCall(["disconnect", "unbind"], "ok", "ENOENT"),
  "a name can be bound twice": onCall(["bind"], "EADDRINUSE", "ok"),
};

const [first] = stages;
// Names are taken by whoever binds them, over ipc by the last: that takes another transport.
const strict = stages.find(({ ground }) => !ground.override)!;

Deno.test("model: what is wrong is noticed", async (t) => {
  using folder = new TempDirectory();
  for (const [name, mutant] of Object.entries(mutants)) {
    await t.step(name, () =>
      onStage(strict, folder.path, async ({ run }) => {
        let failure: string | null = null;
        for (let seed = 1; seed <= 200 && failure === null; seed++) {
          failure = (await run(program(strict, seed), 200, mutant())).failure;
        }
        assert(failure !== null, "not noticed in 200 programs");
      }));
  }
});

Deno.test("model: a program that fails is made small, and shown", async () => {
  using folder = new TempDirectory();
  await onStage(first!, folder.path, async ({ run }) => {
    const torn = mutants["a message has a frame too many"]!;
    const fails = async (steps: Steps) => (await run(steps, 200, torn())).failure;
    const [steps, failure] = await firstFailure(fails);
    const least = await shrink(steps, failure, fails);
    // Two sockets, a binding, a connection and a message, with a subscription or a reply.
    assert(least.steps.length <= 7, print(least.steps, least.failure));
    assertMatch(print(least.steps, least.failure), /not on its way.*\n {4}s0 = new /);
  });
});

async function firstFailure(fails: (steps: Steps) => Promise<string | null>): Promise<[Steps, string]> {
  for (let seed = 1;; seed++) {
    const steps = program(first!, seed);
    const failure = await fails(steps);
    if (failure !== null) return [steps, failure];
  }
}

/** A PUSH, and PULLs that it is connected to. */
function pipeline(
  pulls: number,
): { reference: Reference; send(id: number): void; take(pull: number, id: number): string | null } {
  const reference = new Reference({ wire: true, override: false, apart: false });
  reference.open({ act: "open", socket: 0, type: "PUSH", options: {} }, false);
  const push = reference.models.get(0)!;
  for (let socket = 1; socket <= pulls; socket++) {
    reference.open({ act: "open", socket, type: "PULL", options: {} }, false);
    assertEquals(reference.bind(reference.models.get(socket)!, socket), ["ok"]);
    assertEquals(reference.connect(push, socket), ["ok"]);
  }
  return {
    reference,
    send(id) {
      const step = { act: "send", socket: 0, id, topic: "", sizes: [], to: -1 } as const;
      assertEquals(reference.send(push, step, { frames: [`${id}`], bytes: 1 }, "ok"), ["ok"]);
    },
    take: (pull, id) => reference.received(reference.models.get(pull)!, [`${id}`], true, true),
  };
}

Deno.test("model: a message that overtakes another is noticed", () => {
  const { reference, send, take } = pipeline(1);
  for (const id of [1, 2, 3]) send(id);
  assertEquals(take(1, 1), null);
  assertMatch(take(1, 3)!, /overtakes 2/);
  assertEquals(reference.outstanding.length, 2);
});

Deno.test("model: two messages in turn that go the same way are noticed", () => {
  const { reference, send, take } = pipeline(2);
  for (const id of [1, 2, 3]) send(id);
  assertEquals(take(2, 1), null);
  assertMatch(take(2, 2)!, /overtakes|not on its way/);
  assertEquals(take(1, 2), null);
  assertEquals(take(2, 3), null);
  assertEquals(reference.outstanding, []);
});
