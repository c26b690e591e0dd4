import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import test from 'ava';
import { allTopics } from '../../src/topics/index.js';
import { root } from './_compose.js';

interface Change {
  readonly state: { readonly val: unknown };
}

type Handler = (change: Change) => void;

/** Runs the script with stand-ins for what the adapter `javascript` gives it. */
function started() {
  const written: [id: string, value: unknown, ack: boolean][] = [];
  const created: string[] = [];
  const logged: string[] = [];
  const handlers = new Map<string, Handler>();
  const given = {
    createState: (id: string) => created.push(id),
    setState: (id: string, value: unknown, ack = false) => written.push([id, value, ack]),
    on: ({ id }: { id: string }, handle: Handler) => handlers.set(id, handle),
    log: (text: string, level: string) => logged.push(`${level} ${text}`),
  };
  runInContext(readFileSync(join(root, 'examples/iobroker/set-current.js'), 'utf8'), createContext(given));
  const changes = (id: string, val: unknown) => handlers.get(id)?.({ state: { val } });
  return { written, created, logged, handlers, changes };
}

test('a current in A becomes a command in mA, and the charger tells what holds', (t) => {
  const { written, created, changes } = started();
  changes('0_userdata.0.warp.current_limit', 10.5);
  changes('mqtt.0.warp.evse.external_current', '{"current":10500}');
  t.deepEqual(written, [
    ['mqtt.0.warp.evse.external_current_update', '10500', false],
    ['0_userdata.0.warp.current_limit', 10.5, true],
  ]);
  t.true(created.includes('mqtt.0.warp.evse.external_current_update'), 'it does not exist before');
});

test('what was refused is in the log', (t) => {
  const { logged, changes } = started();
  changes(
    'mqtt.0.warp.bridge.response',
    '{"topic":"evse/external_current","status":"ok","value":{"current":6000}}',
  );
  changes(
    'mqtt.0.warp.bridge.response',
    '{"topic":"evse/external_current","status":"error","code":"invalid","error":"too much"}',
  );
  t.deepEqual(logged, ['warn evse/external_current: too much']);
});

test('every topic that the script uses exists', (t) => {
  const topics = allTopics();
  const paths = [...started().handlers.keys()]
    .filter((id) => id.startsWith('mqtt.0.warp.'))
    .map((id) => id.slice('mqtt.0.warp.'.length).replaceAll('.', '/'));
  t.true(paths.length > 1);
  for (const path of paths) t.true(topics.has(path) || path === 'bridge/response', path);
});
