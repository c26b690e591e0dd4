import type { Json } from '../../base/json.js';
import type { Profile } from '../profile.js';

const UNUSED_SLOT = { max_current: 32000, active: false, clear_on_disconnect: false };

/** The model's JSON `text` of a topic, changed to what this firmware shows (charger-wire 2.3, 2.4, 7 and 9). */
export function asShown(path: string, text: string, profile: Profile, hasController: boolean): string {
  const change = CHANGES[path];
  if (!change) return text;
  // The text is the model's own, so it has the shape that the change for this topic expects.
  return JSON.stringify(change(JSON.parse(text) as never, profile, hasController));
}

const CHANGES: Readonly<Record<string, (value: never, profile: Profile, hasController: boolean) => Json>> = {
  'evse/slots': (slots: readonly Json[], { slots: length }) =>
    Array.from({ length }, (_, at) => slots[at] ?? UNUSED_SLOT),
  'evse/low_level_state': (state: Record<string, Json>, { since, generation }) =>
    generation !== 'WARP1' || since('2.8.7')
      ? state
      : Object.fromEntries(Object.entries(state).filter(([name]) => !name.startsWith('phases_'))),
  'evse/indicator_led': ({ indication, duration, ...colours }: Record<string, Json>, { since }) => ({
    indication: indication ?? -1,
    duration: duration ?? 0,
    ...(since('2.1.90') ? colours : {}),
  }),
  'info/version': ({ config_type }: Record<string, Json>, { firmware, config, since }) => ({
    firmware,
    config,
    ...(since('2.1.3') ? { config_type: config_type ?? 'warp' } : {}),
  }),
  'info/features': (features: readonly string[], { since }, hasController) => [
    ...(hasController ? ['evse'] : []),
    ...(since('2.5.0') ? ['firmware_update'] : []),
    ...features.filter((name) => name !== 'evse' && (name !== 'meters' || since('2.1.90'))),
  ],
  'charge_tracker/current_charge': (charge: Record<string, Json>, { since }) =>
    since('2.11.0') ? { ...charge, charger_name: '' } : charge,
  'info/name': ({ display_type: type, ...name }: Record<string, Json>, _, hasController) => ({
    name: name.name ?? '',
    type: name.type ?? '',
    display_type: hasController ? (type ?? '') : `${String(type)} w/o EVSE`,
    uid: name.uid ?? '',
  }),
};
