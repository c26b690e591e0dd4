import { WARP2_AND_LATER } from '../availability.js';
import { expert, numberInput } from '../entity-kinds.js';
import { modified, setting } from '../rows.js';
import { boundedInt, int, u8 } from '../scalars.js';
import type { Topic } from '../topic.js';

/** Inputs, outputs and the energy meter of the charge controller. */
export const inputsAndMeter: readonly Topic[] = [
  setting(
    'evse/gpio_configuration',
    { shutdown_input: u8(), input: u8(), output: u8() },
    {
      doc: 'What the inputs and the output of the charge controller do.',
      generations: WARP2_AND_LATER,
      poll: 'rare',
      example: { shutdown_input: 0, input: 0, output: 1 },
      read: (c) => c.later.gpioConfiguration(),
      write: (c, value) => c.later.setGpioConfiguration(value),
      flash: true,
    },
  ),
  setting(
    'evse/gp_output',
    { gp_output: int(0, 1) },
    {
      doc: 'The general purpose output: 0 to ground, 1 open.',
      since: '2.1.3',
      generations: ['WARP2'],
      poll: 'rare',
      example: { gp_output: 0 },
      read: (c) => ({ gp_output: c.later.gpOutput() }),
      write: (c, value) => c.later.setGpOutput(value.gp_output),
    },
  ),
  setting(
    'evse/meter_config',
    { slot: u8() },
    {
      doc: "Which energy meter counts as the charger's own. Takes effect when the charger is restarted.",
      since: '2.1.90',
      sharesState: true,
      example: { slot: 0 },
      entities: [
        numberInput(
          'meter_slot',
          ['Energy meter slot', 'Platz des Stromzählers'],
          'slot',
          {
            value: '{{ value_json.slot }}',
            command: '{"slot": {{ value | int }}}',
            options: { min: 0, max: 6, step: 1, mode: 'box' },
          },
          { ...expert, icon: 'meter-electric' },
        ),
      ],
      read: (c) => ({ slot: c.meterSlot() }),
      write: (c, value) => c.setMeterSlot(value.slot),
      flash: true,
    },
  ),
  modified('evse/meter_config', '2.1.90'),
  setting(
    'evse/energy_meter_display_backlight',
    { backlight: boundedInt(0, 2) },
    {
      doc: 'Backlight of the energy meter: 0 off, 1 on, 2 automatic.',
      // Not in a release yet when this was written: 2.12.1 lacks it.
      since: '2.13.0',
      generations: WARP2_AND_LATER,
      poll: 'rare',
      example: { backlight: 0 },
      flash: true,
    },
  ),
];
