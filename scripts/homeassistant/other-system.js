// Runs programs inside the folder of another Linux, which may have a Python that this machine has not.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** What is there inside as it is here, besides the folders that are named. */
const SHARED = ['/proc', '/dev', '/etc/ssl', '/etc/resolv.conf', tmpdir()];

/** Mounts for this one program only, which end with it. */
const SCRIPT = [
  'root=$1; shift',
  'while [ "$1" != -- ]; do',
  '  if [ -d "$1" ]; then mkdir -p "$root$1"; elif [ ! -e "$root$1" ]; then : >"$root$1"; fi',
  '  mount --rbind "$1" "$root$1" || exit 1; shift',
  'done',
  'shift; exec chroot "$root" "$@"',
].join('\n');

/**
 * The words in front of a command that run it inside `root`, as root; `folders` are there under the same paths.
 * Without `root` there are none: the command runs here.
 */
export function commandInside(root, folders) {
  if (root === undefined) return [];
  if (process.getuid() !== 0) throw new Error(`only root may run programs inside ${root}`);
  if (!existsSync(`${root}/usr/bin`)) throw new Error(`${root} holds no system: debootstrap makes one`);
  const shared = [...SHARED, ...folders].filter((path) => existsSync(path));
  return ['unshare', '--mount', 'sh', '-c', SCRIPT, 'sh', root, ...shared, '--'];
}
