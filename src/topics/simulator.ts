import { WARP2_AND_LATER } from './availability.js';
import type { Code } from './entity.js';
import { expert, press, toggle } from './entity-kinds.js';
import { array, optional } from './members.js';
import { action, command, setting } from './rows.js';
import { bool, boundedInt, current, hexBytes, i16, int, oneOf } from './scalars.js';
import { simulatedVehicle } from './simulated-vehicle.js';
import type { Topic } from './topic.js';

const contactors: readonly Code[] = [
  ['ok', ['Works', 'Funktioniert']],
  ['stuck_open', ['Does not close', 'Schließt nicht']],
  ['welded', ['Welded', 'Verschweißt']],
];

/** The world around the model: only there with `BACKEND=model` and in `simulate` (contract 5). */
export const simulator: readonly Topic[] = [
  simulatedVehicle,
  setting(
    'simulator/button',
    { pressed: bool() },
    {
      doc: 'Whether somebody presses the button in the front panel.',
      example: { pressed: false },
      entities: [
        toggle(
          'simulator_button',
          ['Simulated finger on the front button', 'Simulierter Finger auf dem Fronttaster'],
          'pressed',
          { icon: 'gesture-tap-button' },
        ),
      ],
      read: (c) => c.world.button(),
      write: (c, value) => c.world.setButton(value),
    },
  ),
  setting(
    'simulator/supply',
    {
      live: bool(),
      contactor: oneOf('ok', 'stuck_open', 'welded'),
      contact_time: int(0, 10_000, 'ms'),
      phases_live: array(bool(), 3),
      contactor_2: optional(oneOf('ok', 'stuck_open', 'welded')),
      auxiliary: optional(oneOf('ok', 'broken')),
      auxiliary_2: optional(oneOf('ok', 'broken')),
      pe: optional(oneOf('ok', 'broken')),
    },
    {
      doc: 'The mains, phase by phase, and the health of the contactor; `contact_time` is how long its contacts take to move. With a second contactor, which switches L2 and L3: also its health, and that of the auxiliary contacts and of the protective earth.',
      example: {
        live: true,
        contactor: 'ok',
        contact_time: 20,
        phases_live: [true, true, true],
        contactor_2: 'ok',
        auxiliary: 'ok',
        auxiliary_2: 'ok',
        pe: 'ok',
      },
      entities: [
        toggle('simulator_supply', ['Simulated mains', 'Simuliertes Stromnetz'], 'live', {
          ...expert,
          icon: 'transmission-tower',
        }),
        {
          key: 'simulator_contactor',
          platform: 'select',
          name: ['Simulated contactor', 'Simuliertes Schütz'],
          member: ['contactor'],
          codes: contactors,
          value: (texts) => `{{ ${texts}.get(value_json.contactor, 'None') }}`,
          command: (codes) => `{"contactor": {{ ${codes}[value] | tojson }}}`,
          options: {},
          ...expert,
          icon: 'electric-switch',
        },
      ],
      read: (c) => c.world.supply(),
      write: (c, value) => c.world.setSupply(value),
    },
  ),
  setting(
    'simulator/dc_sensor',
    {
      leakage: oneOf('none', 'dc6', 'ac20', 'both', 'system'),
      defect: oneOf('none', 'no_x6', 'no_x30', 'stuck'),
    },
    {
      doc: 'Residual currents, which open the contactor, and defects of their sensor, which its test finds.',
      generations: WARP2_AND_LATER,
      example: { leakage: 'none', defect: 'none' },
      read: (c) => c.world.dcSensor(),
      write: (c, value) => c.world.setDcSensor(value),
    },
  ),
  setting(
    'simulator/inputs',
    { shutdown: oneOf('open', 'closed'), gp: oneOf('open', 'closed') },
    {
      doc: 'What is wired to the inputs of the charge controller; a WARP3 has no general purpose input.',
      generations: WARP2_AND_LATER,
      example: { shutdown: 'open', gp: 'open' },
      read: (c) => c.world.inputs(),
      write: (c, value) => c.world.setInputs(value),
    },
  ),
  setting(
    'simulator/temperature',
    { ambient: i16() },
    {
      doc: 'The temperature around the charger in 1/100 °C.',
      generations: WARP2_AND_LATER,
      example: { ambient: 2500 },
      read: (c) => c.world.temperature(),
      write: (c, value) => c.world.setTemperature(value),
    },
  ),
  command(
    'simulator/tag',
    { tag_id: hexBytes(1, 10) },
    { tag_type: boundedInt(0, 5), known: bool(), current: int(6000, 32_000, 'mA') },
    {
      doc: 'Holds an NFC tag to the charger, for 0.3 s. Defaults: type 2, `known` to the charger, and 32 A for its user. A known tag stays known.',
      example: { tag_id: '01:23:AB:3D' },
      write: (c, { tag_id, tag_type = 2, known = true, current = 32_000 }) =>
        c.world.holdTag({ tag_type, tag_id, known, current }),
    },
  ),
  command(
    'simulator/slot',
    { slot: int(2, 14) },
    { max_current: current(), active: bool(), clear_on_disconnect: bool() },
    {
      doc: 'Writes a slot, 2..14, as load management, users or OCPP do. Members may be left out.',
      write: (c, value) => c.limits.setSlot(value),
    },
  ),
  action('simulator/power_cycle', {
    doc: 'Switches the charger off and on again.',
    entities: [
      press(
        'simulator_power_cycle',
        ['Simulated power cycle', 'Simuliertes Aus- und Einschalten'],
        'simulator/vehicle',
        {
          ...expert,
          icon: 'restart',
        },
      ),
    ],
    write: (c) => c.powerCycle(),
  }),
  action('simulator/factory_reset', {
    doc: 'Forgets all settings and restarts the charger.',
    write: (c) => c.factoryReset(),
  }),
];
