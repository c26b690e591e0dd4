import { isObject, type Json } from '../../base/json.js';

/** What the network processor knows of its charge controller. */
export type ControllerCondition = 'works' | 'missing' | 'frozen';

/** Topics that the network processor keeps itself: they are right even without a controller. */
const KEPT: readonly string[] = [
  'evse/charge_mode',
  'evse/supported_charge_modes',
  'evse/led_configuration',
  'evse/led_configuration_modified',
  'evse/meter_config',
  'evse/meter_config_modified',
  'evse/management_state',
];

/** Whether `path` is a state or a command of the charge controller. */
export const isOfController = (path: string): boolean => path.startsWith('evse/') && !KEPT.includes(path);

/**
 * What a topic of the controller shows before the first values have come: zeros, `false` and empty texts, and 32 A for
 * external control (charger-wire 10.10). `shown` gives the shape.
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
