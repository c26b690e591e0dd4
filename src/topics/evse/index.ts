import type { Topic } from '../topic.js';
import { buttonAndLed } from './button-and-led.js';
import { chargeController } from './charge-controller.js';
import { charging } from './charging-state.js';
import { dcFault } from './dc-fault.js';
import { externalControl } from './external-control.js';
import { inputsAndMeter } from './inputs-and-meter.js';
import { pilotAndPhases } from './pilot-and-phases.js';
import { slotLimits } from './slot-limits.js';

/** Every `evse/*` topic of every generation (charger-wire 2), by subject. A new topic is one more row in its file. */
export const evse: readonly Topic[] = [
  ...charging,
  ...externalControl,
  ...slotLimits,
  ...chargeController,
  ...pilotAndPhases,
  ...buttonAndLed,
  ...inputsAndMeter,
  ...dcFault,
];
