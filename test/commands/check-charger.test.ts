import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { checkCharger } from '../../src/commands/check-charger.js';
import type { Step } from '../../src/commands/check-steps.js';
import { readConfig } from '../../src/config/index.js';
import { FakeLog } from '../_fakes.js';
import { freePort } from '../_ports.js';
import { FastClock } from '../backend/_backends.js';
import { someStates } from '../backend/http/_rig.js';
import { ScriptedCharger, type ServerOptions } from '../backend/http/_server.js';

// Every sentence that `check` can say about a charger.

async function checked(t: ExecutionContext, env: Readonly<Record<string, string>>): Promise<string[]> {
  const clock = new FastClock(20);
  t.teardown(() => clock.stop());
  const { values, chargers } = await readConfig([], env);
  const [one] = chargers;
  if (!one) throw new Error('no charger');
  const lines: string[] = [];
  const tell = (result: Step['result'], text: string) =>
    lines.push(`${result} ${text.replaceAll(env.CHARGER_URL ?? 'http://', 'C')}`);
  const signal = new AbortController().signal;
  await checkCharger(one, values, { clock, log: new FakeLog(), signal, tell });
  return lines;
}

async function charger(t: ExecutionContext, options: ServerOptions = {}, more: Record<string, unknown> = {}) {
  const states = {
    ...someStates(),
    'info/name': { name: 'warp2-AbC', type: 'warp2', display_type: 'WARP2 Charger Pro', uid: 'AbC' },
    'info/version': { firmware: '2.8.9+0', config: '2.8.9' },
    ...more,
  };
  const server = await new ScriptedCharger(states, options).start();
  t.teardown(() => server.stop());
  return server.url;
}

const ANSWERS = 'ok warp: charger C answers: WARP2 Charger Pro, firmware 2.8.9+0';
const PUSHES = 'ok warp: charger C: push over WebSocket works';

test('all is well', async (t) => {
  t.deepEqual(await checked(t, { CHARGER_URL: await charger(t) }), [ANSWERS, PUSHES]);
});

test('the login is taken, or it is not', async (t) => {
  const url = await charger(t, { login: { username: 'ann', password: 'pw' } });
  const right = { CHARGER_URL: url, CHARGER_USERNAME: 'ann', CHARGER_PASSWORD: 'pw' };
  t.deepEqual(await checked(t, right), [
    ANSWERS.replace('answers', 'answers and does not refuse the login'),
    PUSHES,
  ]);
  const [wrong, ...more] = await checked(t, { ...right, CHARGER_PASSWORD: 'no' });
  t.regex(wrong ?? '', /^FAIL warp: C refuses the login of "ann" .*CHARGER_USERNAME and CHARGER_PASSWORD/);
  t.deepEqual(more, []);
  t.regex(
    (await checked(t, { CHARGER_URL: url })).join(),
    /^FAIL warp: C asks for a login .*set CHARGER_USERNAME/,
  );
});

test('there is no push', async (t) => {
  const url = await charger(t, { noPush: 404 });
  const [first, second] = await checked(t, { CHARGER_URL: url });
  t.is(first, ANSWERS);
  t.regex(
    second ?? '',
    /^note warp: charger C: push over WebSocket does not work, so states are polled: is a proxy/,
  );
  t.deepEqual(await checked(t, { CHARGER_URL: url, CHARGER_TRANSPORT: 'poll' }), [
    ANSWERS,
    'ok warp: charger C: states are polled, as CHARGER_TRANSPORT says',
  ]);
});

test('it does not say what it is', async (t) => {
  const url = await charger(t, {}, { 'info/name': undefined, 'info/version': 7 });
  t.is(
    (await checked(t, { CHARGER_URL: url }))[0],
    'ok warp: charger C answers: of unknown type, firmware of unknown version',
  );
});

test("its own MQTT is in the bridge's way", async (t) => {
  const url = await charger(
    t,
    {},
    {
      'mqtt/config': { enable_mqtt: true, broker_host: '192.0.2.5', global_topic_prefix: 'warp' },
      'mqtt/auto_discovery_config': { auto_discovery_mode: 2, auto_discovery_prefix: 'homeassistant' },
    },
  );
  for (const transport of ['auto', 'poll']) {
    const lines = await checked(t, { CHARGER_URL: url, CHARGER_TRANSPORT: transport });
    t.regex(
      lines[2] ?? '',
      /^note warp: charger C: the charger's own MQTT is on and publishes at 192\.0\.2\.5 under the same/,
    );
    t.regex(lines[3] ?? '', /^note warp: charger C: the charger announces itself to Home Assistant too/);
  }
});

test('nobody listens', async (t) => {
  const lines = await checked(t, { CHARGER_URL: `http://127.0.0.1:${await freePort()}` });
  t.deepEqual(lines, [
    'FAIL warp: C refused the connection (ECONNREFUSED); check address and port in CHARGER_URL',
  ]);
});

for (const body of ['<html><title>router</title>', 'null', '[]', '{}', '[[[[[[', '"x"', '']) {
  test(`another web server answers everything with ${body}`, async (t) => {
    const server = createServer((_, response) => response.end(body));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    t.teardown(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const lines = await checked(t, { CHARGER_URL: url });
    t.is(lines.length, 1, lines.join('\n'));
    t.regex(lines[0] ?? '', /^FAIL warp: C is no WARP charger: .*CHARGER_URL/);
  });
}

test('the model needs no charger', async (t) => {
  t.deepEqual(await checked(t, {}), ['ok warp: the built-in model; set CHARGER_URL for a real charger']);
});
