import type { Topic } from '../topic.js';
import { authorization } from './authorization.js';
import { chargeLimits } from './charge-limits.js';
import { chargeManager } from './charge-manager.js';
import { chargeTracker } from './charge-tracker.js';
import { energyManager } from './energy-manager.js';
import { gridOperator } from './grid-operator.js';
import { info } from './info.js';
import { legacyMeter } from './legacy-meter.js';
import { meters } from './meters.js';
import { powerManager } from './power-manager.js';
import { system } from './system.js';
import { tariffs } from './tariffs.js';
import { vehicleState } from './vehicle-state.js';

/** The topics of the network processor: its firmware calls their first levels modules (charger-wire 7, 8 and 10b). */
export const modules: readonly Topic[] = [
  ...info,
  ...legacyMeter,
  ...meters,
  ...chargeTracker,
  ...powerManager,
  ...energyManager,
  ...chargeLimits,
  ...chargeManager,
  ...gridOperator,
  ...vehicleState,
  ...authorization,
  ...tariffs,
  ...system,
];
