import { type Json, membersOf } from '../../base/json.js';

/** Reads the state of a topic; undefined if the charger has not reported it. */
export type Read = (path: string) => Json | undefined;

/** The charger as a device of Home Assistant. */
export interface Device {
  /** Identifier, start of every unique id, and name of the discovery topic; made from the serial number alone. */
  readonly id: string;
  /** First part of the entity ids that are proposed. */
  readonly slug: string;
  readonly uid: string;
  readonly name: string;
  readonly model: string;
  readonly hardware?: string;
  readonly firmware?: string;
  readonly url?: string;
}

/** Topics that a Device is made from. */
export const IDENTITY: ReadonlySet<string> = new Set([
  'info/name',
  'info/display_name',
  'info/version',
  'evse/hardware_configuration',
]);

/** Model names by the `type` of `info/name`, which may be any text. */
const MODELS: ReadonlyMap<string, string> = new Map([
  ['warp', 'WARP Charger'],
  ['warp2', 'WARP2 Charger'],
  ['warp3', 'WARP3 Charger'],
  ['warp4', 'WARP4 Charger'],
  ['wem', 'WARP Energy Manager'],
  ['wem2', 'WARP Energy Manager 2.0'],
  ['seb', 'Smart Energy Broker'],
]);

const SIMULATED = '(simulated)';

/**
 * The device, or undefined while the charger has not reported its serial number. `title`: the owner's name for it.
 * `url`: the address of its web interface; a login in it is left out.
 */
export function deviceOf(read: Read, title: string | undefined, url: string | undefined): Device | undefined {
  const name = membersOf(read('info/name'));
  const uid = textOf(name.uid);
  if (uid === undefined) return undefined;
  const shown = textOf(membersOf(read('info/display_name')).display_name);
  const type = textOf(name.display_type);
  const simulated = [shown, type].some((text) => text?.includes(SIMULATED));
  const marked = (text: string) => (simulated && !text.includes(SIMULATED) ? `${text} ${SIMULATED}` : text);
  const version = membersOf(read('evse/hardware_configuration')).evse_version;
  const firmware = textOf(membersOf(read('info/version')).firmware);
  const page = pageOf(url);
  return {
    id: deviceId(uid),
    slug: `warp_${uid.toLowerCase().replaceAll(/[^a-z0-9]/g, '_')}`,
    uid,
    name: marked(title ?? shown ?? textOf(name.name) ?? `WARP Charger ${uid}`),
    model: marked(type ?? MODELS.get(String(name.type)) ?? 'WARP Charger'),
    ...(typeof version === 'number' ? { hardware: `EVSE ${Math.floor(version / 10)}.${version % 10}` } : {}),
    ...(firmware === undefined ? {} : { firmware }),
    ...(page === undefined ? {} : { url: page }),
  };
}

/** The identifier for a serial number, with only the characters that a discovery topic may have (home-assistant 1.1). */
export function deviceId(uid: string): string {
  return `warp_bridge_${uid.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`;
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function pageOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, origin } = new URL(url);
  return protocol === 'http:' || protocol === 'https:' ? `${origin}/` : undefined;
}
