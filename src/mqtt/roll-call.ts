import type { Chance } from '../base/backoff.js';
import { membersOf, parseJson } from '../base/json.js';
import type { Incoming, Message } from './link.js';

/** One of several processes that may have the same settings, and the topic on which they talk to each other. */
export interface Instance {
  /** `<prefix>/bridge/instance`. */
  readonly topic: string;
  /** Different in each process. If several wait, the one with the lowest id takes over. */
  readonly id: string;
  /** How long it listens to others before it works, ms; 0 if all have the same client id, of which a broker admits one. */
  readonly claimMs: number;
}

/** What an instance says: that it works (`active`), or that it waits. A working instance answers a waiting one. */
export interface Call {
  readonly instance: string;
  readonly state: 'active' | 'waiting';
}

/** Makes the instance of this process for one charger. `ownClientId`: the settings name a client id. */
export function instanceOf(prefix: string, ownClientId: boolean, chance: Chance = Math.random): Instance {
  const number = Math.floor(chance() * 2 ** 32).toString(16);
  // Instances with the same client id do not listen before they work, so they rank before those that do.
  const rank = ownClientId ? 'b' : 'a';
  return {
    topic: `${prefix}/bridge/instance`,
    id: `${rank}${number.padStart(8, '0')}`,
    claimMs: ownClientId ? CLAIM_MS : 0,
  };
}

/** Longer than a message from one client of a broker to another takes, ms. */
const CLAIM_MS = 300;

/** The message with which `instance` says its `state`. */
export function callMessage({ topic, id }: Instance, state: Call['state'], qos: 0 | 1): Message {
  const call: Call = { instance: id, state };
  return { topic, payload: JSON.stringify(call), retain: false, qos };
}

/** The call in a message of another instance; undefined if it is our own, or no call at all. */
export function callOf({ payload, retained }: Incoming, { id }: Instance): Call | undefined {
  if (retained || payload.byteLength > MAX_CALL) return undefined;
  const { instance, state } = membersOf(parseJson(Buffer.from(payload).toString()));
  if (typeof instance !== 'string' || instance === id) return undefined;
  return state === 'active' || state === 'waiting' ? { instance, state } : undefined;
}

/** Whether the message is this instance's own claim to work. */
export function isOwnClaim({ payload, retained }: Incoming, instance: Instance): boolean {
  return !retained && Buffer.from(payload).toString() === callMessage(instance, 'active', 1).payload;
}

/** The largest payload that is read as a call, bytes. */
const MAX_CALL = 200;
