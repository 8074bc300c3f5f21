/**
 * Stands in for `@std/cli` where JSR cannot be reached: see `run.ts`. Only
 * `parseArgs`, and of it everything but dotted names.
 */

type Names = string | undefined;
type List<T extends Names> = T | ReadonlyArray<Extract<T, string>>;
type Given<T> = Extract<T, string>;
type Aliases = Record<string, string | readonly string[]> | undefined;
type Value<T, Name, Collected> = Name extends Collected ? T[] : T;

/** The aliases of an option share its type. */
type WithAliases<T, A> = {
  [
    K in keyof T as
      | K
      | (K extends keyof A ? A[K] extends readonly (infer N extends string)[] ? N : A[K] & string : never)
  ]: T[K];
};

/** What {@linkcode parseArgs} returns. */
export type Args<B, S, C, D, A, DD> =
  & WithAliases<
    & { [K in Given<B>]: Value<boolean, K, C> | Default<K, D> }
    & { [K in Exclude<Given<S>, C | keyof D>]?: string }
    & { [K in Extract<Given<S>, C>]: string[] }
    & { [K in Exclude<Extract<Given<S>, keyof D>, C>]: string | Default<K, D> },
    A
  >
  & { [name: string]: unknown; _: (string | number)[] }
  & (DD extends true ? { "--": string[] } : unknown);
type Default<K, D> = K extends keyof D ? D[K] : never;

/** The options of {@linkcode parseArgs}. */
export interface ParseOptions<
  B extends Names = Names,
  S extends Names = Names,
  C extends Names = Names,
  N extends Names = Names,
  D extends Record<string, unknown> | undefined = Record<string, unknown> | undefined,
  A extends Aliases = Aliases,
  DD extends boolean | undefined = boolean | undefined,
> {
  "--"?: DD;
  alias?: A;
  boolean?: List<B>;
  string?: List<S>;
  collect?: List<C>;
  negatable?: List<N>;
  default?: D;
  stopEarly?: boolean;
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** `undefined`, one name or a list of them, as a list. */
function list(names: string | readonly string[] | undefined): readonly string[] {
  return names === undefined ? [] : typeof names === "string" ? [names] : names;
}

function numberLike(text: string): boolean {
  return /\S/.test(text) && Number.isFinite(Number(text));
}

/** Parses the arguments of a command line. */
export function parseArgs<
  const B extends Names = undefined,
  const S extends Names = undefined,
  const C extends Names = undefined,
  const N extends Names = undefined,
  const D extends Record<string, unknown> | undefined = undefined,
  const A extends Aliases = undefined,
  DD extends boolean | undefined = undefined,
>(args: readonly string[], options: ParseOptions<B, S, C, N, D, A, DD> = {}): Args<B, S, C, D, A, DD> {
  const groups: string[][] = Object.entries<string | readonly string[]>(options.alias ?? {}).map((
    [name, others],
  ) => [name, ...list(others)]);
  const namesOf = (name: string): string[] => groups.find((group) => group.includes(name)) ?? [name];
  const withAliases = (names: string | readonly string[] | undefined): Set<string> =>
    new Set(list(names).flatMap(namesOf));
  const booleans = withAliases(options.boolean);
  const strings = withAliases(options.string);
  const collected = withAliases(options.collect);
  const negatable = withAliases(options.negatable);
  const known = (name: string): boolean =>
    booleans.has(name) || strings.has(name) || collected.has(name) || namesOf(name).length > 1;

  const parsed: Record<string, unknown> & { _: (string | number)[] } = { _: [] };
  const set = (arg: string, name: string, value: string | boolean): void => {
    if (!known(name) && options.unknown?.(arg, name, value) === false) return;
    const typed = typeof value === "string" && !strings.has(name) && numberLike(value) ? Number(value) : value;
    for (const alias of namesOf(name)) {
      const before = parsed[alias];
      parsed[alias] = collected.has(alias) ? [...(Array.isArray(before) ? before : []), typed] : typed;
    }
  };

  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const words = args.slice(0, end);
  const rest = args.slice(end + 1);

  /** Takes the value that may follow an option, and says how many words it took. */
  const takeValue = (arg: string, name: string, next: string | undefined): number => {
    const isBoolean = booleans.has(name);
    if (next !== undefined && (isBoolean ? next === "true" || next === "false" : !/^-./.test(next))) {
      set(arg, name, isBoolean ? next === "true" : next);
      return 1;
    }
    set(arg, name, strings.has(name) ? "" : true);
    return 0;
  };

  for (let i = 0; i < words.length; i++) {
    const arg = words[i] ?? "";
    const long = /^--([^=]+)(?:=(.*))?$/s.exec(arg);
    const short = /^-([^-].*)$/s.exec(arg);
    if (long) {
      const [, name = "", value] = long;
      if (value !== undefined) set(arg, name, booleans.has(name) ? value !== "false" : value);
      else if (name.startsWith("no-") && negatable.has(name.slice(3))) set(arg, name.slice(3), false);
      else i += takeValue(arg, name, words[i + 1]);
    } else if (short) {
      i += shortOptions(arg, short[1] ?? "", words[i + 1], set, takeValue);
    } else {
      if (options.unknown?.(arg) !== false) parsed._.push(strings.has("_") || !numberLike(arg) ? arg : Number(arg));
      if (options.stopEarly) {
        parsed._.push(...words.slice(i + 1));
        break;
      }
    }
  }

  for (const [name, value] of Object.entries(options.default ?? {})) {
    for (const alias of namesOf(name)) if (!Object.hasOwn(parsed, alias)) parsed[alias] = value;
  }
  for (const name of booleans) parsed[name] ??= collected.has(name) ? [] : false;
  for (const name of strings) if (collected.has(name)) parsed[name] ??= [];
  if (options["--"]) parsed["--"] = rest;
  else parsed._.push(...rest);
  return parsed as Args<B, S, C, D, A, DD>;
}

/** Takes `-abc`, `-n5`, `-n=5` and `-n 5` apart; returns how many words it took. */
function shortOptions(
  arg: string,
  letters: string,
  next: string | undefined,
  set: (arg: string, name: string, value: string | boolean) => void,
  takeValue: (arg: string, name: string, next: string | undefined) => number,
): number {
  for (let at = 0; at < letters.length - 1; at++) {
    const letter = letters[at] ?? "";
    const after = letters.slice(at + 1);
    // As in @std: what ends in a number belongs to the first letter, all of it.
    if (after.startsWith("=") || /\d\.?$/.test(after) || /^\W/.test(after)) {
      set(arg, letter, after.startsWith("=") ? after.slice(1) : after);
      return 0;
    }
    takeValue(arg, letter, undefined);
  }
  return takeValue(arg, letters.slice(-1), next);
}
