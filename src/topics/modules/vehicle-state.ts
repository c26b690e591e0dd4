import type { Json } from '../../base/json.js';
import { diagnostic, measurement } from '../entity-kinds.js';
import { object, optional } from '../members.js';
import { command, list, state } from '../rows.js';
import { float, hexBytes, int, measured, text, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

const WARP4 = { since: '2.12.0', generations: ['WARP4'] } as const;

/** What is known of the vehicle that is plugged in. */
export const vehicleState: readonly Topic[] = [
  state(
    'ev/state',
    {
      active_ev_index: optional(int(-1, 255)),
      name: optional(text(16)),
      mac: optional(text(17)),
      soc: measured('%'),
      capacity: optional(measured('kWh')),
      charging_efficiency: optional(measured()),
    },
    {
      doc: 'The vehicle that is plugged in: its place among the known ones (-1 is none of them), name, MAC address, state of charge and battery.',
      ...WARP4,
      entities: [
        measurement(
          'vehicle_soc',
          ['Vehicle battery', 'Fahrzeugakku'],
          ['soc'],
          {
            value: "{{ 'None' if value_json.soc is none else value_json.soc }}",
            unit: '%',
            device_class: 'battery',
            precision: 0,
          },
          {},
        ),
        {
          key: 'vehicle_name',
          platform: 'sensor',
          name: ['Vehicle', 'Fahrzeug'],
          member: ['name'],
          value: "{{ value_json.name or 'None' }}",
          options: {},
          ...diagnostic,
          icon: 'car-electric',
        },
      ],
      example: {
        active_ev_index: -1,
        name: '',
        mac: '',
        soc: null,
        capacity: null,
        charging_efficiency: 0.9,
      },
    },
  ),
  list('ev/seen_macs', object({ mac: text(17), last_seen: u32('s') }), {
    doc: 'MAC addresses of the last vehicles, and when they were seen (s since 1970, 0 is not known).',
    ...WARP4,
    poll: 'rare',
    example: [],
  }),
  command(
    'ev/inject_soc',
    { soc: float(0, 100, '%') },
    {},
    {
      doc: 'Tells the charger the state of charge of the vehicle, where another program knows it.',
      ...WARP4,
      applied: socIs,
      hint: 'the charger knows a state of charge only while a vehicle is plugged in',
      example: { soc: 42.5 },
    },
  ),
  command(
    'ev/inject_ev',
    { mac: hexBytes(6, 6) },
    {},
    {
      doc: 'Says that the vehicle with this MAC address was plugged in. It may release a charge, so it has to be switched on (`INJECT_TAGS`).',
      ...WARP4,
      gate: 'injectTags',
      example: { mac: '0A:1B:2C:3D:4E:5F' },
    },
  ),
];

/** The charger goes on estimating from there, so it need not be the same number. */
function socIs(value: Json, shown: (path: string) => Json | undefined): boolean | undefined {
  const { soc } = value as { readonly soc: number };
  const now = shown('ev/state') as { readonly soc: number | null } | undefined;
  return now && now.soc !== null && Math.abs(now.soc - soc) < 1;
}
