import test, { type ExecutionContext } from 'ava';
import { type Clock, systemClock } from '../../src/base/clock.js';
import { checkBroker } from '../../src/commands/check-broker.js';
import type { Step } from '../../src/commands/check-steps.js';
import { linkOptions } from '../../src/commands/wiring-broker.js';
import { readConfig } from '../../src/config/index.js';
import { chargerTopics } from '../../src/topics/index.js';
import { FakeLog } from '../_fakes.js';
import { freePort } from '../_ports.js';
import { FastClock } from '../backend/_backends.js';
import { brokerFor, brokers, Onlooker } from '../mqtt/_brokers.js';
import { ByteBroker, code, type Rule } from '../mqtt/_byte-broker.js';
import { type Habits, router } from './_router.js';

// Every sentence that `check` can say about a broker.

/** Time for brokers in this process: they get 60 turns of the event loop for the shortest wait. */
function clockOf(t: ExecutionContext): Clock {
  const clock = new FastClock(5);
  t.teardown(() => clock.stop());
  return clock;
}

async function checked(
  t: ExecutionContext,
  port: number,
  env: Readonly<Record<string, string>> = {},
  clock: Clock = clockOf(t),
): Promise<{ lines: string[]; isRunning: boolean }> {
  const { values, chargers } = await readConfig([], env);
  const [one] = chargers;
  if (!one) throw new Error('no charger');
  const { 'mqtt.username': username, 'mqtt.password': password } = values;
  const login = { ...(username && { username }), ...(password && { password }) };
  const options = linkOptions(
    one,
    false,
    values,
    { protocol: 'mqtt', host: '127.0.0.1', port, ...login },
    new FakeLog(),
  );
  const lines: string[] = [];
  const tell = (result: Step['result'], text: string) =>
    lines.push(`${result} ${text.replaceAll(`broker mqtt://127.0.0.1:${port}`, 'B')}`);
  const signal = new AbortController().signal;
  const topics = chargerTopics();
  const isRunning = await checkBroker({
    options,
    values,
    chargers: [{ ...one, topics }],
    clock,
    signal,
    tell,
  });
  return { lines, isRunning };
}

const FINE = [
  'ok B: connected (MQTT 5)',
  'ok warp: B: publishing and subscribing are allowed, a retained round trip works',
  'ok B: discovery for Home Assistant may be published',
];

interface Case {
  readonly what: string;
  readonly habits: Habits;
  readonly env?: Readonly<Record<string, string>>;
  /** What is said instead of, or besides, that all is well. */
  readonly says: readonly RegExp[];
}

const below = (prefix: string) => (topic: string) => topic.startsWith(prefix);

const cases: readonly Case[] = [
  {
    what: 'it keeps no retained messages, and says so',
    habits: { retainsNothing: true, properties: { retainAvailable: false } },
    says: [
      /^FAIL warp: B: it does not retain what is published on warp\/bridge\/check: a program that subscribes sees/,
    ],
  },
  {
    what: 'it keeps no retained messages',
    habits: { retainsNothing: true },
    says: [/^FAIL warp: B: it does not retain what is published on warp\/bridge\/check/],
  },
  {
    what: 'it sends nothing retained to wildcards',
    habits: { noRetainedForWildcards: true },
    says: [
      /^note warp: B: it sends nothing retained to subscriptions with a wildcard: a program that subscribes to warp\/#/,
    ],
  },
  {
    what: 'it forgets the retain flag',
    habits: { forgetsRetainFlag: true },
    says: [
      /^note warp: B: it sends what is retained without the retain flag, .* a retained write is carried out at each connect; with MQTT_QOS=0 it may keep the flag$/,
    ],
  },
  {
    what: 'it forgets the retain flag, also with QoS 0',
    habits: { forgetsRetainFlag: true },
    env: { MQTT_QOS: '0' },
    says: [/^note warp: B: it sends what is retained without the retain flag, .* at each connect$/],
  },
  {
    what: 'it drops the retain flag of live messages',
    habits: { dropsLiveRetainFlag: true },
    says: [
      /^note warp: B: a live message loses its retain flag, .* a new write with that flag is carried out/,
    ],
  },
  {
    what: 'it ignores no local',
    habits: { ignoresNoLocal: true },
    says: [/^note warp: B: it sends our own messages back to us, against MQTT 5 \(no local\)/],
  },
  {
    what: 'it takes small packets only',
    habits: { properties: { maximumPacketSize: 2_000 } },
    says: [
      /^note B: it takes packets of at most 2000 bytes, .* raise its maximum packet size to 4096 or more$/,
    ],
  },
  {
    what: 'it offers QoS 0 only',
    habits: { properties: { maximumQoS: 0 } },
    says: [
      /^note B: it offers only QoS 0, so that a message may be lost; with MQTT_QOS=0 this note goes away$/,
    ],
  },
  {
    what: 'it offers QoS 0 only, as was set',
    habits: { properties: { maximumQoS: 0 } },
    env: { MQTT_QOS: '0' },
    says: [],
  },
  {
    what: 'it offers no wildcards',
    habits: { properties: { wildcardSubscriptionAvailable: false } },
    says: [
      /^note B: it offers no subscriptions with a wildcard, so the bridge does not see writes to misspelt topics$/,
    ],
  },
  {
    what: 'it denies publishing states',
    habits: { denyPublish: below('warp/evse/') },
    says: [
      /^FAIL warp: B: it does not take what is published on warp\/evse\/bridge_check \(not authorized\)\. Check its access rules for anonymous clients; .*--format mosquitto-acl$/,
    ],
  },
  {
    what: 'it denies publishing anything',
    habits: { denyPublish: below('warp/') },
    says: [
      /^FAIL warp: B: it does not take what is published on warp\/bridge\/check, .* and \d+ more \(not authorized\)/,
    ],
  },
  {
    what: 'it denies subscribing',
    habits: { denySubscribe: (topic) => topic.endsWith('_update') },
    env: { MQTT_USERNAME: 'bob' },
    says: [
      /^FAIL warp: B: it denies subscribing to warp\/evse\/bridge_check_update, .*\. Check its access rules for user bob;/,
    ],
  },
  {
    what: 'it grants subscriptions that it does not serve',
    habits: { denyDelivery: below('warp/power_manager/') },
    says: [
      /^FAIL warp: B: what is published on warp\/power_manager\/bridge_check_update does not come to us/,
    ],
  },
  {
    what: 'it serves no subscription at all',
    habits: { denyDelivery: () => true },
    says: [
      /^FAIL warp: B: what is published on warp\/bridge\/check, warp\/evse\/bridge_check_update, .* does not come to us/,
    ],
  },
  {
    what: 'it denies discovery',
    habits: { denyPublish: below('homeassistant/') },
    says: [
      /^FAIL B: it does not take what is published on homeassistant\/device\/bridge_check\/config \(not authorized\), so Home Assistant finds no charger; .* HOMEASSISTANT_DISCOVERY=false$/,
    ],
  },
  {
    what: 'it ends the connection',
    habits: { endsAtPublish: true },
    says: [/^FAIL B: it ended the connection while it was tried$/],
  },
];

test('all is well', async (t) => {
  const { rule, retained, touched } = router();
  retained.set('warp/evse/state', '{}');
  const { lines, isRunning } = await checked(t, (await ByteBroker.start(t, rule)).port);
  t.deepEqual(lines, FINE);
  t.false(isRunning);
  t.deepEqual([...retained.keys()], ['warp/evse/state'], 'nothing stays there, and nothing else goes');
  const rows = chargerTopics();
  const acted = [...touched].filter((topic) => {
    const path = topic.replace(/^warp\//, '').replace(/_update$/, '');
    return rows.has(path) && !/^bridge\/check/.test(path);
  });
  t.deepEqual(acted, [], 'nothing is published where a charger or a bridge acts on it');
});

for (const { what, habits, env, says } of cases) {
  test(`told: ${what}`, async (t) => {
    const { rule } = router(habits);
    const { lines } = await checked(t, (await ByteBroker.start(t, rule)).port, env);
    const other = lines.filter((line) => !FINE.includes(line));
    t.is(other.length, says.length, lines.join('\n'));
    for (const [at, pattern] of says.entries()) t.regex(other[at] ?? '', pattern);
    const fails = lines.some((line) => line.startsWith('FAIL warp'));
    t.is(lines.includes(FINE[1] ?? ''), !fails && !habits.endsAtPublish, 'well only where nothing fails');
  });
}

test('told: a bridge is running for the charger', async (t) => {
  const { rule, retained } = router();
  retained.set('warp/bridge/state', 'online');
  retained.set('warp/bridge/info', '{"version":"1.2.3","started":"2026-11-24T10:00:00Z"}');
  const { lines, isRunning } = await checked(t, (await ByteBroker.start(t, rule)).port);
  t.true(isRunning);
  t.is(lines[1], 'note warp: a bridge is running for it (version 1.2.3, since 2026-11-24T10:00:00Z)');
  retained.set('warp/bridge/info', 'no JSON');
  t.regex((await checked(t, (await ByteBroker.start(t, rule)).port)).lines[1] ?? '', /version unknown/);
  retained.set('warp/bridge/state', 'offline');
  t.false((await checked(t, (await ByteBroker.start(t, rule)).port)).isRunning);
});

test('told: it forgets the retain flag with MQTT 3.1.1, and a bridge is running all the same', async (t) => {
  const { rule, retained } = router({ forgetsRetainFlag: true });
  retained.set('warp/bridge/state', 'online');
  const { port } = await ByteBroker.start(t, rule);
  const { lines, isRunning } = await checked(t, port, { MQTT_PROTOCOL_VERSION: '4' });
  t.true(isRunning);
  t.regex(lines[1] ?? '', /^note B: MQTT_PROTOCOL_VERSION=4 asks it for MQTT 3\.1\.1\. A new write/);
  t.true(lines.some((line) => /retain flag, .*; the bridge refuses writes that come together/.test(line)));
  t.false(lines.some((line) => line.startsWith('FAIL')));
});

test('told: no discovery is wanted, so none is tried', async (t) => {
  const { rule, touched } = router();
  await checked(t, (await ByteBroker.start(t, rule)).port, { HOMEASSISTANT_DISCOVERY: 'false' });
  t.false([...touched].some((topic) => topic.startsWith('homeassistant')));
});

test('told: nobody listens', async (t) => {
  const { lines } = await checked(t, await freePort());
  t.deepEqual(lines, ['FAIL B: nothing listens there; is the broker running, and is MQTT_URL right?']);
});

test('told: the login is refused', async (t) => {
  const rule: Rule = (packet, connection) => {
    if (packet.cmd !== 'connect') return false;
    connection.send({ cmd: 'connack', sessionPresent: false, ...code(connection, 0x86) });
    connection.socket.end();
    return true;
  };
  const { port } = await ByteBroker.start(t, rule);
  const { lines } = await checked(t, port);
  t.deepEqual(lines, ['FAIL B: it asks for a login; set MQTT_USERNAME and MQTT_PASSWORD']);
  const login = { MQTT_USERNAME: 'me', MQTT_PASSWORD: 'wrong' };
  const refused = await checked(t, port, login);
  t.deepEqual(refused.lines, ['FAIL B: it refused the login; check MQTT_USERNAME and MQTT_PASSWORD']);
});

test('told: MQTT 3.1.1 only, and what is not known then', async (t) => {
  const kind = brokers.find(({ name }) => name === 'embedded');
  if (!kind) return t.fail();
  const broker = await brokerFor(t, kind);
  const { lines } = await checked(t, broker.port);
  t.is(lines[0], 'ok B: connected (MQTT 3.1.1)');
  t.regex(
    lines[1] ?? '',
    /^note B: it speaks only MQTT 3\.1\.1\. A new write with the retain flag is carried out/,
  );
  t.deepEqual(lines.slice(2), [FINE[1]]);
});

const rules: readonly [rule: string, says: readonly RegExp[]][] = [
  ['topic readwrite #', []],
  [
    'topic read #',
    [/does not take what is published on warp\/bridge\/check, /, /Home Assistant finds no charger/],
  ],
  ['topic write #', [/what is published on warp\/bridge\/check, .*does not come to us/]],
  [
    'topic readwrite warp/bridge/#\ntopic readwrite warp/evse/#\ntopic readwrite homeassistant/#',
    [/does not take what is published on warp\/info\/bridge_check, /],
  ],
];

for (const [rule, says] of rules) {
  if (!brokers.some(({ name }) => name === 'mosquitto')) continue;
  test(`Mosquitto with the rules ${JSON.stringify(rule)}`, async (t) => {
    const kind = brokers.find(({ name }) => name === 'mosquitto');
    if (!kind) return t.fail();
    const broker = await brokerFor(t, kind, { files: { acl: rule } });
    const { lines } = await checked(t, broker.port, {}, systemClock);
    const fails = lines.filter((line) => line.startsWith('FAIL'));
    t.is(fails.length, says.length, lines.join('\n'));
    for (const [at, pattern] of says.entries()) t.regex(fails[at] ?? '', pattern);
    if (says.length > 0) return;
    t.deepEqual(lines, FINE);
    const home = await Onlooker.at(t, broker.port);
    home.client.publish('done', 'x');
    await home.sees('done');
    t.deepEqual([...home.newest.keys()], ['done'], 'nothing stays there');
  });
}
