import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PAYLOADS = resolve(import.meta.dirname, '../../test/data/payloads');

/** First levels that have a `_` in themselves. */
const MODULES = [
  'batteries_modbus_tcp',
  'charge_limits',
  'charge_manager',
  'charge_tracker',
  'day_ahead_prices',
  'energy_manager',
  'event_log',
  'firmware_update',
  'meters_legacy_api',
  'modbus_tcp',
  'power_manager',
  'require_meter',
];

/** Not what a charger sends: what another broker made of it, one element of an array, firmware 1, its own discovery. */
const NO_STATE = /iobroker_wrapped|element14|max_charging_current|homeassistant/;

/** One recorded payload. */
export interface Payload {
  readonly file: string;
  /** The topic that had it, without prefix. */
  readonly path: string;
  readonly text: string;
}

/** Folders of recorded payloads; what each of them is, test/data/payloads/INDEX.md tells. */
export const payloadFolders = readdirSync(PAYLOADS).filter((name) => !name.includes('.'));

/** The payloads of one folder that are states, as they were recorded. */
export const payloadsIn = (folder: string): Payload[] =>
  readdirSync(join(PAYLOADS, folder))
    .filter((file) => file.endsWith('.json') && !NO_STATE.test(file))
    .map((file) => ({
      file,
      path: topicOf(file),
      text: readFileSync(join(PAYLOADS, folder, file), 'utf8').trimEnd(),
    }));

/** `evse_low_level_state__charging_1.json` → `evse/low_level_state`; `meters_0_values.json` → `meters/0/values`. */
function topicOf(file: string): string {
  const name = file.replace(/(__.*)?\.json$/, '');
  const module = MODULES.find((one) => name.startsWith(`${one}_`)) ?? name.slice(0, name.indexOf('_'));
  return `${module}/${name.slice(module.length + 1).replace(/^(\d+)_/, '$1/')}`;
}
