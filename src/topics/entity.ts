import type { Json } from '../base/json.js';

/** The same text in English and in German. */
export type Text = readonly [en: string, de: string];

/** A value that the charger reports, and the text for it. */
export type Code = readonly [code: number | string, text: Text];

/** Members and indices that lead to a value in a payload. */
export type Path = readonly (string | number)[];

export type Platform =
  | 'sensor'
  | 'binary_sensor'
  | 'number'
  | 'switch'
  | 'select'
  | 'button'
  | 'event'
  | 'update';

/** What decides whether a member means on this hardware what its entity says (charger-wire 2.4). */
export interface Hardware {
  /** 14 and 15 are WARP1, 20 and up WARP2, 30 and up WARP3. */
  readonly evse_version: number;
  readonly has_lock_switch: boolean;
}

/** What a topic has to show for an entity to be available; `value` is a template that gives online or offline. */
export interface Condition {
  readonly topic: string;
  readonly value: string;
  /** Whether a box that shows this can ever have the entity. */
  readonly possible: (shown: Json) => boolean;
}

/** Attributes that a template makes; `from` is their topic, if not that of the value. */
export interface Attributes {
  readonly from?: string;
  readonly value: string;
}

/**
 * One entity in Home Assistant. Its key is the end of its unique id and never changes.
 * `value` and `command` are Jinja templates; those of an entity with `codes` are given the dictionary that they
 * look up in, from code to text or from text to code.
 */
export interface Entity {
  readonly key: string;
  readonly platform: Platform;
  readonly name: Text;
  /** Without one it is a main entity of the device. */
  readonly category?: 'config' | 'diagnostic';
  /** In the list of entities, but off until the owner wants it. */
  readonly disabled?: true;
  /** Name in Material Design Icons; absent where the device class brings one. */
  readonly icon?: string;
  /** The topic that shows its value, if not that of its row. */
  readonly topic?: string;
  /** Where Home Assistant hears of it, if not on the topic that shows that it is there: an event has no state. */
  readonly heardOn?: string;
  /** The topic that lists which of the `codes` this charger has. */
  readonly codesIn?: string;
  /** Where in the payload its value is; without a path the topic alone is enough. */
  readonly member?: Path;
  /**
   * The id of its value in a list, whose order the topic `value_ids` beside it tells (charger-wire 8.2). In the texts
   * of such an entity `N` is the number of its topic.
   */
  readonly valueId?: number;
  readonly fits?: (hardware: Hardware) => boolean;
  /** On energy managers the topic means something else. */
  readonly only?: 'chargers';
  /** When it is available: while the bridge is, or while bridge and charger are and this is so. Default: while both are. */
  readonly available?: 'bridge' | Condition;
  readonly codes?: readonly Code[];
  readonly value?: string | ((texts: string) => string);
  readonly command?: string | ((codes: string) => string);
  /** Its attributes: all members of the topic, or what a template makes. */
  readonly attributes?: true | Attributes;
  /** Further options of the platform: classes, units, ranges, payloads. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What an entity looks like and when it is there. */
export type Presentation = Pick<
  Entity,
  'category' | 'disabled' | 'icon' | 'topic' | 'fits' | 'only' | 'available'
>;

export const diagnostic = { category: 'diagnostic' } as const;
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

/** A switch for a member that is true or false. Members it does not name keep their value (contract 4.2). */
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
 * A number in A for a current that the charger takes in mA. What is below its smallest current of 6 A becomes 0,
 * no charging: the charger takes such values and does nothing with them (home-assistant 2).
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
      // Home Assistant takes values between the steps from automations.
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

/** A button; it is there once the charger has shown `topic`, since an action shows nothing itself. */
export function press(key: string, name: Text, topic: string, look: Presentation): Entity {
  return { key, platform: 'button', name, topic, options: { payload_press: 'null' }, ...look };
}

/** A path as it stands in a template. */
export function expression(path: Path): string {
  return `value_json${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('')}`;
}
