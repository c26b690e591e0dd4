import type { Entity } from './entity.js';
import { config, expert, numberInput, toggle } from './entity-kinds.js';
import { nullable } from './members.js';
import { setting } from './rows.js';
import { bool, int, oneOf } from './scalars.js';
import type { Topic } from './topic.js';

/** 0 stands for a vehicle that is never full. The topic shows null for that, so no `member` is required to be there. */
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

/** The car at the built-in model. */
export const simulatedVehicle: Topic = setting(
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
    doc: 'The simulated vehicle. `requesting` asks for current, `energy_wanted` (Wh) ends the charge, `cp_resistance` (Ω, 65535 = open) overrides what the flags would show on the control pilot. `s2_delay` is how long it waits with PWM before it asks (null: 1 to 5 s), `needs_wakeup` for how long it must lose the control pilot first. Writing another `preset` sets all members that define that car.',
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
);
