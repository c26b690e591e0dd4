import { isObject, type Json } from '../../base/json.js';

/** What the network processor knows of its charge controller. */
export type ControllerCondition = 'works' | 'missing' | 'frozen';

/** What the network processor keeps itself, so that it is right without a controller too. */
const KEPT: readonly string[] = [
  'evse/charge_mode',
  'evse/supported_charge_modes',
  'evse/led_configuration',
  'evse/led_configuration_modified',
  'evse/meter_config',
  'evse/meter_config_modified',
  'evse/management_state',
];

/** Whether `path` tells of the charge controller, or asks it for something. */
export const isOfController = (path: string): boolean => path.startsWith('evse/') && !KEPT.includes(path);

/**
 * What a topic shows that nobody has filled in: zeros, `false` and empty texts, and 32 A for external control
 * (charger-wire 10.10). `shown` has the shape.
 */
export function unfilled(path: string, shown: Json): Json {
  return path === 'evse/external_current' ? { current: 32_000 } : zeros(shown);
}

function zeros(value: Json): Json {
  if (typeof value === 'number') return 0;
  if (typeof value === 'string') return '';
  if (typeof value === 'boolean') return false;
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, zeros(member)]));
  return value === null ? null : value.map(zeros);
}
