import { WARP2_AND_LATER } from '../availability.js';
import { secret } from '../members.js';
import { action, command } from '../rows.js';
import { u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

/** The monitoring of DC residual currents. */
export const dcFault: readonly Topic[] = [
  command(
    'evse/reset_dc_fault_current_state',
    { password: secret(u32()) },
    {},
    {
      write: (c, value) => c.later.resetDcFault(value.password),
      doc: 'Releases the charger after a DC residual current fault. A safety function: find the cause first, never automate it. The manual of the charger names the password.',
      generations: WARP2_AND_LATER,
    },
  ),
  action('evse/trigger_dc_fault_test', {
    doc: 'Tests the DC residual current monitoring.',
    since: '2.1.3',
    generations: WARP2_AND_LATER,
    hint: 'the charger ignores it while a vehicle is connected',
    write: (c) => c.later.triggerDcFaultTest(),
  }),
];
