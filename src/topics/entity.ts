import type { Json } from '../base/json.js';

/** The same text in English and in German. */
export type Text = readonly [en: string, de: string];

/** A value that the charger reports, and the text for it. */
export type Code = readonly [code: number | string, text: Text];

/** Members and indices that lead to a value in a payload. */
export type Path = readonly (string | number)[];

/** The kinds of entity in Home Assistant that are used. */
export type Platform =
  | 'sensor'
  | 'binary_sensor'
  | 'number'
  | 'switch'
  | 'select'
  | 'button'
  | 'event'
  | 'update';

/** The hardware: some members mean something else on other hardware, and an entity would not fit (charger-wire 2.4). */
export interface Hardware {
  /** 14 and 15 are WARP1, 20 and up WARP2, 30 and up WARP3. */
  readonly evse_version: number;
  readonly has_lock_switch: boolean;
}

/** What a topic has to show for an entity to be available; `value` is a template that gives online or offline. */
export interface Condition {
  readonly topic: string;
  readonly value: string;
  /** Whether the entity can ever be available on a box whose topic shows this. */
  readonly possible: (shown: Json) => boolean;
}

/** Attributes made by the template `value`, from the topic `from` if it is not that of the entity's value. */
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
  /** The topic that Home Assistant subscribes to, if it is not the one that shows its value: an event has no state. */
  readonly heardOn?: string;
  /** The topic that lists which of the `codes` this charger has. */
  readonly codesIn?: string;
  /** Where in the payload its value is; without a path the topic alone is enough. */
  readonly member?: Path;
  /**
   * For a value in the list `meters/N/values`: its id. The topic `meters/N/value_ids` has the ids in the order of the
   * values (charger-wire 8.2). In key and name of such an entity, `N` stands for the number of the meter.
   */
  readonly valueId?: number;
  readonly fits?: (hardware: Hardware) => boolean;
  /** The entity is for chargers only: on energy managers the topic means something else. */
  readonly only?: 'chargers';
  /**
   * When it is available. Default: while bridge and charger are online. `bridge`: while the bridge is online. A
   * condition: while both are online and the condition holds.
   */
  readonly available?: 'bridge' | Condition;
  readonly codes?: readonly Code[];
  readonly value?: string | ((texts: string) => string);
  readonly command?: string | ((codes: string) => string);
  /** Its attributes: all members of the topic, or what a template makes. */
  readonly attributes?: true | Attributes;
  /** Further options of the platform: classes, units, ranges, payloads. */
  readonly options: Readonly<Record<string, unknown>>;
}
