import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import test from 'ava';

/** Floors of docs/architecture.md: imports go down, or stay in their room. */
const FLOORS: readonly (readonly string[])[] = [
  ['errors', 'clock', 'log', 'backoff', 'globs'],
  ['model'],
  ['topics'],
  ['backend'],
  ['store', 'charger', 'writes', 'payload'],
  ['mqtt', 'homeassistant', 'simulator', 'health'],
  [
    'settings',
    'sources',
    'config',
    'reference',
    'backends',
    'broker',
    'check',
    'diary',
    'run',
    'simulate',
    'main',
    'probe',
  ],
];

/** Rooms whose files may import one another although they stand on one floor. */
const SHARED_FLOORS = new Set([0, 4, 6]);

/** Libraries that stop at one file. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  mqtt: ['mqtt/mqttjs.ts', 'mqtt/outbox.ts'],
  aedes: ['mqtt/broker.ts'],
  winston: ['log.ts'],
  convict: ['config.ts'],
  yaml: ['sources.ts'],
};

const src = resolve(import.meta.dirname, '../../src');

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/g;
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    target: match[2] ?? match[3] ?? '',
    typeOnly: match[1] !== undefined,
  }));
}

const files = (readdirSync(src, { recursive: true }) as string[]).filter((file) => file.endsWith('.ts'));
const imports = files.flatMap(importsOf);

const room = (file: string) =>
  file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.[jt]s$/, '');
const floor = (file: string) => FLOORS.findIndex((rooms) => rooms.includes(room(file)));

test('every file of src stands on a floor', (t) => {
  t.true(files.length > 20);
  t.deepEqual(
    files.filter((file) => floor(file) === -1),
    [],
  );
});

test('imports go down the floors or stay in their room', (t) => {
  const wrong = imports
    .filter(({ target }) => target.startsWith('.'))
    .map(({ file, target }) => ({ file, target: relative(src, resolve(src, dirname(file), target)) }))
    .filter(({ file, target }) => {
      if (room(file) === room(target)) return false;
      const [from, to] = [floor(file), floor(target)];
      return to > from || (to === from && !SHARED_FLOORS.has(from));
    });
  t.deepEqual(wrong, []);
});

test('topics take only types from the model', (t) => {
  const values = imports.filter(({ file, target, typeOnly }) => {
    return room(file) === 'topics' && target.includes('/model/') && !typeOnly;
  });
  t.deepEqual(values, []);
});

test('the model imports nothing from outside', (t) => {
  const outside = imports.filter(({ file, target }) => {
    if (room(file) !== 'model') return false;
    return !target.startsWith('.') || room(relative(src, resolve(src, dirname(file), target))) !== 'model';
  });
  t.deepEqual(outside, []);
});

test('a library stays in its file', (t) => {
  const strays = imports.filter(({ file, target }) => ONLY[target] && !ONLY[target].includes(file));
  t.deepEqual(strays, []);
});
