import { assertEquals, assertThrows } from "@std/assert";
import type { Authenticate, AuthenticationRequest, Verdict } from "../../zmtp/authentication.ts";
import { ProtocolError, type ProtocolErrorKind, ProtocolErrorValue as Value } from "../../zmtp/error.ts";
import type { MachineOptions } from "../../zmtp/machine.ts";
import { PlainClient, PlainServer } from "../../zmtp/plain.ts";
import { assertFails, bytes, command, greeting, join, property, readyCommand, Side, text } from "./support.ts";

const opening = greeting({ mechanism: "PLAIN" });
const properties = property("Socket-Type", "DEALER");
const HELLO = command("HELLO", 5, "admin", 6, "secret");
const INITIATE = command("INITIATE", properties);

/** A third party that answers when the test wants it to. */
class Oracle {
  readonly requests: AuthenticationRequest[] = [];
  #answers: ((verdict: Verdict | ProtocolError) => void)[] = [];

  readonly authenticate: Authenticate = (request, answer) => {
    this.requests.push(request);
    this.#answers.push(answer);
  };

  say(verdict: Partial<Verdict> | ProtocolError): void {
    const answer = this.#answers.shift()!;
    if (verdict instanceof ProtocolError) answer(verdict);
    else answer({ status: 200, userId: "", metadata: new Map(), ...verdict });
  }
}

/** A third party that knows no doubt. */
function always(verdict: Partial<Verdict>): Authenticate {
  return (_, answer) => answer({ status: 200, userId: "", metadata: new Map(), ...verdict });
}

function client(username = "admin", password = "secret", options: Partial<MachineOptions> = {}): Side {
  return new Side({ mechanism: () => new PlainClient(bytes(username), bytes(password)), ...options });
}

function server(authenticate: Authenticate | null, options: Partial<MachineOptions> = {}): Side {
  return new Side({ mechanism: (ask) => new PlainServer(ask), authenticate, ...options });
}

Deno.test("PLAIN: each side says what RFC 24 wants, in its order", () => {
  const oracle = new Oracle();
  const here = server(oracle.authenticate);
  const there = client();
  for (const side of [here, there]) side.feed(opening);
  assertEquals(here.output()[32], 1);
  const greeted = there.output();
  assertEquals([greeted[32], text(greeted.subarray(64))], [0, text(HELLO)]);
  here.feed(HELLO);
  assertEquals(here.output(), bytes());
  oracle.say({});
  assertEquals(text(here.output()), "\x04\x08\x07WELCOME");
  there.feed(command("WELCOME"));
  assertEquals(text(there.output()).startsWith("\x04\x2c\x08INITIATE\x0bSocket-Type\0\0\0\x06DEALER"), true);
  here.feed(INITIATE);
  assertEquals([here.sink.events, text(here.output()).slice(2, 8)], [[["ready"]], "\x05READY"]);
  assertEquals(there.machine.phase, "handshake");
  there.feed(readyCommand());
  assertEquals([there.sink.events, here.machine.cipher, there.machine.cipher], [[["ready"]], null, null]);
});

Deno.test("PLAIN: user name and password of any length get to the third party", () => {
  for (
    const [username, password] of [["admin", "secret"], ["", ""], ["x".repeat(255), "\xff\0y".repeat(85)]] as const
  ) {
    for (const piece of [1, 7, Infinity]) {
      const oracle = new Oracle();
      const here = server(oracle.authenticate, { socketType: "ROUTER" });
      const there = client(username, password, { routingId: bytes("me") });
      join(there, here, piece);
      assertEquals(oracle.requests.map(({ mechanism }) => mechanism), ["PLAIN"]);
      assertEquals(oracle.requests[0]!.credentials.map(text), [username, password]);
      assertEquals([here.machine.phase, there.machine.phase], ["handshake", "handshake"]);
      oracle.say({});
      join(there, here, piece);
      assertEquals([here.machine.phase, there.machine.phase], ["traffic", "traffic"]);
      assertEquals([text(here.machine.peer!.routingId), there.machine.peer!.socketType], ["me", "ROUTER"]);
    }
  }
});

