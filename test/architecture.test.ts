import { readdirSync, readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { Backend } from '../src/backend/backend.js';
import { HttpBackend } from '../src/backend/http/index.js';
import { ModelBackend } from '../src/backend/model/index.js';
import { Charger } from '../src/charger/charger.js';
import { Controller } from '../src/model/controller.js';
import { modelTopics, type Registry } from '../src/topics/index.js';
import { testBridge, testLink } from './_bridge.js';
import { FakeClock, FakeLog, openPolicy } from './_fakes.js';
import { until } from './_until.js';
import { passUntil, someStates, someTopics } from './backend/http/_rig.js';
import { ScriptedCharger } from './backend/http/_server.js';
import { testTarget } from './backend/http/_target.js';
import { brokerFor, brokers, Onlooker } from './mqtt/_brokers.js';

// docs/architecture.md says through which files a state and a write go. Here they go, and the files are counted.

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const built = pathToFileURL(join(root, 'build/src/')).href;

/** The files of a walk, as the page lists them below `heading`. */
function walkOf(heading: string): string[] {
  const at = page.indexOf(`### ${heading}\n`);
  const section = page.slice(at, page.indexOf('\n#', at + 4));
  const names = [...section.matchAll(/`(src\/[\w/.-]+\.ts)`/g)].map((match) => match[1] ?? '');
  return [...new Set(names)].sort();
}

/** What runs beside a walk, by its own timers. */
const BESIDE = [
  'src/backend/http/index.ts',
  'src/backend/http/connection-monitor.ts',
  'src/backend/http/audit.ts',
  'src/backend/http/connect.ts',
  // Everything from the broker goes through it.
  'src/mqtt/incoming-limit.ts',
  'src/mqtt/mqttjs-client-options.ts',
  // The broker itself.
  'src/mqtt/embedded-broker.ts',
  'src/mqtt/packet-sizes.ts',
  'src/outlets/bridge/publish-throttle.ts',
];

/** Of these it would say nothing: they are used everywhere, or are inside a part that the walk ends at. */
const unnamed = (file: string) => /^src\/(?:base|model)\//.test(file) || file.startsWith('src/topics/');

/** The files of `src` in which a function ran while `act` did. */
async function filesRunBy(act: () => Promise<void>): Promise<string[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.takePreciseCoverage');
  await act();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  return result
    .filter(({ url, functions }) => {
      // What begins at 0 is not a function, but the file itself.
      const ran = functions.some(({ ranges: [range] }) => range && range.startOffset > 0 && range.count > 0);
      return url.startsWith(built) && ran;
    })
    .map(({ url }) => `src/${url.slice(built.length).replace(/\.js$/, '.ts')}`)
    .filter((file) => !unnamed(file))
    .sort();
}

/** Whether exactly the files of the walk below `heading` have run, besides those that run by themselves. */
function isWalk(t: ExecutionContext, ran: readonly string[], heading: string): void {
  const walk = walkOf(heading);
  t.true(walk.length > 5);
  const missing = walk.filter((file) => !ran.includes(file)).map((file) => `${file} did not run`);
  const more = ran.filter((file) => !walk.includes(file) && !BESIDE.includes(file));
  t.deepEqual([...missing, ...more.map((file) => `${file} is not listed`)], []);
}

/** A charger on `backend`, a bridge and a broker; time stands still unless the test lets it pass. */
async function joined(t: ExecutionContext, backend: Backend, topics: Registry, clock: FakeClock) {
  const log = new FakeLog();
  const [kind] = brokers;
  if (!kind) throw new Error('there is always the embedded broker');
  const broker = await brokerFor(t, kind);
  const charger = new Charger({
    topics,
    backend,
    clock,
    log,
    policy: openPolicy,
    mirror: [],
    passthrough: true,
  });
  const link = testLink(broker.port, clock, log, { clientId: 'bridge', protocolVersion: 4 });
  const about = { version: '1', backend: 'test', started: 'now' };
  const cancel = testBridge({ charger, link, clock, log, about });
  const stop = new AbortController();
  const running = [link.run(stop.signal), charger.run(stop.signal)];
  t.teardown(async () => {
    stop.abort();
    cancel();
    await clock.pass(0);
    await Promise.all(running);
  });
  await until(() => link.up, 'the broker');
  const onlooker = await Onlooker.at(t, broker.port);
  return { charger, link, onlooker };
}

/** The same over HTTP, on a scripted charger. */
async function overHttp(t: ExecutionContext, transport: 'auto' | 'poll') {
  const server = await new ScriptedCharger(someStates()).start();
  t.teardown(() => server.stop());
  const clock = new FakeClock();
  const topics = someTopics();
  const backend = new HttpBackend({
    target: testTarget(server.url, { timeout: 5_000 }),
    transport,
    pollInterval: 1_000,
    topics,
    clock,
    log: new FakeLog(),
  });
  const { charger, onlooker } = await joined(t, backend, topics, clock);
  const rig = { clock };
  await passUntil(rig, () => charger.connection.online, 'the charger');
  // What is seen for the first time goes another way.
  const shown = [...topics.values()].filter(({ state }) => state).map(({ path }) => path);
  await passUntil(rig, () => shown.every((path) => charger.store.has(path)), 'all topics');
  return { server, onlooker, rig };
}

const CURRENT = 'warp/evse/external_current';

test.serial('a state by push goes through the files that the page lists', async (t) => {
  const { server, onlooker } = await overHttp(t, 'auto');
  await onlooker.sees(CURRENT);
  const ran = await filesRunBy(async () => {
    server.set('evse/external_current', '{"current":11000}');
    await onlooker.sees(CURRENT, '{"current":11000}');
  });
  isWalk(t, ran, 'A state, by push');
});

test.serial('a state by polling goes through the files that the page lists', async (t) => {
  const { server, onlooker, rig } = await overHttp(t, 'poll');
  await onlooker.sees(CURRENT);
  const ran = await filesRunBy(async () => {
    server.states.set('evse/external_current', '{"current":12000}');
    await passUntil(rig, () => onlooker.newest.get(CURRENT) === '{"current":12000}', 'the state');
  });
  isWalk(t, ran, 'A state, by polling');
});

test.serial('a state of the model goes through the files that the page lists', async (t) => {
  const clock = new FakeClock();
  const topics = modelTopics();
  const controller = new Controller();
  const backend = new ModelBackend({ controller, topics, clock, log: new FakeLog(), timeScale: 1 });
  const { onlooker } = await joined(t, backend, topics, clock);
  await onlooker.sees(CURRENT);
  controller.limits.setExternalCurrent(13_000);
  const ran = await filesRunBy(async () => {
    await passUntil({ clock }, () => onlooker.newest.get(CURRENT) === '{"current":13000}', 'the state');
  });
  isWalk(t, ran, 'A state, of the model');
});

test.serial('a write goes through the files that the page lists', async (t) => {
  const { server, onlooker, rig } = await overHttp(t, 'auto');
  await onlooker.sees(CURRENT);
  // No push, so that the state comes back by the reading after the write.
  server.take = (path, body) => server.states.set(path, body);
  const ran = await filesRunBy(async () => {
    await onlooker.client.publishAsync(`${CURRENT}_update`, '14000', { qos: 1 });
    await passUntil(rig, () => onlooker.newest.has('warp/bridge/response'), 'the answer', 1);
  });
  t.like(JSON.parse(onlooker.newest.get('warp/bridge/response') ?? ''), {
    status: 'ok',
    value: { current: 14_000 },
  });
  const order = onlooker.seen.filter(({ payload }) => payload.includes('14000')).map(({ topic }) => topic);
  t.deepEqual(
    order,
    [`${CURRENT}_update`, CURRENT, 'warp/bridge/response'],
    'the state comes before the answer',
  );
  isWalk(t, ran, 'A write');
});

/** The rows of the first table in the text, without what pads them. */
function rowsOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/^ \* ?/, '').trim())
    .filter((line) => line.startsWith('|') && !/^\|[-|: ]+\|$/.test(line))
    .map((line) => line.replace(/\s*\|\s*/g, '|'));
}

