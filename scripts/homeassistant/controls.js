// Drives every control of a charger in Home Assistant, and looks whether the charger follows: what an entity shows
// comes from the charger's topic only, so an entity that shows the new value is a charger that has it.
import { until } from '../../test-node-red/rig.js';

const FOLLOWS_MS = 20_000;

/** What does not follow, or must not be driven here, and why. */
const NOT_DRIVEN = {
  meter_slot: 'the model has one meter',
  control_pilot_disconnect: 'a charger ignores it while it charges',
  phases_wanted: 'a switch of the phases takes a while, and no other is taken meanwhile',
};

/** The charger shows the old indication until its time is over, which it is long after the LED was handed back. */
const NOT_SET_BACK = 'indicator_led';

/** The LED takes no orders before this switch is on. */
const GATE = 'led_api';

/** Currents between the charger's 0 and 6 A do not exist; Home Assistant's slider has them. */
const asCharger = ({ unit_of_measurement }, value) => (unit_of_measurement === 'A' && value < 6 ? 0 : value);

/**
 * Sets each control of a charger to values at its ends and in its middle, and then back to what it
 * was. Returns how many values were set, and what did not follow.
 */
export async function driveControls({ ha, device }) {
  const entities = await ha.entities(device);
  const wrong = [];
  let driven = 0;

  async function follows(key, entity_id, service, data, expected) {
    driven++;
    try {
      await ha.call(service, entity_id, data);
      await until(
        () => expected(ha.states.get(entity_id)?.state),
        () => `${key} after ${service} ${JSON.stringify(data)}; it is ${ha.states.get(entity_id)?.state}`,
        FOLLOWS_MS,
      );
    } catch (error) {
      wrong.push(error.message);
    }
  }

  const drivers = {
    async number(key, id, component, before) {
      const { min, max, step } = component;
      const middle = min + Math.round((max - min) / 2 / step) * step;
      for (const value of [max, middle, min, Number(before)]) {
        const shown = asCharger(component, value);
        await follows(
          key,
          id,
          'number.set_value',
          { value },
          (state) => Math.abs(Number(state) - shown) < 0.001,
        );
      }
    },
    async switch(key, id, _component, before) {
      for (const state of before === 'on' ? ['off', 'on'] : ['on', 'off']) {
        await follows(key, id, `switch.turn_${state}`, {}, (now) => now === state);
      }
    },
    async select(key, id, { options }, before) {
      for (const option of [...options.filter((one) => one !== before).slice(0, 4), before]) {
        if (key === NOT_SET_BACK && option === before) continue;
        await follows(key, id, 'select.select_option', { option }, (now) => now === option);
      }
    },
    async button(key, id, _component, before) {
      await follows(key, id, 'button.press', {}, (now) => now !== before);
    },
  };

  const rank = (key) => (key === GATE ? 0 : key.startsWith('simulator') ? 2 : 1);
  const platformOf = (key) => entities.get(key).entity_id.split('.')[0];
  const keys = [...entities.keys()].filter((key) => !(key in NOT_DRIVEN) && drivers[platformOf(key)]);
  for (const key of keys.sort((one, other) => rank(one) - rank(other))) {
    const { entity_id } = entities.get(key);
    const { state: before, attributes } = ha.states.get(entity_id);
    await drivers[platformOf(key)](key, entity_id, attributes, before);
    if (key === GATE) await follows(key, entity_id, 'switch.turn_on', {}, (now) => now === 'on');
  }
  return { driven, wrong };
}