Deno.test("PLAIN: what the third party knows of the peer is kept, and the peer cannot say it of itself", () => {
  const metadata = new Map([["Hello", bytes("World")], ["X-Colour", bytes("blue")]]);
  const here = server(always({ userId: "anna", metadata }));
  const claims = [["X-Colour", bytes("red")], ["X-Size", bytes("9")], ["user-ID", bytes("root")]] as const;
  join(client("a", "b", { metadata: new Map(claims) }), here);
  const peer = here.machine.peer!;
  assertEquals(peer.userId, "anna");
  assertEquals(Object.fromEntries([...peer.metadata].map(([name, value]) => [name, text(value)])), {
    "Socket-Type": "DEALER",
    "Identity": "",
    "X-Size": "9",
    "X-Colour": "blue",
    "Hello": "World",
  });
});

Deno.test("PLAIN: who is refused is told the status, and both sides fail with it", () => {
  for (const status of [400, 500] as const) {
    const here = server(always({ status }));
    const there = client();
    there.feed(opening);
    const hello = there.output().subarray(64);
    here.feed(opening);
    here.output();
    const refused = assertFails(here, "refused", () => here.feed(hello));
    assertEquals([refused.status, refused.reason, refused.value], [status, String(status), undefined]);
    const error = here.output();
    assertEquals(text(error), `\x04\x0a\x05ERROR\x03${status}`);
    assertEquals(assertFails(there, "peer-error", () => there.feed(error)).status, status);
  }
});

Deno.test("PLAIN: with status 300 the peer is told nothing until its time is over", () => {
  const here = server(always({ status: 300 }), { handshakeInterval: 100 });
  here.feed(bytes(opening, HELLO));
  here.output();
  assertEquals([here.machine.phase, here.machine.hasOutput, here.machine.deadline], ["handshake", false, 100]);
  assertFails(here, "handshake-timeout", () => here.machine.tick(100));
  assertEquals(here.machine.hasOutput, false);
});

Deno.test("PLAIN: a server with nobody to ask refuses everybody", () => {
  const here = server(null);
  const error = assertFails(here, "no-authenticator", () => here.feed(bytes(opening, HELLO)));
  assertEquals([error.code, error.status, error.value], ["EFAULT", undefined, undefined]);
});

Deno.test("PLAIN: the third party may fail, now or later", () => {
  const failure = new ProtocolError("authenticator", "Nonsense", { value: Value.ZAP_BAD_VERSION });
  const now = server((_, answer) => answer(failure));
  assertEquals(assertFails(now, "authenticator", () => now.feed(bytes(opening, HELLO))), failure);
  const oracle = new Oracle();
  const later = server(oracle.authenticate);
  later.feed(bytes(opening, HELLO));
  oracle.say(failure);
  assertEquals(assertThrows(() => later.machine.advance(1), ProtocolError), failure);
});

Deno.test("PLAIN: an answer that comes too late changes nothing", () => {
  const oracle = new Oracle();
  const here = server(oracle.authenticate, { handshakeInterval: 100 });
  here.feed(bytes(opening, HELLO));
  assertFails(here, "handshake-timeout", () => here.machine.tick(100));
  oracle.say({});
  assertEquals([here.machine.phase, here.sink.events], ["failed", []]);
});

Deno.test("PLAIN: mechanisms and roles have to match", () => {
  const plain = server(always({}));
  assertFails(plain, "mechanism-mismatch", () => plain.feed(greeting()));
  const none = new Side();
  assertFails(none, "mechanism-mismatch", () => none.feed(opening));
  const [a, b] = [client(), client()];
  a.feed(opening);
  b.feed(opening);
  const error = assertFails(a, "unexpected-command", () => a.feed(b.output().subarray(64)));
  assertEquals(error.value, Value.UNEXPECTED_COMMAND);
  const [c, d] = [server(always({})), server(always({}))];
  join(c, d);
  assertEquals([c.machine.phase, d.machine.phase], ["handshake", "handshake"]);
});

