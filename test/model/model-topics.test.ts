import test from 'ava';
import fc from 'fast-check';
import type { Slot } from '../../src/model/api-types.js';
import { Controller } from '../../src/model/controller.js';
import { modelTypes } from '../../src/model/generations/model-type.js';
import { modelTopics } from '../../src/topics/index.js';
import { anyAction, anyLaterAction } from './_actions.js';
import { Walk } from './_fuzz.js';

/** The topics that repeat a member of a slot (controller-model 10): their single member by the slot's. */
const MIRRORS: Readonly<Record<string, (slots: readonly Slot[]) => unknown>> = {
  'evse/external_current': (slots) => slots[8]?.max_current,
  'evse/external_clear_on_disconnect': (slots) => slots[8]?.clear_on_disconnect,
  'evse/external_enabled': (slots) => slots[8]?.active,
  'evse/management_current': (slots) => slots[7]?.max_current,
  'evse/management_enabled': (slots) => slots[7]?.active,
  'evse/user_current': (slots) => slots[6]?.max_current,
  'evse/user_enabled': (slots) => slots[6]?.active,
  'evse/auto_start_charging': (slots) => !slots[4]?.clear_on_disconnect,
  'evse/global_current': (slots) => slots[5]?.max_current,
  'evse/modbus_tcp_enabled': (slots) => slots[9]?.active,
  'evse/ocpp_enabled': (slots) => slots[11]?.active,
  'evse/automation_current': (slots) => slots[14]?.max_current,
};

/** Of the later generations only. */
const LATER_MIRRORS: typeof MIRRORS = {
  'evse/eebus_enabled': (slots) => slots[15]?.active,
  'evse/p14a_enwg_enabled': (slots) => slots[16]?.active,
};

/** The part of a document that the example has as well. */
function alsoIn(value: object, example: unknown): unknown {
  if (Array.isArray(value) || typeof example !== 'object' || example === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name in example));
}

/** The values that go together as members, in their order. */
function membersIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [membersIn(value[0])];
  if (typeof value !== 'object' || value === null) return null;
  return Object.entries(JSON.parse(JSON.stringify(value)) as object).map(([key, member]) => [
    key,
    membersIn(member),
  ]);
}

for (const type of modelTypes) {
  const topics = modelTopics(type);
  const mirrors = type === 'warp1' ? MIRRORS : { ...MIRRORS, ...LATER_MIRRORS };
  const actions = fc.array(type === 'warp1' ? anyAction : anyLaterAction, { maxLength: 20 });

  test(`whatever happens to a ${type}, all its topics have their shape and mirror their slots`, (t) => {
    const property = fc.property(actions, (some) => {
      const walk = new Walk({ seed: 1, type }, 0);
      for (const action of some) walk.act(action);
      const slots = walk.controller.limits.slots();
      for (const [path, { state }] of topics) {
        if (!state?.read) continue;
        const value = JSON.parse(JSON.stringify(state.read(walk.controller)));
        if (state.check(value)) throw new Error(`${path}: ${JSON.stringify(value)}`);
        const mirror = mirrors[path];
        if (mirror && Object.values(value)[0] !== mirror(slots))
          throw new Error(`${path} is no mirror of its slot`);
      }
    });
    t.notThrows(() => fc.assert(property, { numRuns: 200, includeErrorInReport: true }));
    t.deepEqual(
      Object.keys(mirrors).filter((path) => !topics.has(path)),
      [],
    );
  });

  test(`the topics of a ${type} have the members of their examples, in the same order`, (t) => {
    const walk = new Walk({ type }, 0);
    for (const [path, { state }] of topics) {
      if (!state?.read || !path.startsWith('evse/')) continue;
      const value = JSON.parse(JSON.stringify(state.read(walk.controller)));
      // The examples are those of a WARP1; later chargers tell more.
      const known = type === 'warp1' ? value : alsoIn(value, state.example);
      t.deepEqual(membersIn(known), membersIn(state.example), path);
    }
  });
}

test('each type tells its own controller, whatever version is set for a WARP1', (t) => {
  const versionOf = (type: 'warp1' | 'warp2' | 'warp3') =>
    new Controller({ type, evseVersion: 15 }).hardwareConfiguration().evse_version;
  t.deepEqual([versionOf('warp1'), versionOf('warp2'), versionOf('warp3')], [15, 20, 30]);
  t.is(new Controller({ evseVersion: 14 }).hardwareConfiguration().evse_version, 14);
});

test('what the button of a later type does is a topic', (t) => {
  for (const type of ['warp2', 'warp3'] as const) {
    const { state, command } = modelTopics(type).get('evse/button_configuration') ?? {};
    const controller = new Controller({ type });
    controller.tick(0);
    t.deepEqual(state?.read?.(controller), { button: 2 });
    // The row has this shape.
    command?.write?.(controller, { button: 0 } as never);
    controller.tick(1_000);
    t.deepEqual(state?.read?.(controller), { button: 0 });
    t.is(controller.flashImage().button_configuration, 0);
  }
});
