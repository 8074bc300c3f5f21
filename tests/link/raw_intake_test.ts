import { assertEquals } from "@std/assert";
import { RawIntake } from "../../link/raw_intake.ts";

Deno.test("intake: a peer that fills its memory gets more, up to 16 KiB", () => {
  const intake = new RawIntake();
  const sizes: number[] = [];
  for (let i = 0; i < 5; i++) {
    const { length } = intake.space();
    sizes.push(length);
    assertEquals(intake.take(length)!.length, length);
  }
  assertEquals(sizes, [1024, 4096, 16384, 16384, 16384]);
});

Deno.test("intake: small messages share memory, one behind the other", () => {
  const intake = new RawIntake();
  const taken: Uint8Array[] = [];
  for (let i = 1; i <= 300; i++) {
    const space = intake.space();
    assertEquals(space.length >= 256, true);
    space.fill(i & 255, 0, 10);
    taken.push(intake.take(10)!);
  }
  for (const [i, bytes] of taken.entries()) assertEquals(Array.from(bytes), new Array(10).fill((i + 1) & 255));
  // 76 messages of 10 bytes leave less than a quarter of 1 KiB.
  assertEquals(new Set(taken.map(({ buffer }) => buffer)).size, Math.ceil(300 / 77));
});

Deno.test("intake: memory that was transferred is told, and replaced", () => {
  const intake = new RawIntake();
  const { buffer } = intake.space();
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
  assertEquals(intake.take(1), undefined);
  assertEquals(intake.space().length, 1024);
});
