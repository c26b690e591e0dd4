import { membersOf } from '../../base/json.js';
import { isBridgeTopic, isController, isSimulated } from '../../topics/namespaces.js';
import type { Read } from './device.js';
import { type Item, isControl } from './item.js';

/** A topic with `online` while something is available; `value_template` converts another payload to that. */
export interface AvailabilityTopic {
  readonly topic: string;
  readonly value_template?: string;
}

/** Topics of the charger's own meter. */
const OWN_METER = /^(meter|meters\/0)\//;

/** Topics that the bridge derives from others than those of the charge controller. */
const MADE_OF_OTHERS: readonly string[] = ['bridge/dimming'];

/** The availability of the device: the bridge runs, and all states of the charger are current. */
export function availabilityOf(prefix: string): AvailabilityTopic[] {
  return [bridgeRuns(prefix), { topic: `${prefix}/bridge/charger` }];
}

/** The availability of one entity; undefined if it is that of the device. */
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
 * Whether the entity is unavailable while the charge controller fails. That holds for the states of the controller, and
 * for every control, because writes are refused meanwhile. The meter of a WARP1 is read by the network processor, that
 * of a later charger by the controller.
 */
function needsController({ row, entity }: Item, read: Read): boolean {
  if (isControl(entity.platform)) return true;
  const path = entity.topic ?? row.path;
  if (isBridgeTopic(path)) return !MADE_OF_OTHERS.includes(path);
  if (OWN_METER.test(path)) return membersOf(read('info/name')).type !== 'warp';
  return isController(path) || isSimulated(path);
}