/** One step too many, too early or malformed: what comes, and how the side has to fail. */
type Step = [name: string, data: Uint8Array, kind: ProtocolErrorKind, value?: number];

const anywhere: Step[] = [
  ["a message", bytes(0, 2, "hi"), "unexpected-command", Value.UNEXPECTED_COMMAND],
  ["an unknown command", command("BONJOUR"), "unexpected-command", Value.UNEXPECTED_COMMAND],
  ["a command without a name", bytes(4, 1, 0), "malformed-command", Value.MALFORMED_COMMAND_UNSPECIFIED],
  ["a command cut short", bytes(4, 3, 5, "HE"), "malformed-command", Value.MALFORMED_COMMAND_UNSPECIFIED],
  ["a frame too long", bytes(6, 0, 0, 0, 0, 1, 0, 0, 0), "message-too-large"],
];

/** A server refuses; a client has nothing to say of that, and libzmq's server does not listen either. */
const refusals: Record<"client" | "server", Step[]> = {
  client: [
    ["an ERROR", command("ERROR", 3, "400"), "peer-error"],
    ["an ERROR without a reason", command("ERROR"), "malformed-command", Value.MALFORMED_COMMAND_ERROR],
    [
      "an ERROR with too long a reason",
      command("ERROR", 9, "short"),
      "malformed-command",
      Value.MALFORMED_COMMAND_ERROR,
    ],
  ],
  server: [
    ["an ERROR", command("ERROR", 3, "400"), "unexpected-command", Value.UNEXPECTED_COMMAND],
    ["an ERROR without a reason", command("ERROR", ""), "unexpected-command", Value.UNEXPECTED_COMMAND],
  ],
};

const early = (name: string, ...data: (string | number | Uint8Array)[]): Step => [
  `${name} where it is not due`,
  command(name, ...data),
  "unexpected-command",
  Value.UNEXPECTED_COMMAND,
];

const badHello = (name: string, ...data: (string | number | Uint8Array)[]): Step => [
  `a HELLO ${name}`,
  command("HELLO", ...data),
  "malformed-command",
  Value.MALFORMED_COMMAND_HELLO,
];

const badMetadata = (name: string): Step[] => [
  [`${name} cut short`, command(name, 11, "Socket-Type", 0, 0, 0), "malformed-metadata", Value.INVALID_METADATA],
  [`${name} of another type`, command(name, property("Socket-Type", "PUB")), "type-mismatch"],
];

const states: Record<string, { side: () => Side; steps: Step[] }> = {
  "a server that waits for HELLO": {
    side: () => {
      const side = server(always({}));
      side.feed(opening);
      return side;
    },
    steps: [
      early("INITIATE", properties),
      early("WELCOME"),
      early("READY", properties),
      badHello("without anything"),
      badHello("without a password", 5, "admin"),
      badHello("with a user name that is too long", 6, "admin"),
      badHello("with a password cut short", 5, "admin", 6, "secre"),
      badHello("with more behind it", 5, "admin", 6, "secret!"),
    ],
  },
  "a server that waits for the third party": {
    side: () => {
      const side = server(new Oracle().authenticate);
      side.feed(bytes(opening, HELLO));
      return side;
    },
    steps: [early("HELLO", 5, "admin", 6, "secret"), early("INITIATE", properties)],
  },
  "a server that waits for INITIATE": {
    side: () => {
      const side = server(always({}));
      side.feed(bytes(opening, HELLO));
      return side;
    },
    steps: [early("HELLO", 5, "admin", 6, "secret"), early("READY", properties), ...badMetadata("INITIATE")],
  },
  "a client that waits for WELCOME": {
    side: () => {
      const side = client();
      side.feed(opening);
      return side;
    },
    steps: [
      early("READY", properties),
      early("HELLO", 5, "admin", 6, "secret"),
      ["a WELCOME with data", command("WELCOME", "!"), "malformed-command", Value.MALFORMED_COMMAND_WELCOME],
      ["libzmq's ERROR", bytes(4, 9, "^RROR", 3, "400"), "peer-error"],
      [
        "libzmq's ERROR cut short",
        bytes(4, 8, "^RROR", 3, "40"),
        "malformed-command",
        Value.MALFORMED_COMMAND_UNSPECIFIED,
      ],
    ],
  },
  "a client that waits for READY": {
    side: () => {
      const side = client();
      side.feed(bytes(opening, command("WELCOME")));
      return side;
    },
    steps: [
      early("WELCOME"),
      early("INITIATE", properties),
      ["libzmq's ERROR", bytes(4, 9, "^RROR", 3, "500"), "peer-error"],
      ...badMetadata("READY"),
    ],
  },
};

