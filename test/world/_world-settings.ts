import { type Config, readConfig } from '../../src/config/index.js';
import { modelTopics, registry } from '../../src/topics/index.js';
import { isSimulated } from '../../src/topics/namespaces.js';
import { type BrokerRules, openRules } from './_broker.js';
import type { Habits } from './_charger.js';
import type { SeededRandom } from './_seeded-random.js';

export const KEEPALIVE_S = 10;

const URL = { MQTT_URL: 'mqtt://broker' };

export const CLIENT_ID = 'bridge';

const SMALL: readonly string[] = [
  'evse/state',
  'evse/low_level_state',
  'evse/button_state',
  'evse/slots',
  'evse/external_current',
  'evse/external_defaults',
  'evse/global_current',
  'evse/user_current',
  'meter/values',
];

/** The program's settings, as an owner could write them. */
export const configs = await settings(CLIENT_ID);

/** The same for one of two processes, which look for each other at a broker that is not their own. */
export const configsOfPair = await settings(CLIENT_ID, URL);

/** The same under another client id, for a second process. */
export const configsOfOther = await settings('other', URL);

function settings(clientId: string, url?: Readonly<Record<string, string>>): Promise<Config[]> {
  return Promise.all(
    ['auto', 'auto', 'auto', 'auto', 'auto', 'auto', 'poll', 'websocket'].map((transport, at) =>
      readConfig([], {
        CHARGER_URL: 'http://charger',
        CHARGER_TRANSPORT: transport,
        HOMEASSISTANT_DISCOVERY: String(at === 0),
        MQTT_QOS: at === 1 ? '0' : '1',
        MQTT_CLIENT_ID: clientId,
        ...url,
        MQTT_KEEPALIVE: String(KEEPALIVE_S),
      }),
    ),
  );
}

// Parts that the program loads only when it needs them are there before the world's time begins.
await Promise.all([
  import('../../src/backend/http/index.js'),
  import('../../src/outlets/homeassistant/discovery.js'),
]);

export const topicsOfFull = registry(modelTopics().rows.filter(({ path }) => !isSimulated(path)));

/** What a charger with few features has: most worlds are about what happens, not about how many topics there are. */
export const topicsOfSmall = registry(
  topicsOfFull.rows.filter(({ path, state }) => !state || SMALL.includes(path)),
);

export function habitsOf(random: SeededRandom, isLimited: boolean): Habits {
  return {
    dumpFrame: random.pick([1_000, 2_000, 4_480]),
    dumpGap: random.pick([1, 20, 150, 400]),
    losesInDump: random.maybe(0.9),
    offersPush: random.maybe(0.92),
    service: random.pick([5, 20, 60]),
    booting: random.pick([0, 500, 3_000]),
    bootStatus: random.pick([401, 403, 404, 500] as const),
    // Only a broker with a limit makes a difference between large and small.
    bulk: isLimited ? random.pick([0, 2_500, 12_000]) : 0,
  };
}

export function rulesOf(random: SeededRandom): BrokerRules {
  const rules = openRules();
  if (random.maybe(0.12)) {
    rules.version = 4;
    rules.toNewer = random.pick(['connack', 'close', 'silence'] as const);
  }
  if (random.maybe(0.15)) rules.receiveMaximum = random.int(1, 20);
  if (random.maybe(0.1)) rules.maxPacket = random.pick([2_000, 10_000, 20_000]);
  if (random.maybe(0.08)) rules.maxQos = 0;
  if (random.maybe(0.04)) rules.retains = false;
  if (random.maybe(0.3)) rules.deliversEach = true;
  if (random.maybe(0.15)) rules.ignoresNoLocal = true;
  return rules;
}