for (const [heading, file] of [
  ['The push connection', 'src/backend/http/push-connection.ts'],
  ['Discovery', 'src/outlets/homeassistant/discovery.ts'],
] as const) {
  test(`the table of states "${heading}" is the one in its docstring`, (t) => {
    const text = readFileSync(join(root, file), 'utf8');
    const docstring =
      /\/\*\*\n(?: \*[^\n]*\n)*? \* \|(?: \*[^\n]*\n| \|[^\n]*\n|[^\n]*\|\n)*/.exec(text)?.[0] ?? '';
    const at = page.indexOf(`### ${heading}\n`);
    const section = page.slice(at, page.indexOf('\n#', at + 4));
    t.true(rowsOf(docstring).length > 3);
    t.deepEqual(rowsOf(section), rowsOf(docstring));
  });
}

test('the layers of the page are those that test/floors.test.ts holds', (t) => {
  const floors = readFileSync(join(root, 'test/floors.test.ts'), 'utf8');
  const layers = /const LAYERS[^=]*= \[\n([\s\S]*?)\n\];/.exec(floors)?.[1] ?? '';
  const held = [...layers.matchAll(/\[([^\]]*)\]/g)].map((match) => (match[1] ?? '').replaceAll("'", ''));
  const listed = [...page.matchAll(/^\| \d \| (.*?) \|/gm)].map((match) =>
    (match[1] ?? '').replaceAll('`', ''),
  );
  t.deepEqual(listed, held.reverse());
});

test('only the entry points use the process, and only the clock has timers and the time', (t) => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const code = (file: string) =>
    readFileSync(join(root, 'src', file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const using = (pattern: RegExp) =>
    files
      .filter((file) => /\.ts$/.test(file) && !file.includes('browser') && pattern.test(code(file)))
      .sort();
  t.deepEqual(using(/\bprocess\.\w/), ['main.ts', 'probe.ts']);
  t.deepEqual(using(/\bset(?:Timeout|Interval)\(|\bDate\.now\(/), ['base/clock.ts']);
});

test('every dependency has its row in the page', (t) => {
  const { dependencies = {}, devDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as { dependencies?: Record<string, string>; devDependencies: Record<string, string> };
  const section = page.slice(page.indexOf('## Dependencies'));
  const listed = [...section.matchAll(/^\| ([^|]+) \|/gm)].flatMap((match) => (match[1] ?? '').split(', '));
  const wanted = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !name.startsWith('@types/'),
  );
  t.deepEqual(
    wanted.filter((name) => !listed.includes(name)),
    [],
  );
});
