import type { Code, Entity, Path, Text } from './entity.js';

/** How an entity is presented, and when it exists and is available. */
export type Presentation = Pick<
  Entity,
  'category' | 'disabled' | 'icon' | 'topic' | 'fits' | 'only' | 'available'
>;

/** A diagnostic entity. */
export const diagnostic = { category: 'diagnostic' } as const;
/** A setting. */
export const config = { category: 'config' } as const;
/** Diagnostic and off by default. */
export const detail = { category: 'diagnostic', disabled: true } as const;
/** A setting that is off by default: for those who know what it does. */
export const expert = { category: 'config', disabled: true } as const;

/** A sensor that shows a member as one of a few texts; unknown codes show as unknown. */
export function enumeration(
  key: string,
  name: Text,
  member: string,
  codes: readonly Code[],
  look: Presentation,
): Entity {
  return {
    key,
    platform: 'sensor',
    name,
    member: [member],
    codes,
    value: (texts) => `{{ ${texts}.get(value_json.${member} | string, 'None') }}`,
    options: { device_class: 'enum' },
    ...look,
  };
}

/** A sensor for a current that the charger reports in mA. */
export function amperes(key: string, name: Text, member: string, look: Presentation): Entity {
  const value = `{{ value_json.${member} / 1000 }}`;
  return measurement(key, name, [member], { value, device_class: 'current', unit: 'A', precision: 1 }, look);
}

/** How a number is shown; `value` defaults to the member itself, `precision` is a number of decimals. */
interface Measured {
  readonly value?: string;
  readonly unit?: string;
  readonly device_class?: string;
  readonly state_class?: 'measurement' | 'total_increasing';
  readonly precision?: number;
}

/** A sensor for a number. */
export function measurement(
  key: string,
  name: Text,
  member: Path,
  form: Measured,
  look: Presentation,
): Entity {
  const { value, unit, device_class, precision, state_class = 'measurement' } = form;
  return {
    key,
    platform: 'sensor',
    name,
    member,
    value: value ?? `{{ ${expression(member)} }}`,
    options: {
      ...(device_class === undefined ? {} : { device_class }),
      ...(unit === undefined ? {} : { unit_of_measurement: unit }),
      state_class,
      ...(precision === undefined ? {} : { suggested_display_precision: precision }),
    },
    ...look,
  };
}

/** A binary sensor; `value` gives ON, OFF or None and defaults to the member itself. */
export function flag(
  key: string,
  name: Text,
  member: string | Path,
  look: Presentation,
  form: { readonly value?: string; readonly device_class?: string } = {},
): Entity {
  const path = typeof member === 'string' ? [member] : member;
  const { value = `{{ 'ON' if ${expression(path)} else 'OFF' }}`, ...options } = form;
  return { key, platform: 'binary_sensor', name, member: path, value, options, ...look };
}

/** A switch for a member that is true or false. It writes that alone; other members keep their value (contract 4.2). */
export function toggle(key: string, name: Text, member: string, look: Presentation): Entity {
  return {
    key,
    platform: 'switch',
    name,
    member: [member],
    value: `{{ 'ON' if value_json.${member} else 'OFF' }}`,
    options: {
      payload_on: `{"${member}": true}`,
      payload_off: `{"${member}": false}`,
      state_on: 'ON',
      state_off: 'OFF',
    },
    ...look,
  };
}

/**
 * A number in A for a current that the charger takes in mA. Values below 6 A, the smallest charging current, become 0
 * (no charging): the charger would accept them and do nothing (home-assistant 2).
 */
export function amperesInput(
  key: string,
  name: Text,
  member: string,
  mode: 'slider' | 'box',
  look: Presentation,
): Entity {
  return numberInput(
    key,
    name,
    member,
    {
      value: `{{ value_json.${member} / 1000 }}`,
      command: `{"${member}": {{ (value * 1000 + 0.5) | int if value >= 6 else 0 }}}`,
      // Automations can set values between the steps: the template above rounds them to whole mA.
      options: { min: 0, max: 32, step: 1, mode, unit_of_measurement: 'A', device_class: 'current' },
    },
    look,
  );
}

/** A number with its own range and templates. */
export function numberInput(
  key: string,
  name: Text,
  member: string,
  form: Required<Pick<Entity, 'value' | 'command' | 'options'>>,
  look: Presentation,
): Entity {
  return { key, platform: 'number', name, member: [member], ...form, ...look };
}

/** A choice among a few texts for a member that is a code. */
export function selection(
  key: string,
  name: Text,
  member: string,
  codes: readonly Code[],
  look: Presentation & Pick<Entity, 'codesIn'>,
): Entity {
  return {
    key,
    platform: 'select',
    name,
    member: [member],
    codes,
    value: (texts) => `{{ ${texts}.get(value_json.${member} | string, 'None') }}`,
    command: (values) => `{"${member}": {{ ${values}[value] }}}`,
    options: {},
    ...look,
  };
}

/** A button for an action. An action has no state, so the button exists once the charger has shown `topic`. */
export function press(key: string, name: Text, topic: string, look: Presentation): Entity {
  return { key, platform: 'button', name, topic, options: { payload_press: 'null' }, ...look };
}

/** A path as it stands in a template. */
export function expression(path: Path): string {
  return `value_json${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')}`;
}
