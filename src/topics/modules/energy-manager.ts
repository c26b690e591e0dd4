import type { Generation } from '../availability.js';
import type { Entity, Text } from '../entity.js';
import { detail, diagnostic, flag, measurement } from '../entity-kinds.js';
import { array, optional } from '../members.js';
import { state } from '../rows.js';
import { bool, int, u8, u16, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

const generations: readonly Generation[] = ['WEM1', 'WEM2'];

/** One of several inputs or outputs; a WEM2 has them in lists. */
const line = (key: string, en: string, de: string, member: string, at: number): Entity =>
  flag(`${key}_${at + 1}`, [`${en} ${at + 1}`, `${de} ${at + 1}`] satisfies Text, [member, at], {
    ...diagnostic,
    icon: 'electric-switch',
  });

/** The energy manager itself. */
export const energyManager: readonly Topic[] = [
  state(
    'energy_manager/state',
    {
      error_flags: optional(u32()),
      config_error_flags: optional(u32()),
      em_version: optional(u8()),
      phases_switched: optional(u8()),
      input3_state: optional(bool()),
      input4_state: optional(bool()),
      relay_state: optional(bool()),
      inputs: optional(array(bool())),
      sg_ready_outputs: optional(array(bool())),
      relays: optional(array(bool())),
    },
    {
      doc: 'What the energy manager does: errors, inputs and outputs. A WEM1 has two inputs, a relay and the contactor for the phases, a WEM2 lists of four inputs, two SG ready outputs and two relays.',
      generations,
      example: {
        phases_switched: 1,
        input3_state: false,
        input4_state: false,
        relay_state: false,
        error_flags: 0,
        config_error_flags: 0,
      },
      entities: [
        flag(
          'manager_problem',
          ['Problem', 'Störung'],
          'error_flags',
          {},
          {
            value: "{{ 'ON' if value_json.error_flags or value_json.config_error_flags else 'OFF' }}",
            device_class: 'problem',
          },
        ),
        flag('input3', ['Input 3', 'Eingang 3'], 'input3_state', { ...diagnostic, icon: 'electric-switch' }),
        flag('input4', ['Input 4', 'Eingang 4'], 'input4_state', { ...diagnostic, icon: 'electric-switch' }),
        flag('relay', ['Relay', 'Relais'], 'relay_state', { ...diagnostic, icon: 'electric-switch' }),
        measurement(
          'phases_switched',
          ['Phases switched', 'Geschaltete Phasen'],
          ['phases_switched'],
          {},
          { ...diagnostic, icon: 'sine-wave' },
        ),
        ...[0, 1, 2, 3].map((at) => line('input', 'Input', 'Eingang', 'inputs', at)),
        ...[0, 1].map((at) =>
          line('sg_ready', 'SG Ready output', 'SG-Ready-Ausgang', 'sg_ready_outputs', at),
        ),
        ...[0, 1].map((at) => line('relay', 'Relay', 'Relais', 'relays', at)),
      ],
    },
  ),
  state(
    'energy_manager/low_level_state',
    {
      consecutive_bricklet_errors: optional(u32()),
      contactor: optional(bool()),
      contactor_check_state: optional(int(0, 255)),
      input_voltage: u16('mV'),
      uptime: u32('ms'),
    },
    {
      doc: 'What the energy manager measures: its supply, its contactor, how long it runs. Further members differ between WEM1 and WEM2.',
      generations,
      poll: 'rare',
      example: {
        consecutive_bricklet_errors: 0,
        contactor: false,
        contactor_check_state: 1,
        input_voltage: 11925,
        uptime: 940868435,
      },
      entities: [
        measurement(
          'input_voltage',
          ['Supply voltage', 'Versorgungsspannung'],
          ['input_voltage'],
          {
            value: '{{ value_json.input_voltage / 1000 }}',
            device_class: 'voltage',
            unit: 'V',
            precision: 1,
          },
          detail,
        ),
      ],
    },
  ),
];
