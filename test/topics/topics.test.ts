import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import * as v from 'valibot';
import { includes, type Json } from '../../src/base/json.js';
import { complete, readWrite } from '../../src/charger/payload.js';
import { allTopics, chargerTopics, modelTopics, registry } from '../../src/topics/index.js';
import { bytes, fakeCharger } from '../_fakes.js';

/** The topics of the public API text. */
const SEED = {
  read: [
    'state',
    'hardware_configuration',
    'slots',
    'button_state',
    'low_level_state',
    'management_current',
    'user_current',
  ],
  write: [
    'indicator_led',
    'external_current',
    'external_clear_on_disconnect',
    'auto_start_charging',
    'global_current',
    'management_enabled',
    'user_enabled',
    'external_enabled',
    'external_defaults',
    'modbus_tcp_enabled',
    'ocpp_enabled',
    'automation_current',
    'led_configuration',
    'user_calibration',
    'boost_mode',
    'meter_config',
  ],
  action: ['stop_charging', 'start_charging'],
};

test('all 25 topics of the public text are there, readable and writable as it says', (t) => {
  const topics = modelTopics();
  for (const name of SEED.read) {
    t.truthy(topics.get(`evse/${name}`)?.state, name);
    t.is(topics.get(`evse/${name}`)?.command, undefined, name);
  }
  for (const name of SEED.write) {
    t.truthy(topics.get(`evse/${name}`)?.state, name);
    t.is(topics.get(`evse/${name}`)?.command?.action, false, name);
  }
  for (const name of SEED.action) {
    t.is(topics.get(`evse/${name}`)?.state, undefined, name);
    t.is(topics.get(`evse/${name}`)?.command?.action, true, name);
  }
  const all = [...topics.keys()].filter((path) => path.startsWith('evse/'));
  t.is(all.length, 25);
  t.true([...chargerTopics().keys()].filter((path) => path.startsWith('evse/')).length > 40);
});

// The two tests that every row gets for nothing.
for (const { path, state, command } of allTopics().values()) {
  if (state) {
    test(`row ${path}: its example is a state, anything else is none`, (t) => {
      t.true(v.is(state.shape, state.example));
      t.true(state.fits(state.example));
      for (const wrong of [null, 7, 'x', Array.isArray(state.example) ? {} : []]) {
        t.false(v.is(state.shape, wrong));
        t.false(state.fits(wrong));
      }
    });
  }
  if (command && !command.action && state) {
    test(`row ${path}: its example can be written, whole and member by member, and is then the state`, (t) => {
      const write = (payload: Json) =>
        complete(
          command,
          readWrite(bytes(JSON.stringify(payload)), false, () => ''),
          state.example,
        );
      t.deepEqual(write(state.example), state.example);
      for (const [name, value] of Object.entries(state.example as object))
        t.deepEqual(write({ [name]: value }), state.example);
      t.true(includes(state.example, state.example));
      t.throws(() => write({ ...(state.example as object), surplus: 1 }), {
        message: /surplus: unknown member/,
      });
      t.throws(() => write(Object.fromEntries(command.members.map((name) => [name, null]))), {
        message: /expected/,
      });
    });
  }
}

test('the quick check of states says what the one with words says', (t) => {
  const odd: fc.Arbitrary<unknown> = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.string(),
    fc.constant(null),
    fc.constant([]),
    fc.constant([true, 1]),
  );
  for (const { path, state } of allTopics().values()) {
    if (!state || Array.isArray(state.example)) continue;
    const example = state.example as Record<string, unknown>;
    const names = Object.keys(example);
    const changed = fc.dictionary(fc.constantFrom(...names, 'more'), odd, { maxKeys: 2 }).chain((changes) =>
      fc.subarray(names, { minLength: Math.max(0, names.length - 2) }).map((kept) => ({
        ...Object.fromEntries(kept.map((name) => [name, example[name]])),
        ...changes,
      })),
    );
    fc.assert(
      fc.property(changed, (value) => state.fits(value) === v.is(state.shape, value)),
      { numRuns: 50 },
    );
    t.pass(path);
  }
});

test('two rows for one path are a bug that shows at start', (t) => {
  const [row] = chargerTopics().values();
  if (!row) return t.fail();
  t.throws(() => registry([row, row]), { message: /two rows/ });
});

const payloads = resolve(import.meta.dirname, '../../../test/data/payloads');

/** `evse_low_level_state__charging_1.json` → `evse/low_level_state`; only the evse part of a name has slashes to find. */
function topicOf(file: string): string {
  const [room = '', ...rest] = file.replace(/(__.*)?\.json$/, '').split('_');
  const rooms = [
    ['charge', 'tracker'],
    ['power', 'manager'],
    ['event', 'log'],
    ['modbus', 'tcp'],
    ['charge', 'limits'],
    ['require', 'meter'],
  ];
  const long = rooms.find(([a, b]) => a === room && b === rest[0]);
  if (long) return `${long.join('_')}/${rest.slice(1).join('_')}`;
  if (room === 'meters' && /^\d/.test(rest[0] ?? '')) return `meters/${rest[0]}/${rest.slice(1).join('_')}`;
  return `${room}/${rest.join('_')}`;
}

for (const folder of readdirSync(payloads).filter((name) => !name.includes('.'))) {
  for (const file of readdirSync(join(payloads, folder))) {
    // Not what a charger sends: what another broker made of it, one element of an array, firmware 1, its own discovery.
    if (/iobroker_wrapped|element14|max_charging_current|homeassistant/.test(file)) continue;
    test(`recorded payload ${folder}/${file} passes unchanged`, (t) => {
      const { charger, backend, log } = fakeCharger({ mirror: ['*'] });
      const text = readFileSync(join(payloads, folder, file), 'utf8').trimEnd();
      backend.reports(topicOf(file), text);
      t.is(charger.store.get(topicOf(file)), text);
      t.deepEqual(log.texts('warn'), []);
    });
  }
}
