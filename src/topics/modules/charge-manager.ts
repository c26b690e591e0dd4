import { EVERY_BOX } from '../availability.js';
import { expert, numberInput } from '../entity-kinds.js';
import { upTo } from '../members.js';
import { list, listSetting, setting, state } from '../rows.js';
import { boundedInt, u8, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

/** The management of several chargers by one of them, or by an energy manager. */
export const chargeManager: readonly Topic[] = [
  setting(
    'charge_manager/available_current',
    { current: u32('mA') },
    {
      doc: 'What all managed chargers may draw together, per phase. Can be changed as often as you like. With the watchdog of `charge_manager/config` it must be written again and again.',
      generations: EVERY_BOX,
      example: { current: 0 },
      entities: [
        numberInput(
          'available_current',
          ['Current for all chargers', 'Strom für alle Wallboxen'],
          'current',
          {
            value: '{{ value_json.current / 1000 }}',
            command: '{"current": {{ (value * 1000 + 0.5) | int }}}',
            options: {
              min: 0,
              max: 1000,
              step: 1,
              mode: 'box',
              unit_of_measurement: 'A',
              device_class: 'current',
            },
          },
          { ...expert, icon: 'current-ac' },
        ),
      ],
      hint: 'the charger takes no more than the maximum of charge_manager/config, and nothing while it manages no chargers',
    },
  ),
  state(
    'charge_manager/state',
    { state: u8() },
    {
      doc: 'The manager and the chargers that it manages: 0 switched off or starting, 1 waits for all chargers, 2 runs. Further members change from release to release.',
      generations: EVERY_BOX,
      example: { state: 0 },
    },
  ),
  state(
    'charge_manager/low_level_state',
    {},
    {
      doc: 'What the manager calculates with; its members change from release to release.',
      generations: EVERY_BOX,
      poll: 'rare',
      example: {},
    },
  ),
  listSetting('charge_manager/charge_modes', upTo(64, boundedInt(0, 9)), {
    doc: 'The charge mode of each managed charger, in the order of the configuration; the numbers are those of `evse/charge_mode`.',
    since: '2.8.10',
    generations: EVERY_BOX,
    example: [],
    hint: 'there must be one mode for each managed charger',
  }),
  list('charge_manager/supported_charge_modes', u8(), {
    doc: 'The charge modes that the manager has.',
    since: '2.8.10',
    generations: EVERY_BOX,
    poll: 'rare',
    example: [],
  }),
];
