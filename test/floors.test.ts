import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import test from 'ava';

/** Layers of docs/architecture.md, bottom up: imports go down, or stay in their room. */
const LAYERS: readonly (readonly string[])[] = [
  ['base'],
  ['model'],
  ['topics', 'mqtt'],
  ['backend'],
  ['charger'],
  ['outlets/*', 'simulator'],
  ['config'],
  ['commands'],
  ['main', 'probe'],
];

/** The entry points: the only files that stand loose in `src`. */
const ENTRY_POINTS = ['main.ts', 'probe.ts'];

/** Lines of a file of `src`, as CONTRIBUTING.md has it. There is no exception. */
const MAX_LINES = 250;

/** Libraries that stop at one file, or at a few that are one subject. */
const ONLY: Readonly<Record<string, readonly string[]>> = {
  mqtt: [
    'mqtt/mqttjs-session.ts',
    'mqtt/mqttjs-incoming.ts',
    'mqtt/mqttjs-subscribing.ts',
    'mqtt/mqttjs-farewell.ts',
    'mqtt/mqttjs-client-options.ts',
  ],
  aedes: ['mqtt/embedded-broker.ts'],
  winston: ['base/log.ts'],
  convict: ['config/merge.ts'],
  yaml: ['config/yaml.ts'],
  'prom-client': ['outlets/http/metrics.ts'],
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
const lineCount = (file: string) => readFileSync(join(src, file), 'utf8').split('\n').length - 1;
const imports = files.flatMap(importsOf);

/** The room of a file: its folder in `src`; each outlet is a room of its own. */
function room(file: string): string {
  const [first = '', second = ''] = file.replace(/\.[jt]s$/, '').split('/');
  return first === 'outlets' ? `outlets/${second}` : first;
}

const layer = (file: string) => {
  const name = room(file).replace(/^outlets\/.*/, 'outlets/*');
  return LAYERS.findIndex((rooms) => rooms.includes(name));
};

const inside = imports
  .filter(({ target }) => target.startsWith('.'))
  .map(({ file, target }) => ({ file, target: relative(src, resolve(src, dirname(file), target)) }));

test('every file of src stands on a layer, and only entry points stand loose', (t) => {
  t.true(files.length > 20);
  t.deepEqual(
    files.filter((file) => layer(file) === -1),
    [],
  );
  t.deepEqual(files.filter((file) => !file.includes('/')).sort(), ENTRY_POINTS);
});

test('imports go down the layers or stay in their room; outlets do not know each other', (t) => {
  const wrong = inside.filter(
    ({ file, target }) => room(file) !== room(target) && layer(target) >= layer(file),
  );
  t.deepEqual(wrong, []);
});

test('a file is so short that it can be held in the head', (t) => {
  const tooLong = files.filter((file) => lineCount(file) > MAX_LINES);
  t.deepEqual(tooLong, [], `more than ${MAX_LINES} lines: give each of its subjects a file of its own`);
});

test('no file name stands twice but index, and no exported name', (t) => {
  const twice = (all: readonly string[]) => [...new Set(all.filter((one, at) => all.indexOf(one) !== at))];
  const names = files.map((file) => basename(file)).filter((name) => name !== 'index.ts');
  t.deepEqual(twice(names), []);
  const exported = files.flatMap((file) =>
    [
      ...readFileSync(join(src, file), 'utf8').matchAll(
        /^export (?:async )?(?:function|class|const|interface|type) (\w+)/gm,
      ),
    ].map((match) => match[1] ?? ''),
  );
  t.deepEqual(twice(exported), []);
});

test('no function, class or constant is exported for nobody', (t) => {
  const root = resolve(src, '..');
  const others = ['test', 'bench'].flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[])
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(root, folder, file)),
  );
  const browser = (readdirSync(src, { recursive: true }) as string[]).filter((file) => file.endsWith('.tsx'));
  const wordsOf = new Map(
    [...[...files, ...browser].map((file) => join(src, file)), ...others].map((file) => [
      file,
      new Set(readFileSync(file, 'utf8').match(/\w+/g)),
    ]),
  );
  const lonely = files.flatMap((file) => {
    const text = readFileSync(join(src, file), 'utf8');
    const names = [...text.matchAll(/^export (?:async )?(?:function|class|const) (\w+)/gm)].map(
      ([, name = '']) => name,
    );
    const isUsed = (name: string) =>
      [...wordsOf].some(([other, words]) => other !== join(src, file) && words.has(name));
    return names.filter((name) => !isUsed(name)).map((name) => `${file}: ${name}`);
  });
  t.deepEqual(lonely, []);
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

test('only the room of the generations names one', (t) => {
  const naming = files.filter((file) => {
    if (room(file) !== 'model' || file.startsWith('model/generations/')) return false;
    const code = readFileSync(join(src, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    return /warp\d/i.test(code);
  });
  t.deepEqual(naming, []);
});

test('a library stays in its file', (t) => {
  const strays = imports.filter(({ file, target }) => ONLY[target] && !ONLY[target].includes(file));
  t.deepEqual(strays, []);
});
