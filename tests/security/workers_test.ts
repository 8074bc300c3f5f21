import { assertEquals } from "@std/assert";
import { Authenticator, Context, curveKeyPair, Dealer, Reply } from "../../mod.ts";
import { Log, until } from "../api/support.ts";
import { fresh, place, withWorkers } from "../inproc/support.ts";
import { within } from "../support/deadline.ts";
import type { SocketHost } from "../support/socket_host.ts";
import { compose, parse } from "./support.ts";

const CLIENT = { plainUsername: "admin", plainPassword: "secret" };
const SERVER = { plainServer: true, linger: 0, handshakeInterval: 10_000 };

/** A message from a client of the test's own isolate to a server. */
async function pass(server: Dealer): Promise<void> {
  await using client = new Dealer({ linger: 0, reconnectInterval: 20, ...CLIENT });
  await server.bind("ipc://*");
  client.connect(server.lastEndpoint!);
  await client.send("hello");
  assertEquals(new TextDecoder().decode((await within(server.receive(), "hello"))[0]), "hello");
}

/** Answers one request. */
async function answer(handler: Reply): Promise<void> {
  const request = parse(await within(handler.receive(), "a request"));
  assertEquals(request.credentials, ["admin", "secret"]);
  await handler.send(compose(request, { userId: "admin" }));
}

/** A server and a handler in these places find each other. */
async function meet(serverAt: SocketHost | null, handlerAt: SocketHost | null): Promise<void> {
  await using handler = place(handlerAt, Reply, { linger: 0 });
  await handler.bind("inproc://zeromq.zap.01");
  await using server = place(serverAt, Dealer, SERVER);
  await Promise.all([answer(handler), pass(server)]);
}

withWorkers("a ZAP handler in a Worker is asked by a server here", 1, (host) => meet(null, host));
withWorkers("a ZAP handler here is asked by a server in a Worker", 1, (host) => meet(host, null));
withWorkers("a ZAP handler in a Worker is asked by a server in another", 2, (one, other) => meet(one, other));

withWorkers("an Authenticator here decides for a server in a Worker", 1, async (host) => {
  await using authenticator = new Authenticator();
  authenticator.configurePlain("*", { admin: "secret" });
  await authenticator.start();
  await using server = place(host, Dealer, SERVER);
  await pass(server);
});

for (const at of ["here", "in a Worker"]) {
  withWorkers(
    `without a ZAP handler anywhere a server ${at} refuses passwords and takes peers without`,
    1,
    async (host) => {
      // The main isolate takes part in inproc: it can say that it has no handler.
      await using other = new Dealer({ linger: 0 });
      await other.bind(fresh());
      await using server = place(at === "here" ? null : host, Dealer, SERVER);
      await using open = place(at === "here" ? null : host, Dealer, { linger: 0, zapDomain: "test" });
      await using client = new Dealer({ linger: 0, ...CLIENT });
      const log = new Log(client);
      await server.bind("ipc://*");
      await open.bind("ipc://*");
      client.connect(server.lastEndpoint!);
      await log.wait("handshake:error:other", 2);
      other.connect(open.lastEndpoint!);
      await within(other.waitForPeers(), "the open server");
    },
  );
}

withWorkers(
  "where the main isolate says nothing of a ZAP handler, a Worker lets in nobody to ask about",
  1,
  async (host) => {
    const { publicKey, secretKey } = curveKeyPair();
    const curve = { curveServer: true, curveSecretKey: secretKey, linger: 0 };
    await using domain = place(host, Dealer, { linger: 0, zapDomain: "test" });
    await using known = place(host, Dealer, curve);
    // Encryption, and nobody to ask: what libzmq takes these two options for, too.
    await using free = place(host, Dealer, { ...curve, zapEnforceDomain: true });
    await using plain = new Dealer({ linger: 0 });
    await using client = new Dealer({
      linger: 0,
      curvePublicKey: publicKey,
      curveSecretKey: secretKey,
      curveServerKey: publicKey,
    });
    await domain.bind("ipc://*");
    await known.bind("ipc://*");
    await free.bind("ipc://*");
    const why = new Set<Dealer>();
    for (const each of [domain, known]) {
      // A peer that hangs up is one of these, too.
      each.events.on("handshake:error:other", ({ error }) => {
        if (error?.message.includes("main thread")) why.add(each);
      });
    }
    const logs = [new Log(plain), new Log(client)] as const;
    plain.connect(domain.lastEndpoint!);
    client.connect(known.lastEndpoint!);
    await Promise.all(logs.map((log) => log.wait("handshake:error:other")));
    assertEquals(logs.map((log) => log.count("handshake")), [0, 0]);
    await until(() => why.size === 2, "both say why");
    client.connect(free.lastEndpoint!);
    await logs[1].wait("handshake");
  },
);

withWorkers("a context that is not shared has a ZAP handler of its own", 1, async (host) => {
  await using handler = place(host, Reply, { linger: 0 });
  await handler.bind("inproc://zeromq.zap.01");
  const context = new Context();
  await using server = new Dealer({ context, ...SERVER });
  await using client = new Dealer({ linger: 0, ...CLIENT });
  const log = new Log(client);
  await server.bind("ipc://*");
  client.connect(server.lastEndpoint!);
  await log.wait("handshake:error:other");
});

for (const busy of [200, 1500]) {
  withWorkers(
    `a ZAP handler here is asked by a Worker even if this isolate is busy for ${busy} ms`,
    2,
    async (one, other) => {
      await using handler = new Reply({ linger: 0 });
      await handler.bind("inproc://zeromq.zap.01");
      await using server = place(one, Dealer, { linger: 0, zapDomain: "test" });
      await using client = place(other, Dealer, { linger: 0 });
      const seen: string[] = [];
      for (const type of ["handshake", "handshake:error:auth"] as const) client.events.on(type, () => seen.push(type));
      await server.bind("ipc://*");
      client.connect(server.lastEndpoint!);
      // Longer than a Worker waits when it only wants to bind, or than it waits for an answer.
      for (const end = performance.now() + busy; performance.now() < end;);
      const request = parse(await within(handler.receive(), "a request"));
      await handler.send(compose(request, { status: "400" }));
      await until(() => seen.length > 0, "the refusal");
      assertEquals(seen, ["handshake:error:auth"]);
    },
  );
}
