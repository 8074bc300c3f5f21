import { assert, assertEquals, assertFalse } from "@std/assert";
import { curveKeyPair, Pull, Push, type Socket, ZmqError } from "../../mod.ts";
import { within } from "../support/deadline.ts";
import { TempDirectory } from "../support/temp.ts";

const { publicKey, secretKey } = curveKeyPair();
const PASSWORD = "correct horse battery staple";

/** All that a program prints without meaning to. */
function printed(value: unknown): string {
  const options = { depth: 20, showHidden: true, getters: false, iterableLimit: 10_000 };
  const stack = value instanceof Error ? `${value.stack} ${Deno.inspect(value.cause, options)}` : "";
  return `${value} ${Deno.inspect(value, options)} ${JSON.stringify(value)} ${stack}`;
}

/** A part of a secret is one, too. */
function assertNothingSecret(text: string): void {
  for (const secret of [secretKey, PASSWORD]) {
    for (let at = 0; at + 8 <= secret.length; at++) {
      assertFalse(text.includes(secret.slice(at, at + 8)), `it tells "${secret.slice(at, at + 8)}" in: ${text}`);
    }
  }
}

const sockets: Record<string, () => Socket> = {
  "a server of CURVE": () => new Pull({ curveServer: true, curveSecretKey: secretKey }),
  "a client of CURVE": () =>
    new Push({ curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey: publicKey, linger: 0 }),
  "a client of PLAIN": () => new Push({ plainUsername: "admin", plainPassword: PASSWORD, linger: 0 }),
};

for (const [name, make] of Object.entries(sockets)) {
  Deno.test(`secrets: ${name} does not print its own`, () => {
    using socket = make();
    assertNothingSecret(printed(socket));
    assertNothingSecret(printed(socket.events));
  });
}

Deno.test("secrets: an error about a key or a password does not say it", () => {
  using push = new Push();
  const wrong: [string, unknown][] = [
    ["curveSecretKey", `${secretKey}x`],
    ["curveSecretKey", secretKey.slice(1)],
    ["curveServerKey", { secretKey }],
    ["plainPassword", PASSWORD.repeat(20)],
    ["plainPassword", [PASSWORD]],
  ];
  for (const [option, value] of wrong) {
    let error: unknown;
    try {
      Object.assign(push, { [option]: value });
    } catch (thrown) {
      error = thrown;
    }
    assert(error instanceof Error, `${option} was taken`);
    assertNothingSecret(printed(error));
  }
});

Deno.test("secrets: the events of handshakes that fail do not tell them", async () => {
  using directory = new TempDirectory();
  // Of the two sides that do not understand each other each has a secret.
  await using pull = new Pull({ curveServer: true, curveSecretKey: secretKey });
  await using push = new Push({ plainUsername: "admin", plainPassword: PASSWORD, linger: 0, reconnectInterval: 10 });
  const events = [pull.events, push.events];
  await pull.bind(`ipc://${directory.at("endpoint")}`);
  push.connect(pull.lastEndpoint!);
  for (const [index, observed] of events.entries()) {
    const failed = (async () => {
      for await (const event of observed) {
        assertNothingSecret(printed(event));
        if (event.type.startsWith("handshake:error")) return event.type;
      }
      return "none";
    })();
    const type = await within(failed, `the failed handshake of ${index}`);
    assert(type !== "none", "there was no failed handshake");
  }
});

Deno.test("secrets: a call that fails on a socket with secrets does not tell them", async () => {
  await using push = sockets["a client of PLAIN"]!() as Push;
  const error = await push.send("x", { timeout: 0 }).then(() => null, (error) => error);
  assert(error instanceof ZmqError);
  assertEquals(error.code, "EAGAIN");
  assertNothingSecret(printed(error));
});
