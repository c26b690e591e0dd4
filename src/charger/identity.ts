import { type Json, membersOf } from '../base/json.js';

/** The most of a text of the charger that a log line repeats. */
const LONGEST = 60;

/**
 * What an owner knows a charger by: `WARP2 Charger Pro, firmware 2.8.9, http://192.168.1.20`. What it has not told
 * is left out; empty where that is all.
 */
export function identityOf(read: (path: string) => Json | undefined, address: string | undefined): string {
  const { display_type: type, name } = membersOf(read('info/name'));
  const { firmware } = membersOf(read('info/version'));
  const version = plain(firmware);
  return [plain(type) ?? plain(name), version && `firmware ${version}`, address]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** A text of a stranger in one line; undefined where it is none. */
function plain(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return value.replace(/\p{C}/gu, ' ').slice(0, LONGEST);
}
