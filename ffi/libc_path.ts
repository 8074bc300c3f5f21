/**
 * Where libc is.
 *
 * @module
 */

/** The parts of names that depend on the processor. */
const { arch } = Deno.build;

const musl = `libc.musl-${arch}.so.1`;
const glibc = "libc.so.6";
const usesMusl = Deno.build.env === "musl";

/** What the dynamic linker knows libc by, the likely one first: a program has loaded it already. */
export const LIBC_NAMES: readonly string[] = usesMusl ? [musl, glibc] : [glibc, musl];

/** Where systems keep it: Debian and its kin; Fedora, openSUSE, Arch and theirs; others; Alpine. */
const folders = [`/lib/${arch}-linux-gnu`, "/lib64", `/usr/lib/${arch}-linux-gnu`, "/usr/lib64", "/usr/lib", "/lib"];
const glibcPaths = folders.map((folder) => `${folder}/${glibc}`);
const muslPaths = [`/lib/${musl}`, `/usr/lib/${musl}`];

/** The places where libc may be, the likely ones first. */
export const LIBC_PATHS: readonly string[] = usesMusl ? [...muslPaths, ...glibcPaths] : [...glibcPaths, ...muslPaths];
