import test from 'ava';
import fc from 'fast-check';
import type { Slot } from '../../src/model/api-types.js';
import { modelTopics } from '../../src/topics/index.js';
import { anyAction } from './_actions.js';
import { Walk } from './_fuzz.js';

const TOPICS = modelTopics();

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

test('whatever happens, all topics of the model have their shape and mirror their slots', (t) => {
  const property = fc.property(fc.array(anyAction, { maxLength: 20 }), (actions) => {
    const walk = new Walk({ seed: 1 }, 0);
    for (const action of actions) walk.act(action);
    const slots = walk.controller.slots();
    for (const [path, { state }] of TOPICS) {
      if (!state?.read) continue;
      const value = JSON.parse(JSON.stringify(state.read(walk.controller)));
      if (state.check(value)) throw new Error(`${path}: ${JSON.stringify(value)}`);
      const mirror = MIRRORS[path];
      if (mirror && Object.values(value)[0] !== mirror(slots))
        throw new Error(`${path} is no mirror of its slot`);
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 200, includeErrorInReport: true }));
  t.deepEqual(
    Object.keys(MIRRORS).filter((path) => !TOPICS.has(path)),
    [],
  );
});

test('the topics have the members of their examples, in the same order', (t) => {
  const walk = new Walk({}, 0);
  const keys = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.length === 0 ? [] : [keys(value[0])];
    if (typeof value !== 'object' || value === null) return null;
    return Object.entries(JSON.parse(JSON.stringify(value)) as object).map(([key, member]) => [
      key,
      keys(member),
    ]);
  };
  for (const [path, { state }] of TOPICS) {
    if (state?.read && path.startsWith('evse/'))
      t.deepEqual(keys(state.read(walk.controller)), keys(state.example), path);
  }
});
