import { EVERY_CHARGER } from '../availability.js';
import { object, optional } from '../members.js';
import { list, state } from '../rows.js';
import { anything, i16, measured, text, u8, u16, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

const charge = object({
  timestamp_minutes: u32('min'),
  charge_duration: u32('s'),
  user_id: u8(),
  energy_charged: measured('kWh'),
});

/** Who charges and who has charged how much. */
export const chargeTracker: readonly Topic[] = [
  state(
    'charge_tracker/current_charge',
    {
      user_id: i16(),
      meter_start: measured('kWh'),
      evse_uptime_start: u32('ms'),
      timestamp_minutes: u32('min'),
      authorization_type: u8(),
      authorization_info: anything(),
      charger_name: optional(text(64)),
    },
    {
      doc: 'The charge going on; `user_id` is -1 when there is none. `authorization_type`: 0 none, 1 lost, 2 tag, 3 injected tag, 4 vehicle, 5 injected vehicle. `charger_name` since firmware 2.11.0.',
      generations: EVERY_CHARGER,
      poll: 'often',
      example: {
        user_id: -1,
        meter_start: 0,
        evse_uptime_start: 0,
        timestamp_minutes: 0,
        authorization_type: 0,
        authorization_info: null,
      },
      read: (c) => c.currentCharge(),
    },
  ),
  list('charge_tracker/last_charges', charge, {
    doc: 'The last charges, the latest at the end: when they began (minutes since 1970, 0 is not known), how long they took, who charged, how much.',
    poll: 'rare',
    example: [],
  }),
  state(
    'charge_tracker/state',
    { tracked_charges: u32(), first_charge_timestamp: u32('min') },
    {
      doc: 'How many charges are recorded, and when the first began.',
      poll: 'rare',
      example: { tracked_charges: 0, first_charge_timestamp: 0 },
    },
  ),
  state(
    'charge_tracker/config',
    { electricity_price: u16() },
    {
      doc: 'What a kWh costs, in 1/100 of a cent.',
      since: '2.0.8',
      poll: 'rare',
      example: { electricity_price: 0 },
    },
  ),
];
