import { membersOf } from '../../base/json.js';
import { isBridges, isController, isSimulated } from '../../topics/namespaces.js';
import type { Read } from './device.js';
import { type Item, isControl } from './item.js';

/** A topic that says `online` while something is available; `value_template` makes it of another payload. */
export interface AvailabilityTopic {
  readonly topic: string;
  readonly value_template?: string;
}

/** What a charger's own meter shows. */
const OWN_METER = /^(meter|meters\/0)\//;

/** What the bridge makes of topics that do not come from the charge controller. */
const MADE_OF_OTHERS: readonly string[] = ['bridge/dimming'];

/** While the charge controller is there, and everything is as it is shown. */
export function availabilityOf(prefix: string): AvailabilityTopic[] {
  return [bridgeRuns(prefix), { topic: `${prefix}/bridge/charger` }];
}

/** That of one entity, where it is not that of the device. */
export function ownAvailability(item: Item, prefix: string, read: Read): AvailabilityTopic[] | undefined {
  const { available } = item.entity;
  if (available === 'bridge') return [bridgeRuns(prefix)];
  if (available)
    return [
      ...availabilityOf(prefix),
      { topic: `${prefix}/${available.topic}`, value_template: available.value },
    ];
  if (needsController(item, read)) return undefined;
  return [
    bridgeRuns(prefix),
    {
      topic: `${prefix}/bridge/info`,
      value_template: "{{ 'offline' if value_json.transport is none else 'online' }}",
    },
  ];
}

const bridgeRuns = (prefix: string): AvailabilityTopic => ({ topic: `${prefix}/bridge/state` });

/**
 * Whether it means nothing while the charge controller is away: what comes from that, and every control, for nothing is
 * written meanwhile. The meter of a WARP1 is read by the network processor, that of a later charger by the controller.
 */
function needsController({ row, entity }: Item, read: Read): boolean {
  if (isControl(entity.platform)) return true;
  const path = entity.topic ?? row.path;
  if (isBridges(path)) return !MADE_OF_OTHERS.includes(path);
  if (OWN_METER.test(path)) return membersOf(read('info/name')).type !== 'warp';
  return isController(path) || isSimulated(path);
}
