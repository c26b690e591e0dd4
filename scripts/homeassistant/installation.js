// Installs a Home Assistant from PyPI into a folder that is kept, so that only the first run takes minutes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The oldest Home Assistant that the documentation promises. */
export const VERSION = '2024.11.3';

/** The only Python that this version runs on. */
const PYTHON = '3.12';

/** What of its requirements has become too new since its release: josepy 2 breaks acme. */
const HELD_BACK = ['josepy<2'];

/** What is set up here. Home Assistant would install their packages itself at its start, but not by pip's settings. */
const INTEGRATIONS = [
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
  ...['tag', 'template', 'timer', 'zone', 'select', 'sensor', 'switch', 'button', 'binary_sensor', 'event'],
];

/** What its login requires, which is no integration. */
const LOGIN = ['pyotp', 'PyQRCode'];

/** The Python inside an installation of Home Assistant; throws with what to do where there can be none. */
export function installed() {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'evse-mqtt-bridge-check');
  const room = join(cache, `homeassistant-${VERSION}`);
  const python = join(room, 'bin/python');
  const done = join(room, 'installed');
  if (existsSync(done)) return python;
  console.log(`== Home Assistant ${VERSION} is installed into ${room}: this takes some minutes, once`);
  const base = findPython();
  rmSync(room, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  run(base, '-m', 'venv', room);
  const pip = (...args) => run(python, '-m', 'pip', 'install', '--quiet', ...args);
  pip(`homeassistant==${VERSION}`, ...HELD_BACK);
  const program = join(room, 'lib', `python${PYTHON}`, 'site-packages/homeassistant');
  const constraints = join(program, 'package_constraints.txt');
  pip('--constraint', constraints, ...HELD_BACK, ...LOGIN, ...requirementsOf(join(program, 'components')));
  writeFileSync(done, '');
  return python;
}

function findPython() {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const kept = existsSync(pyenv) ? readdirSync(pyenv).map((name) => join(pyenv, name, 'bin/python3')) : [];
  const found = [process.env.PYTHON, `python${PYTHON}`, 'python3', ...kept].find((command) => {
    if (!command) return false;
    const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
    return stdout?.startsWith(`Python ${PYTHON}.`);
  });
  if (!found) {
    throw new Error(
      `Home Assistant ${VERSION} needs Python ${PYTHON}, and there is none: install it, or name it in PYTHON`,
    );
  }
  return found;
}

/** The packages that the integrations require, and those that these depend on. */
function requirementsOf(folder) {
  const looked = new Set();
  const found = new Set();
  const queue = [...INTEGRATIONS];
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
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}\n${stderr}`);
}
