// What a program has to wait for until it can speak: the import, and the first round trip over ipc. Prints milliseconds.
//
//     start.ts <endpoint>   prints {"import":...,"trip":...}

const begin = performance.now();
const { Reply, Request } = await import("../../mod.ts");
const imported = performance.now();
const [reply, request] = [new Reply(), new Request()];
const endpoint = Deno.args[0]!;
await reply.bind(endpoint);
request.connect(endpoint);
await request.send("hello");
await reply.send(await reply.receive());
await request.receive();
const end = performance.now();
console.log(JSON.stringify({ import: imported - begin, trip: end - imported }));
Deno.exit();
