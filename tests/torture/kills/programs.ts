/**
 * Programs in which a survivor sees one victim after the other die under load.
 *
 * @module
 */

import * as zmq from "../../../mod.ts";
import { Checker, compose, Replies } from "../checker.ts";
import { Random } from "../random.ts";
import { DenomqPort } from "./port.ts";
import { BYSTANDER, Collector, pause, type Scene, Sender, SURVIVOR, until, VICTIM } from "./scene.ts";
import { Source, type TaskType } from "./task.ts";
import { LIMIT } from "./victim.ts";

const TOPICS = [65, 66];
/** How many victims there are in a program. */
const LIVES = 3;

/** A program with victims. */
export interface KillProgram {
  readonly name: string;
  /** Whether it makes sense there. */
  fits(scene: Scene): boolean;
  run(scene: Scene): Promise<void>;
}

/** The survivor receives, victims send: of each life all has come up to some message. */
function gather(type: TaskType, victims: TaskType, sociable: boolean): KillProgram {
  const run = async (scene: Scene): Promise<void> => {
    await using survivor = new DenomqPort({ type, mark: scene.mark, topics: [] });
    const checker = new Checker();
    const collector = new Collector(survivor, checker, "survivor");
    await scene.place(survivor);
    const others = sociable && scene.bystander ? 1 : 0;
    await using bystander = others ? new DenomqPort({ type: victims, mark: scene.mark, topics: [] }) : null;
    let sender: Sender | null = null;
    if (bystander !== null) {
      await survivor.bind(`ipc://${scene.path("bystander")}`);
      bystander.connect(`ipc://${scene.path("bystander")}`);
      await bystander.socket.waitForPeers(1, { timeout: LIMIT });
      sender = new Sender(bystander, new Source({ ...scene, ...bystanding }, new Random(scene.random.below(2 ** 31))));
    }
    for (let life = 0; life < LIVES && (life === 0 || scene.goesOn()); life++) {
      await using victim = await scene.victim(victims, "pour", life);
      const lifetime = scene.lifetime();
      await victim.until(() => checker.received(VICTIM, life) >= lifetime, `${lifetime} messages have come`);
      await scene.kill(victim);
      await until(() => survivor.socket.peerCount === others, "the victim is missed");
      await collector.settle();
      checker.expectWhole(VICTIM, life, "", 0);
      checker.expectLossWithin(VICTIM, life, victim.sent, scene.bound);
    }
    if (sender !== null) {
      await sender.stop();
      const { sent } = sender;
      await until(() => checker.received(BYSTANDER, 0) >= sent, "all of the bystander's has come", 20_000).catch(
        () => {},
      );
      checker.expectAll(BYSTANDER, 0, sent);
    }
    survivor.socket.close();
    await collector.ended();
    scene.count(checker);
  };
  return { name: `${type} gathers from ${victims}`, fits: () => true, run };
}

const bystanding = { sender: BYSTANDER, incarnation: 0, topics: [0] };

/** The survivor sends, victims receive: of each life no more is lost than can be on its way. */
function handOut(type: TaskType, victims: TaskType, sociable: boolean): KillProgram {
  const run = async (scene: Scene): Promise<void> => {
    await using survivor = new DenomqPort({ type, mark: scene.mark, topics: [] });
    const checker = new Checker();
    await scene.place(survivor);
    const others = sociable && scene.bystander ? 1 : 0;
    await using bystander = others ? new DenomqPort({ type: victims, mark: scene.mark, topics: [] }) : null;
    let collector: Collector | null = null;
    if (bystander !== null) {
      await survivor.bind(`ipc://${scene.path("bystander")}`);
      bystander.connect(`ipc://${scene.path("bystander")}`);
      collector = new Collector(bystander, checker, "bystander");
    }
    const source = new Source(
      { sender: SURVIVOR, incarnation: 0, topics: [0], load: scene.load },
      new Random(scene.random.below(2 ** 31)),
    );
    const sender = new Sender(survivor, source);
    let lives = 0;
    for (; lives < LIVES && (lives === 0 || scene.goesOn()); lives++) {
      await using victim = await scene.victim(victims, "drain", lives);
      const lifetime = scene.lifetime();
      await victim.until(() => victim.received >= lifetime, `${lifetime} messages have come`);
      await scene.kill(victim);
      await until(() => survivor.socket.peerCount === others, "the victim is missed");
      for (const label of victim.labels()) checker.note(`victim ${lives}`, label);
    }
    await sender.stop();
    const most = lives * scene.bound;
    // What is on its way to the bystander comes.
    const rest = () => sender.sent - checker.received(SURVIVOR, 0);
    await until(() => rest() <= most, "the rest has come", 20_000).catch(() => {});
    checker.expectLossWithin(SURVIVOR, 0, sender.sent, most);
    bystander?.socket.close();
    await collector?.ended();
    scene.count(checker);
  };
  return { name: `${type} hands out to ${victims}`, fits: () => true, run };
}

