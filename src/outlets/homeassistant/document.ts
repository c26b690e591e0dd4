import type { Code, Entity, Text } from '../../topics/entity.js';
import type { Topic } from '../../topics/topic.js';
import type { Device, Read } from './device.js';
import { type AvailabilityTopic, availabilityOf, ownAvailability } from './entity-availability.js';
import { type Item, isControl } from './item.js';

export type Language = 'en' | 'de';

/** One component of a discovery document. */
export type Component = Readonly<Record<string, unknown>> & { readonly platform: string };

/** The discovery document of one charger (home-assistant 1.2). */
export interface DiscoveryDocument {
  readonly device: Readonly<Record<string, unknown>>;
  readonly origin: { readonly name: string; readonly sw_version: string };
  readonly availability: readonly AvailabilityTopic[];
  readonly availability_mode: 'all';
  readonly qos: 1;
  readonly components: Readonly<Record<string, Component>>;
}

export interface DocumentOptions {
  readonly device: Device;
  readonly items: readonly Item[];
  /** The prefix of the charger's topics. */
  readonly prefix: string;
  readonly language: Language;
  /** The version of this program. */
  readonly version: string;
  /** Reads the charger's states. */
  readonly read: Read;
}

/**
 * The discovery document of a charger. Its entities are available while the bridge runs and the charger is online;
 * those that do not come from the charge controller also while only that one fails. The root must have these members
 * and no others: with one more Home Assistant drops the whole document (home-assistant 1.2).
 */
export function documentOf(options: DocumentOptions): DiscoveryDocument {
  const { device, items, prefix, version } = options;
  return {
    device: {
      identifiers: [device.id],
      name: device.name,
      manufacturer: 'Tinkerforge',
      model: device.model,
      ...(device.hardware === undefined ? {} : { hw_version: device.hardware }),
      ...(device.firmware === undefined ? {} : { sw_version: device.firmware }),
      serial_number: device.uid,
      ...(device.url === undefined ? {} : { configuration_url: device.url }),
    },
    origin: { name: 'evse-mqtt-bridge', sw_version: version },
    availability: availabilityOf(prefix),
    availability_mode: 'all',
    qos: 1,
    components: Object.fromEntries(items.map((item) => [item.entity.key, componentOf(item, options)])),
  };
}

function componentOf(item: Item, { device, prefix, language, read }: DocumentOptions): Component {
  const { row, entity } = item;
  const { key, platform, category, disabled, icon } = entity;
  const availability = ownAvailability(item, prefix, read);
  const say = (text: Text) => text[language === 'de' ? 1 : 0];
  const shownOn = `${prefix}/${entity.heardOn ?? entity.topic ?? row.path}`;
  const codes = codesOf(entity, read);
  const value =
    entity.valueId === undefined
      ? filled(entity.value, codes, ([code, text]) => [String(code), say(text)])
      : listValue(valueIndex(item, read));
  const command = filled(entity.command, codes, ([code, text]) => [say(text), code]);
  return {
    platform,
    unique_id: `${device.id}_${key}`,
    default_entity_id: `${platform}.${device.slug}_${key}`,
    name: say(entity.name),
    ...(value === undefined ? {} : { state_topic: shownOn, value_template: value }),
    ...(isControl(platform) ? { command_topic: commandTopic(row, prefix) } : {}),
    ...(command === undefined ? {} : { command_template: command }),
    ...entity.options,
    ...(codes ? { options: codes.map(([, text]) => say(text)) } : {}),
    ...attributesOf(entity, shownOn, prefix),
    ...(availability ? { availability } : {}),
    ...(category ? { entity_category: category } : {}),
    ...(disabled ? { enabled_by_default: false } : {}),
    ...(icon === undefined ? {} : { icon: `mdi:${icon}` }),
  };
}

function attributesOf(
  { attributes }: Entity,
  shownOn: string,
  prefix: string,
): Readonly<Record<string, unknown>> {
  if (attributes === undefined) return {};
  if (attributes === true) return { json_attributes_topic: shownOn };
  return {
    json_attributes_topic: attributes.from === undefined ? shownOn : `${prefix}/${attributes.from}`,
    json_attributes_template: attributes.value,
  };
}

/** If the value of `item` stands in a list: the topic that says which value stands where. */
export const orderOf = ({ row, entity }: Item): string | undefined =>
  entity.valueId === undefined ? undefined : row.path.replace(/values$/, 'value_ids');

/** The index of the value of `item` in its list; -1 if it is not there. */
export function valueIndex(item: Item, read: Read): number {
  const ids = read(orderOf(item) ?? '');
  return Array.isArray(ids) ? ids.indexOf(item.entity.valueId ?? -1) : -1;
}

/** A meter that does not answer shows null or a shorter list. */
const listValue = (at: number): string =>
  `{{ value_json[${at}] if value_json | length > ${at} and value_json[${at}] is not none else 'None' }}`;

function commandTopic({ path, command }: Topic, prefix: string): string {
  return command?.action ? `${prefix}/${path}` : `${prefix}/${path}_update`;
}

/** The codes of an entity; only those that the charger has, if it reports them. */
function codesOf({ codes, codesIn }: Entity, read: Read): readonly Code[] | undefined {
  const there = codesIn === undefined ? undefined : read(codesIn);
  return Array.isArray(there) ? codes?.filter(([code]) => there.includes(code)) : codes;
}

type Template = Entity['value'];

/** The template, with the dictionary of `codes` filled in if it is a function of it. */
function filled(
  template: Template,
  codes: readonly Code[] | undefined,
  pair: (code: Code) => readonly [string, string | number],
): string | undefined {
  if (typeof template !== 'function') return template;
  const pairs = (codes ?? []).map(pair).map(([from, to]) => `${literal(from)}: ${literal(to)}`);
  return template(`{${pairs.join(', ')}}`);
}

/** `value` as a literal of Jinja. */
function literal(value: string | number): string {
  return typeof value === 'number'
    ? String(value)
    : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
