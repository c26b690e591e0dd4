import { isObject, type Json, parseJson } from '../../base/json.js';
import type { Registry } from '../../topics/index.js';
import { withoutSecrets } from '../../topics/secrets.js';

/** Topics whose texts name a type of charger, a release or a feature, and nothing private. */
const HARMLESS_TEXTS: readonly string[] = ['info/version', 'info/name', 'info/features', 'evse/identity'];

/** A charger is called by its type and serial number until somebody gives it a name. */
const FACTORY_NAME = /^[a-z]+[0-9]*-[A-Za-z0-9-]{1,12}( \(simulated\))?$/;

/**
 * Modules whose numbers say what the charger does. In every other topic without a row even the
 * numbers are blanked: they may be an address, a key or the place of a house.
 */
const HARMLESS_NUMBERS =
  /^(evse|meter|meters|info|modbus_tcp|nfc|ntp|ocpp|charge_authorization|power_manager|charge_manager|charge_limits|charge_tracker|require_meter|batteries|battery_control|firmware_update|system|rtc|event_log\/boot_id|p14a_enwg)(\/|$)/;

const CHARGER = 'the charger';
const QUOTED = /"(?:[^"\\]|\\.)*"/g;
const IP_ADDRESS = /\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{0,4}(?::[\da-f]{0,4}){3,7}/gi;

/** Blanks out what is private: names, secrets, addresses, tags. */
export class Blanking {
  readonly #topics: Registry;

  constructor(topics: Registry) {
    this.#topics = topics;
  }

  /** What the topic `path` shows, as JSON text: unchanged if nothing in it is private, `""` if it is no JSON. */
  state(path: string, text: string): string {
    const value = parseJson(text);
    if (value === undefined) return '""';
    if (HARMLESS_TEXTS.includes(path)) return text;
    const blank = this.#blanked(path, value);
    const isSame = JSON.stringify(blank) === JSON.stringify(value);
    return isSame ? text : JSON.stringify(blank);
  }

  /** What was written to the command `path`. */
  written(path: string, text: string): Json {
    const topic = path.replace(/_update$/, '');
    const command = this.#topics.get(topic)?.command;
    return this.#blanked(topic, withoutSecrets(command, parseJson(text) ?? null));
  }

  /** A message of this program without what is private: the charger's `address`, names in quotes, other IP addresses. */
  message(text: string, address: string): string {
    const host = URL.canParse(address) ? new URL(address).hostname : address;
    return text
      .replaceAll(address, CHARGER)
      .replaceAll(host, CHARGER)
      .replaceAll(QUOTED, '"…"')
      .replaceAll(IP_ADDRESS, '0.0.0.0');
  }

  /** Whether a text that the charger answers about `path` is free of private data. */
  isHarmless(path: string): boolean {
    return HARMLESS_NUMBERS.test(path);
  }

  #blanked(path: string, value: Json): Json {
    if (path === 'info/display_name') return blank(value, true, (text) => FACTORY_NAME.test(text));
    return blank(value, this.#topics.has(path) || HARMLESS_NUMBERS.test(path), () => false);
  }
}

function blank(value: Json, keepsNumbers: boolean, keeps: (text: string) => boolean): Json {
  if (typeof value === 'string') return keeps(value) ? value : zeroed(value);
  if (typeof value === 'number') return keepsNumbers ? value : 0;
  if (Array.isArray(value)) return value.map((one) => blank(one, keepsNumbers, keeps));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, blank(one, keepsNumbers, keeps)]),
  );
}

/** Every letter and every digit becomes a 0, so that a tag still looks like a tag and an address like an address. */
function zeroed(text: string): string {
  return text.replaceAll(/[\p{L}\p{M}\p{N}\p{S}]/gu, '0');
}
