/**
 * What a Worker's program and its test say to each other, as the program sees it.
 *
 * @module
 */

const worker = self as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage(message: unknown): void;
  close(): void;
};

const heard: unknown[] = [];
const waiting: ((message: unknown) => void)[] = [];

worker.onmessage = ({ data }) => {
  const next = waiting.shift();
  if (next === undefined) heard.push(data);
  else next(data);
};

/** Tells the test something. */
export function say(message: unknown): void {
  worker.postMessage(message);
}

/** The next thing that the test says; the first are the program's parameters. */
export function hear<T>(): Promise<T> {
  return new Promise((resolve) => {
    if (heard.length > 0) resolve(heard.shift() as T);
    else waiting.push(resolve as (message: unknown) => void);
  });
}

/** Ends the Worker from within. */
export function exit(): void {
  worker.close();
}
