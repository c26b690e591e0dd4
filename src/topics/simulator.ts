import { WARP2_AND_LATER } from './availability.js';
import { type Code, config, type Entity, expert, numberInput, press, toggle } from './entity.js';
import { array, nullable, optional } from './members.js';
import { action, command, setting } from './rows.js';
import { bool, boundedInt, current, hexBytes, i16, int, oneOf } from './scalars.js';
import type { Topic } from './topic.js';

/** 0 stands for a vehicle that is never full, which the topic shows as null: so its presence alone has to do. */
const energyWanted: Entity = {
  ...numberInput(
    'simulator_energy_wanted',
    ['Simulated vehicle: energy wanted', 'Simuliertes Fahrzeug: Energiebedarf'],
    'energy_wanted',
    {
      value: '{{ (value_json.energy_wanted or 0) / 1000 }}',
      command: '{"energy_wanted": {{ (value * 1000 + 0.5) | int if value > 0 else \'null\' }}}',
      options: {
        min: 0,
        max: 1000,
        step: 0.1,
        mode: 'box',
        unit_of_measurement: 'kWh',
        device_class: 'energy',
      },
    },
    { ...config, icon: 'battery-charging-outline' },
  ),
  member: [],
};

const contactors: readonly Code[] = [
  ['ok', ['Works', 'Funktioniert']],
  ['stuck_open', ['Does not close', 'Schließt nicht']],
  ['welded', ['Welded', 'Verschweißt']],
];

/** The world around the model: only there with `BACKEND=model` and in `simulate` (contract 5). */
export const simulator: readonly Topic[] = [
  setting(
    'simulator/vehicle',
    {
      connected: bool(),
      requesting: bool(),
      ventilation: bool(),
      diode_fault: bool(),
      phases: int(1, 3),
      max_current: int(0, 80_000, 'mA'),
      energy_wanted: nullable(int(0, 1_000_000, 'Wh')),
      cable_current: int(0, 80_000, 'mA'),
      cp_resistance: nullable(int(0, 65_535, 'Ω')),
      s2_delay: nullable(int(0, 3_600_000, 'ms')),
      needs_wakeup: int(0, 3_600_000, 'ms'),
      ignores_stop: bool(),
      preset: oneOf('custom', 'three_phase_11kw', 'three_phase_22kw', 'one_phase_7kw', 'slow', 'sleepy'),
    },
    {
      doc: 'The simulated vehicle. `requesting` asks for current, `energy_wanted` (Wh) ends the charge, `cp_resistance` (Ω, 65535 = open) overrides what the flags would show on the control pilot. `s2_delay` is how long it waits with PWM before it asks (null: 1 to 5 s), `needs_wakeup` for how long it must lose the control pilot first. Another `preset` sets what makes that car.',
      example: {
        connected: false,
        requesting: false,
        ventilation: false,
        diode_fault: false,
        phases: 3,
        max_current: 16000,
        energy_wanted: null,
        cable_current: 32000,
        cp_resistance: null,
        s2_delay: null,
        needs_wakeup: 0,
        ignores_stop: false,
        preset: 'three_phase_11kw',
      },
      entities: [
        toggle(
          'simulator_vehicle_connected',
          ['Simulated vehicle: plugged in', 'Simuliertes Fahrzeug: eingesteckt'],
          'connected',
          { icon: 'car-electric' },
        ),
        toggle(
          'simulator_vehicle_requesting',
          ['Simulated vehicle: wants to charge', 'Simuliertes Fahrzeug: will laden'],
          'requesting',
          { icon: 'car-electric-outline' },
        ),
        energyWanted,
        numberInput(
          'simulator_max_current',
          ['Simulated vehicle: maximum current', 'Simuliertes Fahrzeug: Maximalstrom'],
          'max_current',
          {
            value: '{{ value_json.max_current / 1000 }}',
            command: '{"max_current": {{ (value * 1000 + 0.5) | int }}}',
            options: {
              min: 0,
              max: 80,
              step: 0.1,
              mode: 'box',
              unit_of_measurement: 'A',
              device_class: 'current',
            },
          },
          { ...expert, icon: 'current-ac' },
        ),
        numberInput(
          'simulator_phases',
          ['Simulated vehicle: phases', 'Simuliertes Fahrzeug: Phasen'],
          'phases',
          {
            value: '{{ value_json.phases }}',
            command: '{"phases": {{ value | int }}}',
            options: { min: 1, max: 3, step: 1, mode: 'box' },
          },
          { ...expert, icon: 'sine-wave' },
        ),
        toggle(
          'simulator_ventilation',
          ['Simulated vehicle: wants ventilation', 'Simuliertes Fahrzeug: will Belüftung'],
          'ventilation',
          { ...expert, icon: 'fan' },
        ),
        toggle(
          'simulator_diode_fault',
          ['Simulated vehicle: diode fault', 'Simuliertes Fahrzeug: Diodenfehler'],
          'diode_fault',
          { ...expert, icon: 'alert-outline' },
        ),
      ],
      read: (c) => c.world.vehicle(),
      write: (c, value) => c.world.setVehicle(value),
    },
  ),
  setting(
    'simulator/button',
    { pressed: bool() },
    {
      doc: 'The finger on the button in the front panel.',
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
      doc: 'The mains, phase by phase, and the health of the contactor; `contact_time` is how long its contacts take to move. Where a second contactor switches L2 and L3 there are its health, that of the auxiliary contacts and of the protective earth as well.',
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
      doc: 'Holds an NFC tag to the charger, for 0.3 s. Left out: type 2, `known` to the charger, and 32 A for its user. A known tag stays known.',
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
      doc: 'Any other writer of slots 2..14: load management, users, OCPP, … Members may be left out.',
      write: (c, value) => c.setSlot(value),
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
