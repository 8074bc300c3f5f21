// The types of single frames against libzmq with its drafts, which zeromq.js under Node has built in.

import { assertEquals } from "@std/assert";
import { Channel, Client, Dish, Gather, Peer, Radio, Scatter, Server } from "../../mod.ts";
import { patient } from "../sockets/support.ts";
import { within } from "../support/deadline.ts";
import { only } from "../support/platform.ts";
import { freshPort } from "../support/ports.ts";
import { TempDirectory } from "../support/temp.ts";

const VERSION = "6.8.0";

/** A folder with zeromq.js, or why there is none. */
async function install(): Promise<string | undefined> {
  const home = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  const folder = `${home}/denomq-tests/zeromq-${VERSION}`;
  try {
    await Deno.stat(`${folder}/node_modules/zeromq/draft.js`).catch(async () => {
      await Deno.mkdir(folder, { recursive: true });
      const args = ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder, `zeromq@${VERSION}`];
      const { success, stderr } = await new Deno.Command("npm", { args, stdin: "null" }).output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));
    });
    // It may have been installed without its addon.
    const { success, stderr } = await node(folder, "require('zeromq/draft')");
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return folder;
  } catch (error) {
    console.log(`zeromq.js is not to be had: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
}

function node(folder: string, code: string): Promise<Deno.CommandOutput> {
  const args = ["--no-warnings", "-e", `const zmq = require("zeromq/draft");\n(async () => {${code}})();`];
  return new Deno.Command("node", { args, cwd: folder, stdin: "null" }).output();
}

const folder = await install();
const here = only(folder !== undefined, "tests against libzmq's drafts need Node, npm and zeromq.js");

/** Registers a test with a program of zeromq.js at the other end, which must end well; what it prints is what it returns. */
function test(
  name: string,
  code: (endpoint: string) => string,
  ours: (endpoint: string) => Promise<void>,
  output: string,
): void {
  for (const transport of ["ipc", "tcp"]) {
    Deno.test({
      name: `interop: ${name} over ${transport}`,
      ...here,
      fn: async () => {
        using directory = new TempDirectory();
        const endpoint = transport === "ipc" ? `ipc://${directory.at("s")}` : "tcp://127.0.0.1:*";
        await within(run(endpoint), name, 30_000);
      },
    });
  }

  async function run(endpoint: string): Promise<void> {
    let program: Promise<Deno.CommandOutput> | undefined;
    started = (resolved) => program = node(folder!, code(resolved));
    await ours(endpoint);
    const { success, stdout, stderr } = await program!;
    assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
    assertEquals(new TextDecoder().decode(stdout).trim(), output);
  }
}

/** Starts the program of the running test, once it is known where. */
let started: (endpoint: string) => void;

const text = (frame: Uint8Array | undefined) => new TextDecoder().decode(frame);
const SIZES = [0, 1, 255, 256, 70_000];

test(
  "libzmq's CLIENT asks, SERVER answers",
  (endpoint) => `
    const client = new zmq.Client();
    client.connect(${JSON.stringify(endpoint)});
    for (const size of ${JSON.stringify(SIZES)}) {
      await client.send(Buffer.alloc(size, 7));
      const [answer] = await client.receive();
      console.log(answer.length, answer.every((byte) => byte === 7));
    }
    client.close();`,
  async (endpoint) => {
    await using server = new Server();
    await server.bind(endpoint);
    started(server.lastEndpoint!);
    for (const size of SIZES) {
      const [frame, from] = await server.receive(patient);
      assertEquals(frame.length, size);
      await server.send(frame, from);
    }
  },
  SIZES.map((size) => `${size} true`).join("\n"),
);

test(
  "CLIENT asks, libzmq's SERVER answers",
  (endpoint) => `
    const server = new zmq.Server();
    server.connect(${JSON.stringify(endpoint)});
    for (let i = 0; i < 3; i++) {
      const [message, { routingId }] = await server.receive();
      await server.send("re: " + message, { routingId });
    }
    console.log("done");
    server.close();`,
  async (endpoint) => {
    await using client = new Client();
    await client.bind(endpoint);
    started(client.lastEndpoint!);
    for (let i = 0; i < 3; i++) {
      await client.send(`${i}`, patient);
      assertEquals(text((await client.receive(patient))[0]), `re: ${i}`);
    }
  },
  "done",
);

