/**
 * Ports of tcp for tests.
 *
 * @module
 */

/** Below the ports that the system gives to whoever asks for any, and to those who connect. */
const [FIRST, COUNT] = [10_000, 22_000];

let last = Deno.pid * 97;

/** A port of 127.0.0.1 that nothing is bound to, and that can be bound again and again. */
export function freshPort(): number {
  for (;;) {
    const port = FIRST + ++last % COUNT;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
