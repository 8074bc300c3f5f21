// PLAIN and ZAP with libzmq in either role.

import { assert, assertEquals } from "@std/assert";
import { Authenticator, Context, Dealer } from "../../mod.ts";
import { ProtocolError } from "../../zmtp/error.ts";
import { Log, text, until } from "../api/support.ts";
import { libzmqTest } from "../peer/libzmq_test_case.ts";
import { LibzmqPeer, type PeerOptions, type PeerSocket } from "../peer/peer.ts";
import { compose, Handler, parse, type ZapReply, type ZapRequest } from "../security/support.ts";
import { within } from "../support/deadline.ts";

const OURS = { plainUsername: "admin", plainPassword: "secret" };
const THEIRS: PeerOptions = { PLAIN_USERNAME: "admin", PLAIN_PASSWORD: "secret" };
const HANDSHAKES = [
  "HANDSHAKE_SUCCEEDED",
  "HANDSHAKE_FAILED_AUTH",
  "HANDSHAKE_FAILED_PROTOCOL",
  "HANDSHAKE_FAILED_NO_DETAIL",
] as const;

/** A ZAP handler that is a REP of libzmq, in the context of the peer. */
class LibzmqHandler {
  readonly socket: PeerSocket;

  private constructor(socket: PeerSocket) {
    this.socket = socket;
  }

  static async bind(peer: LibzmqPeer): Promise<LibzmqHandler> {
    const socket = await peer.open("REP");
    await socket.bind("inproc://zeromq.zap.01");
    return new LibzmqHandler(socket);
  }

  /** Answers the next request. */
  async answer(reply: ZapReply): Promise<ZapRequest> {
    const request = parse(await this.socket.receive());
    await this.socket.send(compose(request, reply));
    return request;
  }
}

/** Where either may bind. */
const PLACES = ["ipc://*", "tcp://127.0.0.1:*"];

async function bounce(ours: Dealer, theirs: PeerSocket): Promise<void> {
  await ours.send("to libzmq");
  assertEquals(await theirs.receiveText(), ["to libzmq"]);
  await theirs.send(["to denomq"]);
  assertEquals(text(await within(ours.receive(), "the answer")), ["to denomq"]);
}

/** What a handshake of libzmq has come to. */
async function outcome(socket: PeerSocket): Promise<[string, number]> {
  const { event, value } = await socket.waitEvent(HANDSHAKES);
  return [event, value];
}

function status(error: Error | undefined): unknown[] {
  assert(error instanceof ProtocolError, String(error));
  return [error.kind, error.status];
}

libzmqTest("interop: PLAIN, libzmq is the server", async () => {
  await using peer = await LibzmqPeer.start();
  const handler = await LibzmqHandler.bind(peer);
  for (
    const [binds, place] of ["libzmq", "denomq"].flatMap((binds) => PLACES.map((place) => [binds, place] as const))
  ) {
    await using ours = new Dealer({ linger: 0, routingId: "me", ...OURS });
    const theirs = await peer.open("DEALER", { PLAIN_SERVER: 1, ZAP_DOMAIN: "test", ROUTING_ID: "IDENT" });
    if (binds === "libzmq") ours.connect(await theirs.bind(place));
    else {
      await ours.bind(place);
      await theirs.connect(ours.lastEndpoint!);
    }
    const { domain, routingId, mechanism, credentials } = await handler.answer({ userId: "admin" });
    assertEquals([domain, routingId, mechanism, credentials], ["test", "IDENT", "PLAIN", ["admin", "secret"]]);
    await bounce(ours, theirs);
    await theirs.close();
  }
});

libzmqTest("interop: PLAIN, libzmq is the server and refuses, in its own words", async () => {
  await using peer = await LibzmqPeer.start();
  const handler = await LibzmqHandler.bind(peer);
  for (const code of [400, 500]) {
    await using ours = new Dealer({ linger: 0, reconnectInterval: 1, ...OURS });
    const log = new Log(ours);
    const theirs = await peer.open("DEALER", { PLAIN_SERVER: 1 });
    ours.connect(await theirs.bind("ipc://*"));
    await handler.answer({ status: String(code) });
    assertEquals(status((await log.wait("handshake:error:auth")).error), ["peer-error", code]);
    assertEquals(await outcome(theirs), ["HANDSHAKE_FAILED_AUTH", code]);
    ours.close();
    assertEquals(await log.end(), ["connect", "handshake:error:auth", "disconnect", "end"]);
    await theirs.close();
  }
});

libzmqTest("interop: PLAIN, libzmq is the server and has no handler", async () => {
  await using peer = await LibzmqPeer.start();
  // libzmq says that it has failed, and may keep the connection all the same.
  await using ours = new Dealer({ linger: 0, reconnectInterval: 10, handshakeInterval: 200, ...OURS });
  const log = new Log(ours);
  const theirs = await peer.open("DEALER", { PLAIN_SERVER: 1 });
  ours.connect(await theirs.bind("ipc://*"));
  assertEquals((await outcome(theirs))[0], "HANDSHAKE_FAILED_NO_DETAIL");
  await log.wait("connect:retry");
  const handler = await LibzmqHandler.bind(peer);
  await handler.answer({});
  await bounce(ours, theirs);
});