test(
  "RADIO sends to libzmq's DISH",
  (endpoint) => `
    const dish = new zmq.Dish();
    zmq.Dish.prototype.join.call(dish, "a", "b", "");
    dish.connect(${JSON.stringify(endpoint)});
    for (let i = 0; i < 3; i++) {
      const [message, { group }] = await dish.receive();
      console.log(group.toString(), message.toString());
    }
    dish.close();`,
  async (endpoint) => {
    await using radio = new Radio();
    await radio.bind(endpoint);
    started(radio.lastEndpoint!);
    await radio.waitForMembers(1, { group: "a", ...patient });
    await radio.waitForMembers(1, { group: "b", ...patient });
    await radio.waitForMembers(1, { group: "", ...patient });
    await radio.send("no", { group: "c" });
    await radio.send("one", { group: "a" });
    await radio.send("two", { group: "b" });
    await radio.send("three", { group: "" });
  },
  "a one\nb two\n three",
);

test(
  "libzmq's RADIO sends to DISH",
  (endpoint) => `
    const radio = new zmq.Radio({ linger: 0 });
    radio.connect(${JSON.stringify(endpoint)});
    for (let i = 0; i < 100; i++) {
      await radio.send("skip", { group: "other" });
      await radio.send("body", { group: "g" });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    console.log("done");
    radio.close();`,
  async (endpoint) => {
    await using dish = new Dish();
    dish.join("g");
    await dish.bind(endpoint);
    started(dish.lastEndpoint!);
    for (let i = 0; i < 3; i++) {
      const [frame, { group }] = await dish.receive(patient);
      assertEquals([text(group), text(frame)], ["g", "body"]);
    }
  },
  "done",
);

test(
  "SCATTER sends to libzmq's GATHER, and the other way round",
  (endpoint) => `
    const gather = new zmq.Gather();
    const scatter = new zmq.Scatter();
    gather.connect(${JSON.stringify(endpoint)});
    for (let i = 0; i < 3; i++) console.log((await gather.receive())[0].toString());
    scatter.connect((await gather.receive())[0].toString());
    await scatter.send("back");
    gather.close();
    scatter.close();`,
  async (endpoint) => {
    await using scatter = new Scatter();
    await using gather = new Gather();
    await scatter.bind(endpoint);
    await gather.bind(endpoint.startsWith("ipc") ? `${endpoint}-back` : endpoint);
    started(scatter.lastEndpoint!);
    for (let i = 0; i < 3; i++) await scatter.send(`${i}`, patient);
    await scatter.send(gather.lastEndpoint!, patient);
    assertEquals(text((await gather.receive(patient))[0]), "back");
  },
  "0\n1\n2",
);

/** Has zeromq.js make sockets of the types that it has no class for: as this one does, with the number of libzmq's type. */
const madeAs = (like: string, type: number) => `
    class Drafted extends require("zeromq").Socket {
      constructor() { super(${type}); }
    }
    Drafted.prototype.send = zmq.${like}.prototype.send;
    Drafted.prototype.receive = zmq.${like}.prototype.receive;
    const socket = new Drafted();`;

test(
  "CHANNEL and libzmq's CHANNEL",
  (endpoint) =>
    `${madeAs("Client", 20)}
    socket.connect(${JSON.stringify(endpoint)});
    for (const size of ${JSON.stringify(SIZES)}) {
      await socket.send(Buffer.alloc(size, 7));
      const [answer] = await socket.receive();
      console.log(answer.length, answer.every((byte) => byte === 7));
    }
    socket.close();`,
  async (endpoint) => {
    await using channel = new Channel();
    await channel.bind(endpoint);
    started(channel.lastEndpoint!);
    for (const size of SIZES) {
      const message = await channel.receive(patient);
      assertEquals(message.map((frame) => frame.length), [size]);
      await channel.send(message[0]!);
    }
  },
  SIZES.map((size) => `${size} true`).join("\n"),
);

// zeromq.js tells whom a message is from only with a Server, so that its PEER cannot answer.
test(
  "PEER sends to libzmq's PEER",
  (endpoint) =>
    `${madeAs("Client", 19)}
    await socket.bind(${JSON.stringify(endpoint)});
    for (const size of ${JSON.stringify(SIZES)}) {
      const [message] = await socket.receive();
      console.log(message.length, message.every((byte) => byte === 7));
    }
    socket.close();`,
  async (endpoint) => {
    const address = endpoint.replace("*", String(freshPort()));
    started(address);
    await using peer = new Peer({ reconnectInterval: 10 });
    const routingId = peer.connectPeer(address);
    for (const size of SIZES) await peer.send(new Uint8Array(size).fill(7), { routingId, ...patient });
  },
  SIZES.map((size) => `${size} true`).join("\n"),
);
