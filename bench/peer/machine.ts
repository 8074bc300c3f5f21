/**
 * Where something was measured.
 *
 * @module
 */

import { cpus } from "node:os";

/** The machine and its programs. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly system: string;
  /** The versions of programs, by their names. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Describes this machine. */
export async function describeMachine(): Promise<Machine> {
  const list = cpus();
  const versions: Record<string, string> = { deno: Deno.version.deno };
  const node = await firstLine("node", "--version");
  if (node !== "") versions["node"] = node.replace(/^v/, "");
  return {
    processor: list[0]?.model.trim() ?? "unknown",
    processors: list.length,
    system: `${Deno.build.os} ${Deno.osRelease().split("-")[0]}`,
    versions,
  };
}

/** What a program says first; empty where there is none. */
export async function firstLine(command: string, ...args: string[]): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
    return new TextDecoder().decode(stdout).split("\n")[0]!.trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
