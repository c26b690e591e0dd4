import { isObject, type Json, type JsonObject } from '../../base/json.js';

/** Short names that Home Assistant knows for members of a document and of its components (home-assistant 1.2). */
const MEMBERS: Readonly<Record<string, string>> = {
  availability: 'avty',
  availability_mode: 'avty_mode',
  command_template: 'cmd_tpl',
  command_topic: 'cmd_t',
  components: 'cmps',
  default_entity_id: 'def_ent_id',
  device: 'dev',
  device_class: 'dev_cla',
  enabled_by_default: 'en',
  entity_category: 'ent_cat',
  event_types: 'evt_typ',
  icon: 'ic',
  json_attributes_template: 'json_attr_tpl',
  json_attributes_topic: 'json_attr_t',
  options: 'ops',
  origin: 'o',
  payload_off: 'pl_off',
  payload_on: 'pl_on',
  payload_press: 'pl_prs',
  platform: 'p',
  state_class: 'stat_cla',
  state_off: 'stat_off',
  state_on: 'stat_on',
  state_topic: 'stat_t',
  suggested_display_precision: 'sug_dsp_prc',
  topic: 't',
  unique_id: 'uniq_id',
  unit_of_measurement: 'unit_of_meas',
  value_template: 'val_tpl',
};

/** The same for the members of `device` and `origin`. */
const DEVICE_MEMBERS: Readonly<Record<string, string>> = {
  configuration_url: 'cu',
  hw_version: 'hw',
  identifiers: 'ids',
  manufacturer: 'mf',
  model: 'mdl',
  serial_number: 'sn',
  sw_version: 'sw',
};

/** A document with short names, which is a third smaller. */
export const abbreviated = (document: JsonObject): JsonObject => renamed(document, (names) => names);

/** A document with full names, whichever it had. */
export const withFullNames = (document: JsonObject): JsonObject => renamed(document, swapped);

type Names = Readonly<Record<string, string>>;

function renamed(document: JsonObject, direction: (names: Names) => Names): JsonObject {
  const members = direction(MEMBERS);
  const deviceMembers = direction(DEVICE_MEMBERS);
  const inside = (name: string, value: Json): Json => {
    switch (MEMBERS[name] ?? name) {
      case 'dev':
      case 'o':
        return rename(value, deviceMembers);
      case 'avty':
        return Array.isArray(value) ? value.map((one: Json) => rename(one, members)) : value;
      case 'cmps':
        return isObject(value) ? mapMembers(value, (one) => rename(one, members)) : value;
      default:
        return value;
    }
  };
  const parts = Object.entries(document).map(([name, value]) => [members[name] ?? name, inside(name, value)]);
  return Object.fromEntries(parts) as JsonObject;
}

/** `value` with other names for its own members. */
function rename(value: Json, names: Names): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [names[name] ?? name, member]));
}

function mapMembers(value: JsonObject, change: (member: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(member)]));
}

function swapped(names: Names): Names {
  return Object.fromEntries(Object.entries(names).map(([full, short]) => [short, full]));
}
