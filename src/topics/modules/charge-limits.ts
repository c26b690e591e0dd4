import type { Code } from '../entity.js';
import { config, numberInput, selection } from '../entity-kinds.js';
import { optional } from '../members.js';
import { action, command, setting, state } from '../rows.js';
import { boundedInt, int, measured, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

const SINCE = { since: '2.1.1' } as const;

const DURATIONS =
  '0 no limit, 1 15 min, 2 30 min, 3 45 min, 4 1 h, 5 2 h, 6 3 h, 7 4 h, 8 6 h, 9 8 h, 10 12 h';

const durations: readonly Code[] = [
  [0, ['No limit', 'Keine Grenze']],
  ...(
    [
      [1, '15 min'],
      [2, '30 min'],
      [3, '45 min'],
      [4, '1 h'],
      [5, '2 h'],
      [6, '3 h'],
      [7, '4 h'],
      [8, '6 h'],
      [9, '8 h'],
      [10, '12 h'],
    ] as const
  ).map(([code, text]): Code => [code, [text, text]]),
];

const limits = {
  duration: boundedInt(0, 10),
  energy_wh: u32('Wh'),
  soc_target_pct: optional(int(0, 100, '%')),
};

/** Ending a charge by itself after some energy, some time, or at a state of charge (slot 12). */
export const chargeLimits: readonly Topic[] = [
  state(
    'charge_limits/state',
    {
      start_timestamp_ms: u32('ms'),
      start_energy_kwh: measured('kWh'),
      target_timestamp_ms: u32('ms'),
      target_energy_kwh: measured('kWh'),
      // A release has one of the two names.
      target_soc_pct: optional(measured('%')),
      soc_target_pct: optional(measured('%')),
      current_soc_pct: optional(measured('%')),
    },
    {
      doc: "When the charge began and where it ends, in ms of the charge controller's uptime and by the meter. The states of charge on a WARP4 only.",
      ...SINCE,
      example: {
        start_timestamp_ms: 0,
        start_energy_kwh: null,
        target_timestamp_ms: 0,
        target_energy_kwh: null,
      },
    },
  ),
  setting('charge_limits/default_limits', limits, {
    doc: `The limits with which each charge begins. \`duration\`: ${DURATIONS}. \`soc_target_pct\` on a WARP4 only.`,
    ...SINCE,
    flash: true,
    poll: 'rare',
    sharesState: true,
    example: { duration: 0, energy_wh: 0 },
  }),
  state('charge_limits/active_limits', limits, {
    doc: 'The limits of the charge going on, or of the next one.',
    ...SINCE,
    example: { duration: 0, energy_wh: 0 },
  }),
  command(
    'charge_limits/override_energy',
    { energy_wh: u32('Wh') },
    {},
    {
      doc: 'Sets another energy limit for the charge going on, or for the next one; 0 is none.',
      ...SINCE,
      needs: 'an energy meter',
      shownIn: 'charge_limits/active_limits',
      example: { energy_wh: 10_000 },
      entities: [
        numberInput(
          'charge_limit_energy',
          ['Energy limit of this charge', 'Energiegrenze dieses Ladevorgangs'],
          'energy_wh',
          {
            value: '{{ value_json.energy_wh / 1000 }}',
            command: '{"energy_wh": {{ (value * 1000 + 0.5) | int }}}',
            options: {
              min: 0,
              max: 200,
              step: 1,
              mode: 'box',
              unit_of_measurement: 'kWh',
              device_class: 'energy',
            },
          },
          { ...config, icon: 'battery-charging-80', topic: 'charge_limits/active_limits' },
        ),
      ],
    },
  ),
  command(
    'charge_limits/override_duration',
    { duration: int(0, 10) },
    {},
    {
      doc: `Sets another time limit for the charge going on, or for the next one: ${DURATIONS}.`,
      ...SINCE,
      shownIn: 'charge_limits/active_limits',
      example: { duration: 5 },
      entities: [
        selection(
          'charge_limit_duration',
          ['Time limit of this charge', 'Zeitgrenze dieses Ladevorgangs'],
          'duration',
          durations,
          { ...config, icon: 'timer-outline', topic: 'charge_limits/active_limits' },
        ),
      ],
    },
  ),
  command(
    'charge_limits/override_soc',
    { soc_target_pct: int(0, 100, '%') },
    {},
    {
      doc: 'Sets the state of charge at which the charge going on, or the next one, ends; 0 is none.',
      since: '2.12.0',
      generations: ['WARP4'],
      shownIn: 'charge_limits/active_limits',
      example: { soc_target_pct: 80 },
      entities: [
        numberInput(
          'charge_limit_soc',
          ['Battery limit of this charge', 'Akkugrenze dieses Ladevorgangs'],
          'soc_target_pct',
          {
            value: '{{ value_json.soc_target_pct }}',
            command: '{"soc_target_pct": {{ value | int }}}',
            options: { min: 0, max: 100, step: 1, mode: 'box', unit_of_measurement: '%' },
          },
          { ...config, icon: 'battery-80', topic: 'charge_limits/active_limits' },
        ),
      ],
    },
  ),
  action('charge_limits/restart', {
    doc: 'Starts the limits of the present charge again, as if it had just begun.',
    since: '2.1.90',
  }),
];