libzmqTest("interop: PLAIN, libzmq is the client", async () => {
  await using peer = await LibzmqPeer.start();
  const context = new Context();
  await using authenticator = new Authenticator({ context });
  authenticator.configurePlain("*", { admin: "secret" });
  await authenticator.start();
  for (
    const [binds, place] of ["libzmq", "denomq"].flatMap((binds) => PLACES.map((place) => [binds, place] as const))
  ) {
    await using ours = new Dealer({ context, linger: 0, plainServer: true });
    const theirs = await peer.open("DEALER", THEIRS);
    if (binds === "libzmq") ours.connect(await theirs.bind(place));
    else {
      await ours.bind(place);
      await theirs.connect(ours.lastEndpoint!);
    }
    await bounce(ours, theirs);
    assertEquals((await outcome(theirs))[0], "HANDSHAKE_SUCCEEDED");
    await theirs.close();
  }
  await using ours = new Dealer({ context, linger: 0, plainServer: true });
  const log = new Log(ours);
  await ours.bind("ipc://*");
  const theirs = await peer.open("DEALER", { ...THEIRS, PLAIN_PASSWORD: "guess" });
  await theirs.connect(ours.lastEndpoint!);
  assertEquals(status((await log.wait("handshake:error:auth")).error), ["refused", 400]);
  // It does not know the ERROR of RFC 24, but one that it has misspelt itself: UNEXPECTED_COMMAND.
  assertEquals(await outcome(theirs), ["HANDSHAKE_FAILED_PROTOCOL", 0x10000001]);
});

libzmqTest("interop: PLAIN, mechanisms and roles that do not match", async () => {
  await using peer = await LibzmqPeer.start();
  const cases = [[{ plainServer: true }, {}, 0x11000002], [OURS, THEIRS, 0x10000001]] as const;
  for (const [options, theirOptions, value] of cases) {
    await using ours = new Dealer({ linger: 0, ...options });
    const log = new Log(ours);
    await ours.bind("ipc://*");
    const theirs = await peer.open("DEALER", theirOptions);
    await theirs.connect(ours.lastEndpoint!);
    assertEquals(await outcome(theirs), ["HANDSHAKE_FAILED_PROTOCOL", value]);
    // Whoever sees it first hangs up.
    await until(() => log.types.length > 2, "the end of the attempt");
    assert(/^handshake:error:(protocol|other)$/.test(log.types[2]!), log.types[2]);
    assertEquals(ours.peerCount, 0);
    await theirs.close();
  }
});

libzmqTest("interop: NULL with a domain, on either side", async () => {
  await using peer = await LibzmqPeer.start();
  const theirHandler = await LibzmqHandler.bind(peer);
  const context = new Context();
  let reply: ZapReply = {};
  await using _handler = await Handler.bind(context, () => reply);
  for (const code of [200, 400]) {
    await using ours = new Dealer({ context, linger: 0, zapDomain: "ours" });
    const log = new Log(ours);
    const theirs = await peer.open("DEALER", code === 200 ? { ZAP_DOMAIN: "theirs" } : {});
    reply = { status: String(code) };
    ours.connect(await theirs.bind("ipc://*"));
    if (code === 200) {
      const request = await theirHandler.answer({});
      assertEquals([request.domain, request.mechanism, request.credentials], ["theirs", "NULL", []]);
      await bounce(ours, theirs);
    } else {
      assertEquals(status((await log.wait("handshake:error:auth")).error), ["refused", 400]);
      assertEquals(await outcome(theirs), ["HANDSHAKE_FAILED_AUTH", 400]);
    }
    await theirs.close();
  }
});

libzmqTest("interop: NULL, libzmq refuses after it has had our READY", async () => {
  await using peer = await LibzmqPeer.start();
  const handler = await LibzmqHandler.bind(peer);
  await using ours = new Dealer({ linger: 0, reconnectInterval: 1 });
  const log = new Log(ours);
  const theirs = await peer.open("DEALER", { ZAP_DOMAIN: "theirs" });
  ours.connect(await theirs.bind("ipc://*"));
  await handler.answer({ status: "500" });
  assertEquals(status((await log.wait("handshake:error:auth")).error), ["peer-error", 500]);
  ours.close();
  assertEquals(await log.end(), ["connect", "handshake:error:auth", "disconnect", "end"]);
});

libzmqTest("interop: a ZAP request is frame by frame what libzmq's is", async () => {
  await using peer = await LibzmqPeer.start();
  const theirHandler = await LibzmqHandler.bind(peer);
  const context = new Context();
  await using ourHandler = await Handler.bind(context);
  await using ours = new Dealer({
    context,
    linger: 0,
    plainServer: true,
    zapDomain: "test",
    routingId: "IDENT",
  });
  const theirs = await peer.open("DEALER", { PLAIN_SERVER: 1, ZAP_DOMAIN: "test", ROUTING_ID: "IDENT" });
  await using client = new Dealer({ linger: 0, ...OURS });
  await ours.bind("ipc://*");
  client.connect(ours.lastEndpoint!);
  client.connect(await theirs.bind("ipc://*"));
  const libzmq = await theirHandler.answer({});
  await within(client.waitForPeers(2), "both servers");
  // An id is anybody's own, and an address of ipc has user, group and process behind the name.
  assertEquals({ ...ourHandler.requests[0]!, id: "", address: "" }, { ...libzmq, id: "", address: "" });
  assertEquals(ourHandler.requests[0]!.address.split(":")[0], libzmq.address.split(":")[0]);
});
