/**
 * The first program in a guest, a script for busybox(1).
 *
 * It makes the file systems, runs the command, and ends the machine. The guest
 * has four serial lines: the command's output, its errors, the console, and
 * one for the exit status. Serial lines are slow (half a megabyte a second) but
 * lose nothing, however the machine ends.
 *
 * @module
 */

/** What runs in a guest. */
export interface GuestCommand {
  /** The program and its arguments. */
  command: readonly string[];
  /** Its working directory. */
  cwd: string;
  /** Its environment. */
  env: Readonly<Record<string, string>>;
}

/** Quotes a text for a shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What the shell of the mounted system runs. */
function shellScript({ command, cwd, env }: GuestCommand): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  return `${exports.join("")}cd ${quote(cwd)} || exit 127\nexec ${command.map(quote).join(" ")}\n`;
}

/**
 * Writes the script.
 *
 * @param modules The paths of the modules in the guest, in the order in which to load them.
 * @param run What to run.
 * @returns The script.
 */
export function initScript(modules: readonly string[], run: GuestCommand): string {
  return `#!/bin/busybox sh
export PATH=/bin
busybox mkdir -p /dev /host /writes /root
busybox mount -t devtmpfs dev /dev
exec </dev/null >/dev/ttyS2 2>&1
for line in 0 1 3; do busybox stty -F /dev/ttyS$line raw -echo 115200; done

# Without a status from here, the harness prints the console and says that the guest died.
die() { echo "init: cannot $*"; busybox poweroff -f; }

for module in ${modules.join(" ")}; do
  busybox insmod "$module" || die load "$module"
done

# The files of the machine outside, all of them; what is written stays in the memory of the guest.
busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host || die mount 9p
busybox mount -t tmpfs writes /writes
busybox mkdir /writes/upper /writes/work
busybox mount -t overlay -o lowerdir=/host,upperdir=/writes/upper,workdir=/writes/work root /root || die mount overlay
cd /root && busybox mkdir -p proc sys dev run tmp
busybox mount -t proc proc proc
busybox mount -t sysfs sys sys
busybox mount -t tmpfs run run
busybox mount -t devtmpfs dev dev
busybox mkdir -p dev/pts dev/shm
busybox mount -t devpts pts dev/pts
busybox mount -t tmpfs shm dev/shm
busybox ln -s /proc/self/fd dev/fd
busybox ln -s fd/0 dev/stdin
busybox ln -s fd/1 dev/stdout
busybox ln -s fd/2 dev/stderr
busybox ip link set lo up
busybox hostname denomq-vm
ulimit -n 65536

# Pipes, not the lines themselves: the command is not on a terminal.
busybox mkfifo /out /err
busybox cat </out >dev/ttyS0 & out=$!
busybox cat </err >dev/ttyS1 & err=$!
busybox chroot . /bin/sh -c ${quote(shellScript(run))} >/out 2>/err
status=$?

# What the command left running may hold the pipes.
for process in proc/[0-9]*; do
  case \${process#proc/} in 1 | $out | $err) ;; *) kill -KILL "\${process#proc/}" ;; esac
done 2>/dev/null
wait "$out" "$err"
echo "$status" >dev/ttyS3
busybox poweroff -f
`;
}
