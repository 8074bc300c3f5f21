import { assert, assertEquals, assertThrows } from "@std/assert";
import { BrokenRingError, SharedRing } from "../../transports/shared_ring.ts";
import { randomness } from "../zmtp/support.ts";
import { within } from "../support/deadline.ts";

const SIZE = 256;
/** Where the lines of the two sides begin, and the fields in them: the memory's layout. */
const LINE = [16, 48];
const TAIL = 0;
const HEAD = 16;

/** The two sides of one memory. */
function pair(): [SharedRing, SharedRing] {
  const offered = SharedRing.offer(SIZE);
  return [offered, SharedRing.from(offered.buffer)];
}

Deno.test("shared ring: what is written is read, in order, through any number of turns", () => {
  const random = randomness(11);
  const [writer, reader] = pair();
  let written = 0;
  let read = 0;
  for (let step = 0; step < 20_000; step++) {
    if (random(2) === 0) {
      const bytes = Uint8Array.from({ length: random(SIZE + 50) }, (_, i) => (written + i) * 7);
      const room = SIZE - (written - read);
      assertEquals(writer.writable, room);
      const count = writer.write(bytes, 0, bytes.length);
      assertEquals(count, Math.min(bytes.length, room));
      written += count;
    } else {
      const into = new Uint8Array(random(SIZE + 50));
      assertEquals(reader.readable, written - read);
      const count = reader.read(into);
      assertEquals(count, Math.min(into.length, written - read));
      for (let i = 0; i < count; i++) assertEquals(into[i], ((read + i) * 7) & 255);
      read += count;
    }
  }
  assert(read > 100 * SIZE);
});

Deno.test("shared ring: only the part that is named is written", () => {
  const [writer, reader] = pair();
  assertEquals(writer.write(Uint8Array.of(1, 2, 3, 4, 5), 1, 4), 3);
  const into = new Uint8Array(8);
  assertEquals([reader.read(into), ...into.subarray(0, 3)], [3, 2, 3, 4]);
});

Deno.test("shared ring: positions wrap at 2³² bytes, and nobody notices", () => {
  const size = 2 ** 24;
  const writer = SharedRing.offer(size);
  const reader = SharedRing.from(writer.buffer);
  const [from, into] = [new Uint8Array(size), new Uint8Array(size)];
  // Whole rings are copied fast: only the last bytes of each tell which it is.
  for (let turn = 0; turn < 2 ** 8 + 2; turn++) {
    from[size - 9] = turn & 255;
    assertEquals(writer.write(from, 0, size - 8), size - 8);
    assertEquals([reader.readable, writer.writable], [size - 8, 8]);
    assertEquals(reader.read(into.subarray(0, size - 8)), size - 8);
    assertEquals(into[size - 9], turn & 255);
    // The rest of the turn, so that places stay alike modulo 8.
    assertEquals([writer.write(from, 0, 8), reader.read(into.subarray(0, 8))], [8, 8]);
  }
  assert(new Int32Array(writer.buffer)[LINE[0]! + TAIL]! >= size, "they have come round");
});

Deno.test("shared ring: impossible positions are noticed", () => {
  const [forger, reader] = pair();
  new Int32Array(forger.buffer)[LINE[0]! + TAIL] = SIZE + 1;
  assertThrows(() => reader.readable, BrokenRingError);
  assertThrows(() => reader.read(new Uint8Array(1)), BrokenRingError);
  const [writer, other] = pair();
  new Int32Array(writer.buffer)[LINE[1]! + HEAD] = 1;
  assertThrows(() => writer.write(new Uint8Array(1), 0, 1), BrokenRingError);
  assertThrows(() => writer.writable, BrokenRingError);
  assertEquals(other.readable, 0);
});

Deno.test("shared ring: memory that holds none is refused", () => {
  for (const size of [0, 100, 4543, 4544 + 2 * SIZE]) {
    assertThrows(() => SharedRing.from(new SharedArrayBuffer(size)), BrokenRingError);
  }
  assertThrows(() => SharedRing.from(new ArrayBuffer(10_000) as never), BrokenRingError);
  assertThrows(() => SharedRing.from(undefined as never), BrokenRingError);
  const { buffer } = SharedRing.offer(SIZE);
  new Int32Array(buffer)[2] = SIZE - 1;
  assertThrows(() => SharedRing.from(buffer), BrokenRingError);
});

Deno.test("shared ring: an offer is taken once, or withdrawn", () => {
  const [one, other] = pair();
  assertEquals([other.claim(), other.claim(), one.withdraw(), one.accepted], [true, false, false, false]);
  other.accept();
  assertEquals([one.accepted, one.withdraw()], [true, false]);
  const [again, late] = pair();
  assertEquals([again.withdraw(), again.withdraw(), late.claim(), again.accepted], [true, true, false, false]);
});

Deno.test("shared ring: each side reads what the other says of itself", () => {
  const [one, other] = pair();
  one.introduce(Uint8Array.of(1, 2));
  other.introduce(new Uint8Array());
  assertEquals([[...other.introduction], [...one.introduction]], [[1, 2], []]);
  one.limit(3, 4);
  assertEquals([other.receiveLimit, one.receiveLimit], [4, 0]);
  one.conflate = true;
  assert(other.conflate);
  one.close();
  one.finish();
  assertEquals([other.closed, other.finished, one.closed, one.finished], [true, true, false, false]);
});

Deno.test("shared ring: a sleeper is woken by what it waits for, and by nothing else", async () => {
  const [one, other] = pair();
  const hold = setInterval(() => {}, 1000);
  try {
    let awake = false;
    const sleep = () => {
      awake = false;
      one.arm();
      const rung = one.sleep();
      assert(rung !== null);
      return within(rung.then(() => awake = true), "the bell");
    };
    const still = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      assertEquals(awake, false);
    };
    // Messages that were read, when nobody waits for them; then when somebody does, but for more.
    let rung = sleep();
    other.acknowledge(5);
    await still();
    one.wantCredit(8);
    other.acknowledge(7);
    await still();
    other.acknowledge(8);
    await rung;
    one.wantCredit(null);
    // Room in the ring.
    assertEquals(one.write(new Uint8Array(SIZE), 0, SIZE), SIZE);
    rung = sleep();
    other.read(new Uint8Array(1));
    await still();
    one.wantSpace(true);
    other.read(new Uint8Array(1));
    await rung;
    for (const act of [() => other.wake(), () => other.finish(), () => other.close()]) {
      rung = sleep();
      act();
      await rung;
    }
    // A bell that has rung before is not slept through.
    one.arm();
    other.wake();
    assertEquals(one.sleep(), null);
    rung = sleep();
    one.disarm();
    await rung;
  } finally {
    clearInterval(hold);
  }
});