for (const [state, { side: make, steps }] of Object.entries(states)) {
  const role = state.startsWith("a client") ? "client" : "server";
  for (const [name, data, kind, value] of [...anywhere, ...refusals[role], ...steps]) {
    Deno.test(`PLAIN: ${state} does not take ${name}`, () => {
      const side = make();
      side.output();
      const error = assertFails(side, kind, () => side.feed(data));
      assertEquals([error.value, side.sink.events], [value, []]);
      // A type that does not fit is said; nothing that welcomes the peer is.
      assertEquals(text(side.output()).startsWith("\x05ERROR", 2), kind === "type-mismatch");
    });
  }
}

Deno.test("PLAIN: libzmq's ERROR tells the status", () => {
  const side = client();
  side.feed(opening);
  const error = assertFails(side, "peer-error", () => side.feed(bytes(4, 9, "^RROR", 3, "400")));
  assertEquals([error.reason, error.status], ["400", 400]);
  const here = server(always({}));
  here.feed(opening);
  assertFails(here, "malformed-command", () => here.feed(bytes(4, 9, "^RROR", 3, "400")));
});

Deno.test("NULL: asks before it sends READY, whichever comes first: the answer or the peer's READY", () => {
  for (const first of ["answer", "READY"]) {
    const oracle = new Oracle();
    const side = new Side({ authenticate: oracle.authenticate });
    side.feed(greeting());
    assertEquals([side.output().length, oracle.requests], [64, [{ mechanism: "NULL", credentials: [] }]]);
    if (first === "READY") side.feed(readyCommand());
    assertEquals([side.sink.events, side.output()], [[], bytes()]);
    oracle.say({ userId: "bob" });
    assertEquals(text(side.output()).slice(2, 8), "\x05READY");
    if (first === "answer") side.feed(readyCommand());
    assertEquals([side.sink.events, side.machine.peer!.userId], [[["ready"]], "bob"]);
  }
});

Deno.test("NULL: refuses, waits and fails as the third party says", () => {
  const refusing = new Side({ authenticate: always({ status: 400 }) });
  assertEquals(assertFails(refusing, "refused", () => refusing.feed(greeting())).status, 400);
  assertEquals(text(refusing.output().subarray(64)), "\x04\x0a\x05ERROR\x03400");
  const waiting = new Side({ authenticate: always({ status: 300 }) });
  waiting.feed(bytes(greeting(), readyCommand()));
  assertEquals([waiting.machine.phase, waiting.output().length], ["handshake", 64]);
  const oracle = new Oracle();
  const mismatched = new Side({ authenticate: oracle.authenticate });
  mismatched.feed(bytes(greeting(), readyCommand("PUB")));
  mismatched.output();
  oracle.say({});
  assertFails(mismatched, "type-mismatch", () => mismatched.machine.advance(1));
  assertEquals(text(mismatched.output()).slice(2, 8), "\x05ERROR");
  const twice = new Side({ authenticate: new Oracle().authenticate });
  twice.feed(bytes(greeting(), readyCommand()));
  assertFails(twice, "unexpected-command", () => twice.feed(readyCommand()));
});
