import { type Json, membersOf } from '../base/json.js';

/** The longest text of the charger in a log line, characters. */
const LONGEST = 60;

/**
 * A text by which an owner recognizes a charger: `WARP2 Charger Pro, firmware 2.8.9, http://192.168.1.20`. Parts that
 * the charger has not reported are left out; empty if nothing is known.
 */
export function identityOf(read: (path: string) => Json | undefined, address: string | undefined): string {
  const { display_type: type, name } = membersOf(read('info/name'));
  const { firmware } = membersOf(read('info/version'));
  const version = plain(firmware);
  return [plain(type) ?? plain(name), version && `firmware ${version}`, address]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** `value` as one line of limited length; undefined if it is no text or an empty one. */
function plain(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return value.replace(/\p{C}/gu, ' ').slice(0, LONGEST);
}
