import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { Refused } from '../../src/base/errors.js';
import { includes, type Json } from '../../src/base/json.js';
import { wantedValue } from '../../src/charger/payload.js';
import { type Generation, isAvailable } from '../../src/topics/availability.js';
import { allTopics, chargerTopics, modelTopics, registry } from '../../src/topics/index.js';
import { issueText } from '../../src/topics/issues.js';
import { array, object } from '../../src/topics/members.js';
import { bool, int, oneOf } from '../../src/topics/scalars.js';
import { bytes, fakeCharger } from '../_fakes.js';
import { payloadFolders, payloadsIn } from '../_payloads.js';
import { neighbours } from './_neighbours.js';

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

const ajv = new Ajv2020({ strict: false });

// The two tests that every row gets for nothing.
for (const row of allTopics().rows) {
  const { path, state, command } = row;
  if (state) {
    test(`row ${path}: its example is a state and fits its JSON Schema, anything else is none`, (t) => {
      t.is(state.check(state.example), undefined);
      t.true(ajv.validate(state.json, state.example), ajv.errorsText());
      for (const wrong of [null, 7, 'x', Array.isArray(state.example) ? {} : []]) {
        t.truthy(state.check(wrong));
      }
    });
  }
  if (command) {
    test(`row ${path}: what its JSON Schema allows can be written, and none of the neighbouring values`, (t) => {
      const write = (payload: unknown) => wantedValue(row, bytes(JSON.stringify(payload)), undefined);
      const { right, wrong } = neighbours(command.json);
      for (const value of right) {
        t.true(ajv.validate(command.json, value), `${JSON.stringify(value)}: ${ajv.errorsText()}`);
        t.deepEqual(write(value) as unknown, value);
      }
      for (const value of wrong.filter((one) => !ajv.validate(command.json, one))) {
        // A topic with one member also takes the bare value of it (contract 4.2).
        const [only, ...more] = command.members;
        const whole = only !== undefined && more.length === 0 ? { [only]: value } : value;
        if (!ajv.validate(command.json, whole))
          t.throws(() => write(value), { instanceOf: Refused, code: 'invalid' }, JSON.stringify(value));
      }
      t.true(wrong.length > 0);
    });
  }
  if (command && !command.action && state) {
    test(`row ${path}: its example can be written, whole and member by member, and is then the state`, (t) => {
      const write = (payload: Json) => wantedValue(row, bytes(JSON.stringify(payload)), state.example);
      t.deepEqual(write(state.example), state.example);
      for (const [name, value] of Object.entries(state.example as object))
        t.deepEqual(write({ [name]: value }), state.example);
      t.true(includes(state.example, state.example));
      if (Array.isArray(state.example)) return;
      t.throws(() => write({ ...(state.example as object), surplus: 1 }), {
        message: /surplus: unknown member/,
      });
      t.throws(() => write(Object.fromEntries(command.members.map((name) => [name, null]))), {
        message: /expected/,
      });
    });
  }
}

test('all faults of a payload are told at once, each with its place', (t) => {
  const slot = object({ max_current: int(0, 9), active: bool() });
  const told = (value: unknown) =>
    issueText(object({ slots: array(slot, 1), mode: oneOf('a') }).check(value, 'write') ?? []);
  t.is(
    told({ slots: [{ max_current: 'x', more: 1 }], mode: 7 }),
    'slots.0.max_current: expected a whole number 0..9, got "x"; slots.0.active: missing; expected true or false; ' +
      'slots.0.more: unknown member; known are max_current, active; mode: expected one of "a", got 7',
  );
  t.is(told([]), 'expected an object with slots, mode, got []');
  t.is(told({ slots: [{ max_current: 9, active: true }], mode: 'a' }), '');
});

test('of a list with thousands of wrong items, and of thousands of unknown members, the first fifty are told', (t) => {
  const { check } = array(int(0, 9));
  const faults = check(Array(100_000).fill('x'), 'report') ?? [];
  t.is(faults.length, 51, 'it does not even look at the others');
  const members = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`m${at}`, 0]));
  const surplus = issueText(object({ a: bool() }).check({ a: true, ...members }, 'write') ?? []);
  for (const text of [issueText(faults), surplus]) {
    t.is(text.split('; ').filter((part) => part.includes('49')).length, 1);
    t.regex(text, /; and more of that kind$/);
    t.true(text.length < 5_000);
  }
});

test('what was written instead of a secret is not told', (t) => {
  const command = allTopics().get('evse/reset_dc_fault_current_state')?.command;
  t.deepEqual(command?.secret, ['password']);
  t.is(
    issueText(command?.check({ password: 'hunter2' }) ?? []),
    'password: expected a whole number 0..4294967295',
  );
});

test('two rows for one path are a bug that shows at start', (t) => {
  const [row] = chargerTopics().values();
  if (!row) return t.fail();
  t.throws(() => registry([row, row]), { message: /two rows/ });
});

/** Which box and firmware the recordings of a folder are of (test/data/payloads/INDEX.md). */
const RECORDED: Readonly<Record<string, readonly [Generation, string]>> = {
  warp1: ['WARP1', '2.6.6'],
  'warp1-public-doc': ['WARP1', '2.8.9'],
  warp2: ['WARP2', '2.9.0'],
  'warp2-evcc28297-more': ['WARP2', '2.9.0'],
  warp3: ['WARP3', '2.8.5'],
  'warp3-hw40': ['WARP3', '2.7.5'],
  'warp3-hw40-more': ['WARP3', '2.7.5'],
  'warp3-more': ['WARP3', '2.9.0'],
  'vendor-doc-warp2-warp3-warp4-wem': ['WARP4', '2.12.2'],
};

for (const folder of payloadFolders) {
  for (const { file, path, text } of payloadsIn(folder)) {
    test(`recorded payload ${folder}/${file} passes unchanged`, (t) => {
      const { charger, backend, log } = fakeCharger({ mirror: ['*'] });
      backend.reports(path, text);
      t.is(charger.store.get(path), text);
      t.deepEqual(log.texts('warn'), []);
      const row = chargerTopics().get(path);
      const [generation, release] = RECORDED[folder] ?? [];
      if (row && generation && release && !file.includes('__wem'))
        t.true(isAvailable(row, generation, release), 'its row says that this box does not have it');
      if (row?.state) t.true(ajv.validate(row.state.json, JSON.parse(text)), ajv.errorsText());
    });
  }
}
