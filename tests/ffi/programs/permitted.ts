/**
 * A program with few permissions. The first argument says what it tries: `calls` calls libc; `vmci` binds and connects, which
 * is to fail before there is a socket; the name of a system does so as if this were it.
 *
 * @module
 */

const [name = ""] = Deno.args;

if (name === "calls") await calls();
else await vmci();

/** Writes a line, by libc, tries to send to what is no socket, and sends bytes through the poller. */
async function calls(): Promise<void> {
  const { releaseLibc, useLibc, errnoAfter } = await import("../../../ffi/libc.ts");
  const { sendBoth } = await import("../../../ffi/gather.ts");
  const { Watch, READABLE, watch } = await import("../../../ffi/poller.ts");
  const libc = useLibc();
  const hello = new TextEncoder().encode("hello\n");
  libc.write(1, hello, BigInt(hello.length));
  // What comes between a call and its error may leave another one: nothing does.
  const sent = sendBoth(libc, 1, hello, hello, hello.length, 0);
  const errno = errnoAfter(libc);
  if (sent !== -1) throw new Error("the output is a socket");
  console.log(errno);
  // An eventfd that counts to 3 is a descriptor that becomes readable.
  const fd = libc.eventfd(0, 0o2004000);
  if (fd === -1) throw new Error(`eventfd: ${errnoAfter(libc)}`);
  const value = new Uint8Array(8);
  const readable = Promise.withResolvers<void>();
  const watched = watch(fd, { readable: () => readable.resolve(), writable: () => {} });
  if (!(watched instanceof Watch)) throw new Error("nothing is watched");
  watched.want(READABLE);
  setTimeout(() => libc.write(fd, Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0), 8n), 20);
  await readable.promise;
  libc.read(fd, value, 8n);
  console.log(value[0]);
  await watched.end();
  releaseLibc();
}

/** Prints what comes of a bind and of a connect. */
async function vmci(): Promise<void> {
  if (name !== "vmci") Object.defineProperty(Deno, "build", { value: { ...Deno.build, os: name } });
  const { Push, ZmqError } = await import("../../../mod.ts");
  for (const operation of ["bind", "connect"] as const) {
    const push = new Push({ linger: 0 });
    try {
      await push[operation]("vmci://1:5555");
      throw new Error(`${operation} is allowed`);
    } catch (error) {
      if (!(error instanceof ZmqError)) throw error;
      const { code, message, cause } = error;
      console.log(JSON.stringify({ code, message, cause: cause instanceof Error ? cause.name : "" }));
    }
    push.close();
  }
}
