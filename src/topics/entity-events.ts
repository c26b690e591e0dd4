import type { Entity, Text } from './entity.js';
import type { Presentation } from './entity-kinds.js';

/**
 * An event of `bridge/event`, which is published once and never repeated: a state that is published again after a
 * restart would be an event again (home-assistant 1.6). `types` are from the bridge's types to Home Assistant's;
 * `details` are the members of the event that become attributes.
 */
export function happening(
  key: string,
  name: Text,
  types: Readonly<Record<string, string>>,
  look: Presentation & Pick<Entity, 'member'>,
  form: { readonly details?: readonly string[]; readonly device_class?: string } = {},
): Entity {
  const { details = [], ...options } = form;
  const members = ['time', ...details].map((name) => `, '${name}': value_json.${name}`).join('');
  const dictionary = Object.entries(types).map(([from, to]) => `'${from}': '${to}'`);
  const value = [
    `{% set type = {${dictionary.join(', ')}}.get(value_json.type) %}`,
    `{% if type %}{{ {'event_type': type${members}} | tojson }}{% endif %}`,
  ].join('');
  return {
    key,
    platform: 'event',
    name,
    heardOn: 'bridge/event',
    value,
    options: { event_types: [...new Set(Object.values(types))], ...options },
    ...look,
  };
}
