// Installs a Home Assistant from PyPI into a folder that is kept, so that only the first run takes minutes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { commandInside } from './other-system.js';

/** The oldest Home Assistant that the documentation promises. */
export const OLDEST = '2024.11.3';

/** Pythons on which a Home Assistant may run, the one for the oldest first. Each release says which it wants. */
const PYTHONS = ['3.12', '3.13', '3.14'];

/** What of its requirements has become too new since its release: josepy 2 breaks acme. */
const HELD_BACK = ['josepy<2'];

/** What is set up here. Home Assistant would install their packages itself at its start, but not by pip's settings. */
export const INTEGRATIONS = [
  ...[
    'application_credentials',
    'automation',
    'backup',
    'config',
    'counter',
    'energy',
    'frontend',
    'hardware',
  ],
  ...[
    'history',
    'input_boolean',
    'input_button',
    'input_datetime',
    'input_number',
    'input_select',
    'input_text',
  ],
  ...[
    'logger',
    'mqtt',
    'network',
    'number',
    'person',
    'recorder',
    'scene',
    'schedule',
    'script',
    'system_health',
  ],
  ...[
    'tag',
    'template',
    'timer',
    'zone',
    'select',
    'sensor',
    'switch',
    'button',
    'binary_sensor',
    'event',
    'update',
  ],
];

/** What others import and nobody sets up. */
const IMPORTED = ['hassio'];

/** What its login requires, which is no integration. */
const LOGIN = ['pyotp', 'PyQRCode'];

/** What the command line asks for: a version, and the folder of a system that has the Python for it. */
export function wanted(args) {
  const after = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const root = after('--root');
  return { version: after('--version') ?? OLDEST, root: root && resolve(root) };
}

/**
 * The command of the Python inside an installation of Home Assistant `version`, as a list of words; throws with what
 * to do where there can be none.
 */
export function installed({ version, root }) {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'evse-mqtt-bridge-check');
  mkdirSync(cache, { recursive: true });
  const room = join(cache, `homeassistant-${version}`);
  const inside = commandInside(root, [cache]);
  const python = [...inside, join(room, 'bin/python')];
  const done = join(room, 'installed');
  if (existsSync(done)) return python;
  console.log(`== Home Assistant ${version} is installed into ${room}: this takes some minutes, once`);
  const base = pythonFor(version, root, inside);
  rmSync(room, { recursive: true, force: true });
  run(base, '-m', 'venv', room);
  const pip = (...args) => run(python, '-m', 'pip', 'install', '--quiet', ...args);
  const heldBack = version === OLDEST ? HELD_BACK : [];
  pip(`homeassistant==${version}`, ...heldBack);
  const [library] = readdirSync(join(room, 'lib'));
  const program = join(room, 'lib', library, 'site-packages/homeassistant');
  const constraints = join(program, 'package_constraints.txt');
  pip('--constraint', constraints, ...heldBack, ...LOGIN, ...requirementsOf(join(program, 'components')));
  writeFileSync(done, '');
  return python;
}

/** The command of a Python on which this version runs: pip knows which of them it takes. */
function pythonFor(version, root, inside) {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const kept = existsSync(pyenv) ? readdirSync(pyenv).map((name) => join(pyenv, name, 'bin/python3')) : [];
  const names = [...PYTHONS.map((one) => `python${one}`), 'python3'];
  const candidates = root ? names : [process.env.PYTHON, ...names, ...kept];
  const there = candidates.filter((command) => {
    if (!command) return false;
    const { stdout } = attempt([...inside, command], '--version');
    return PYTHONS.some((one) => stdout?.startsWith(`Python ${one}.`));
  });
  const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', tmpdir()];
  // A Python of Debian has pip only inside an environment, and is the one of its system.
  const takesIt = (command) =>
    root !== undefined || attempt([command], ...download, `homeassistant==${version}`).status === 0;
  const found = there.find(takesIt);
  if (!found) {
    throw new Error(
      `Home Assistant ${version} runs on none of the Pythons here (${there.join(', ') || 'there is none'}): install the one that it wants, or name it in PYTHON, or name the folder of a system that has it with --root (CONTRIBUTING.md)`,
    );
  }
  return [...inside, found];
}

/** The packages that the integrations require, and those that these depend on. */
function requirementsOf(folder) {
  const looked = new Set();
  const found = new Set();
  const queue = [...INTEGRATIONS, ...IMPORTED];
  for (const name of queue) {
    if (looked.has(name)) continue;
    looked.add(name);
    const manifest = JSON.parse(readFileSync(join(folder, name, 'manifest.json'), 'utf8'));
    for (const requirement of manifest.requirements ?? []) found.add(requirement);
    queue.push(...(manifest.dependencies ?? []));
  }
  return [...found];
}

function run(command, ...args) {
  const { status, stdout, stderr } = attempt(command, ...args);
  if (status !== 0) throw new Error(`${[...command, ...args].join(' ')} failed:\n${stdout}\n${stderr}`);
}

const attempt = ([program, ...words], ...args) =>
  spawnSync(program, [...words, ...args], { encoding: 'utf8' });