/** The survivor publishes and drops nothing: a bystander gets all, each victim what it subscribed to from some message on. */
const publish: KillProgram = {
  name: "PUB publishes to SUB",
  fits: () => true,
  async run(scene) {
    await using survivor = new DenomqPort({ type: "PUB", mark: scene.mark, topics: [] });
    await using bystander = new DenomqPort({ type: "SUB", mark: scene.mark, topics: TOPICS });
    const checker = new Checker("all of them");
    const collector = new Collector(bystander, checker, "bystander");
    await scene.place(survivor);
    await survivor.bind(`ipc://${scene.path("bystander")}`);
    bystander.connect(`ipc://${scene.path("bystander")}`);
    const publisher = survivor.socket as zmq.Publisher;
    for (const topic of TOPICS) {
      await publisher.waitForSubscribers(1, { topic: Uint8Array.of(topic), timeout: LIMIT });
    }
    const source = new Source(
      { sender: SURVIVOR, incarnation: 0, topics: TOPICS, load: scene.load },
      new Random(scene.random.below(2 ** 31)),
    );
    const sender = new Sender(survivor, source);
    for (let life = 0; life < LIVES && (life === 0 || scene.goesOn()); life++) {
      const name = `victim ${life}`;
      const wanted = scene.random.pick(TOPICS);
      await using victim = await scene.victim("SUB", "drain", life, { topics: [wanted] });
      const lifetime = scene.lifetime(0.5);
      await victim.until(() => victim.received >= lifetime, `${lifetime} messages have come`);
      await scene.kill(victim);
      await until(() => publisher.peerCount === 1, "the victim is missed");
      checker.subscribed(name, [wanted]);
      for (const label of victim.labels()) checker.note(name, label);
      checker.expectHeard(SURVIVOR + wanted, 0, name);
      // To whom it connects it keeps sending while that is away, but then waits for its subscription.
      if (scene.binds) checker.expectWhole(SURVIVOR + wanted, 0, name);
    }
    await sender.stop();
    const counts = TOPICS.map((topic, i) => [SURVIVOR + topic, Math.ceil((sender.sent - i) / TOPICS.length)] as const);
    const all = () => counts.every(([number, count]) => checker.received(number, 0, "bystander") >= count);
    await until(all, "all has come to the bystander", 20_000).catch(() => {});
    for (const [number, count] of counts) checker.expectAll(number, 0, count, "bystander");
    bystander.socket.close();
    await collector.ended();
    scene.count(checker);
  },
};

/** The survivor is subscribed, and hears each publisher that comes anew without doing anything. */
const listen: KillProgram = {
  name: "SUB listens to PUB",
  fits: () => true,
  async run(scene) {
    const wanted = scene.random.pick(TOPICS);
    await using survivor = new DenomqPort({ type: "SUB", mark: scene.mark, topics: [wanted] });
    const checker = new Checker("all of them");
    checker.subscribed("survivor", [wanted]);
    const collector = new Collector(survivor, checker, "survivor");
    await scene.place(survivor);
    for (let life = 0; life < LIVES && (life === 0 || scene.goesOn()); life++) {
      await using victim = await scene.victim("PUB", "pour", life, { topics: TOPICS });
      const lifetime = scene.lifetime(0.5);
      const received = () => checker.received(VICTIM + wanted, life, "survivor");
      await victim.until(() => received() >= lifetime, `the subscription is back and ${lifetime} messages have come`);
      await scene.kill(victim);
      await until(() => survivor.socket.peerCount === 0, "the victim is missed");
      await collector.settle();
      checker.expectHeard(VICTIM + wanted, life, "survivor");
      checker.expectWhole(VICTIM + wanted, life, "survivor");
    }
    survivor.socket.close();
    await collector.ended();
    scene.count(checker);
  },
};

/** The survivor asks victims and a bystander in turn, and asks anew when no reply comes: none answers another question. */
const ask: KillProgram = {
  name: "REQ asks REP",
  fits: () => true,
  async run(scene) {
    await using survivor = new zmq.Request({ linger: 0, reconnectInterval: 5, relaxed: true, correlate: true });
    await using bystander = new zmq.Reply({ linger: 0 });
    if (scene.binds) await survivor.bind(scene.endpoint);
    else survivor.connect(scene.endpoint);
    await bystander.bind(`ipc://${scene.path("bystander")}`);
    survivor.connect(`ipc://${scene.path("bystander")}`);
    const answering = (async () => {
      for await (const frames of bystander) await bystander.send(frames as Uint8Array[]);
    })();
    const replies = new Replies();
    let over = false;
    const asking = (async () => {
      for (let sequence = 0; !over; sequence++) {
        const label = { topic: 0, sender: SURVIVOR, incarnation: 0, sequence };
        replies.asked(label);
        await survivor.send(compose(label, [scene.random.below(200)]), { timeout: LIMIT });
        const timeout = scene.random.pick([0, 1, 5, 50]);
        const frames = await survivor.receive({ timeout }).catch((error) => {
          if (!(error instanceof zmq.ZmqError && error.code === "EAGAIN")) throw error;
        });
        if (frames !== undefined) replies.answered(frames);
        if (sequence % 16 === 0) await pause(0);
      }
    })();
    try {
      for (let life = 0; life < LIVES && (life === 0 || scene.goesOn()); life++) {
        await using victim = await scene.victim("REP", "echo", life);
        const lifetime = scene.lifetime(0.1);
        await Promise.race([
          asking,
          victim.until(() => victim.received >= lifetime, `${lifetime} questions have come`),
        ]);
        await scene.kill(victim);
        await until(() => survivor.peerCount === 1, "the victim is missed");
      }
    } finally {
      over = true;
      await asking;
    }
    bystander.close();
    await answering;
    scene.count(replies);
  },
};

/** All programs. */
export const programs: readonly KillProgram[] = [
  gather("PULL", "PUSH", true),
  gather("ROUTER", "DEALER", true),
  gather("PAIR", "PAIR", false),
  handOut("PUSH", "PULL", true),
  handOut("DEALER", "ROUTER", true),
  handOut("PAIR", "PAIR", false),
  publish,
  listen,
  ask,
];
