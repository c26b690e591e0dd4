import type { Entity, Text } from './entity.js';
import type { Presentation } from './entity-kinds.js';

/**
 * An event entity. It subscribes to `bridge/event`, whose messages are published once and never repeated: a state is
 * published again after a restart, and would be taken for a new event (home-assistant 1.6). `types` maps the bridge's
 * event types to those of Home Assistant; `details` are members of the event that become attributes.
 */
export function eventEntity(
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
