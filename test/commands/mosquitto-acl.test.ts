import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../src/base/clock.js';
import { mosquittoAcl } from '../../src/commands/mosquitto-acl.js';
import { readConfig } from '../../src/config/index.js';
import { allTopics } from '../../src/topics/index.js';
import { testBridge, testLink } from '../_bridge.js';
import { fakeCharger } from '../_fakes.js';
import { until } from '../_until.js';
import { brokerFor, brokers, Onlooker, requireMosquitto } from '../mqtt/_brokers.js';

test('Mosquitto takes part', requireMosquitto);

const rows = [...allTopics().values()].filter(({ command }) => command);

/** A bridge at a broker that has exactly the rules that `topics --format mosquitto-acl` prints. */
async function underRules(t: ExecutionContext, port: number) {
  const setup = fakeCharger({ topics: allTopics() });
  const { charger, clock, log } = setup;
  const link = testLink(port, systemClock, log, { username: 'bridge' });
  const about = { version: '1', backend: 'http', started: 'now' };
  testBridge({ charger, link, clock, log, about });
  const stop = new AbortController();
  const ended = link.run(stop.signal);
  t.teardown(async () => {
    stop.abort();
    await ended;
  });
  await until(() => link.up, 'the bridge to be connected');
  t.deepEqual([...link.denied], []);
  return setup;
}

for (const kind of brokers.filter(({ name }) => name === 'mosquitto')) {
  const start = async (t: ExecutionContext) => {
    const acl = `${mosquittoAcl(await readConfig([], {}))}\n`;
    // Without a password file Mosquitto believes every name; the rules are the same.
    const broker = await brokerFor(t, kind, { files: { acl } });
    const setup = await underRules(t, broker.port);
    const user = (username: string) =>
      Onlooker.at(t, broker.port, { username, protocolVersion: 5 }, 'warp/#');
    return { ...setup, user };
  };
  const answered = (onlooker: Onlooker) =>
    new Set(onlooker.all('warp/bridge/response').map((receipt) => (receipt as { topic: string }).topic));

  test('the printed rules: every writable topic is answered, by both names of an action', async (t) => {
    const { user } = await start(t);
    const home = await user('homeassistant');
    for (const { path } of rows) home.client.publish(`warp/${path}_update`, '{}', { qos: 1 });
    await until(
      () => rows.every(({ path }) => answered(home).has(path)),
      () =>
        `every answer; missing ${rows
          .map(({ path }) => path)
          .filter((path) => !answered(home).has(path))
          .join(', ')}`,
    );
    const before = home.all('warp/bridge/response').length;
    const actions = rows.filter(({ command }) => command?.action);
    for (const { path } of actions) home.client.publish(`warp/${path}`, '', { qos: 1 });
    await until(() => home.all('warp/bridge/response').length === before + actions.length, 'the actions');
    t.true(rows.length > 30);
  });

  test('the printed rules: every state that is published can be read by those who are to read it', async (t) => {
    const { user, backend } = await start(t);
    const readers = [await user('homeassistant'), await user('evcc')];
    const states = [...allTopics().values()].filter((row) => row.state && !row.path.startsWith('bridge/'));
    for (const { path, state } of states) backend.reports(path, state?.example ?? null);
    for (const reader of readers) {
      for (const { path } of states.filter((row) => /^(evse|info|simulator|meter)\//.test(row.path))) {
        await reader.sees(`warp/${path}`);
      }
      await reader.sees('warp/bridge/current_limit');
    }
    t.pass();
  });

  test('the printed rules: evcc may set the current and the phases, and nothing else', async (t) => {
    const { user, backend } = await start(t);
    const [evcc, home] = [await user('evcc'), await user('homeassistant')];
    const publish = (topic: string, payload: string) =>
      evcc.client.publishAsync(topic, payload, { qos: 1 }).catch(() => {});
    await publish('warp/evse/boost_mode_update', 'true');
    await publish('warp/evse/stop_charging', '');
    await publish('warp/power_manager/external_control_update', '{"phases_wanted":1}');
    await publish('warp/evse/external_current_update', '7000');
    await until(() => backend.writes.length === 2, 'both writes');
    t.deepEqual(
      backend.writes.map(({ path }) => path),
      ['power_manager/external_control', 'evse/external_current'],
    );
    await home.client.publishAsync('warp/evse/boost_mode_update', 'true', { qos: 1 });
    await until(() => backend.writes.length === 3, 'the write of who may');
  });
}

test('the rules follow prefixes, the name of the user, and discovery', async (t) => {
  const rules = mosquittoAcl(
    await readConfig([], {
      MQTT_USERNAME: 'wallbox',
      MQTT_TOPIC_PREFIX: 'garage/left',
      HOMEASSISTANT_DISCOVERY: 'false',
    }),
  );
  t.deepEqual(rules.split('\n').slice(0, 3), [
    '# for garage/left',
    'user wallbox',
    'topic readwrite garage/left/#',
  ]);
  t.true(rules.includes('topic write garage/left/power_manager/external_control_update'));
  t.false(rules.includes('homeassistant/'));
});
