import type { Chance } from '../base/backoff.js';
import { membersOf, parseJson } from '../base/json.js';
import type { Incoming, Message } from './link.js';

/** One process of several that may have the same settings, and the topic on which they hear of each other. */
export interface Instance {
  /** `<prefix>/bridge/instance`. */
  readonly topic: string;
  /** Different in each process; of those that wait the lowest comes first. */
  readonly id: string;
  /** For how long it listens to others before it works, ms; 0 where all have one client id, and the broker lets in one. */
  readonly claimMs: number;
}

/** What an instance says: that it works, or that it waits. Who waits is asking; who works answers. */
export interface Call {
  readonly instance: string;
  readonly state: 'active' | 'waiting';
}

/** Makes the instance of this process for one charger; `ownClientId` where the settings name a client id. */
export function instanceOf(prefix: string, ownClientId: boolean, chance: Chance = Math.random): Instance {
  const number = Math.floor(chance() * 2 ** 32).toString(16);
  // Those that all have the same id do not listen, and so come before those that do.
  const rank = ownClientId ? 'b' : 'a';
  return {
    topic: `${prefix}/bridge/instance`,
    id: `${rank}${number.padStart(8, '0')}`,
    claimMs: ownClientId ? CLAIM_MS : 0,
  };
}

/** Longer than a message between two clients of one broker takes, ms. */
const CLAIM_MS = 300;

export function callMessage({ topic, id }: Instance, state: Call['state'], qos: 0 | 1): Message {
  const call: Call = { instance: id, state };
  return { topic, payload: JSON.stringify(call), retain: false, qos };
}

/** What another instance has said; undefined where it is our own, or nothing that an instance says. */
export function callOf({ payload, retained }: Incoming, { id }: Instance): Call | undefined {
  if (retained || payload.byteLength > MAX_CALL) return undefined;
  const { instance, state } = membersOf(parseJson(Buffer.from(payload).toString()));
  if (typeof instance !== 'string' || instance === id) return undefined;
  return state === 'active' || state === 'waiting' ? { instance, state } : undefined;
}

/** Whether it is what this instance said itself when it claimed the place. */
export function isOwnClaim({ payload, retained }: Incoming, instance: Instance): boolean {
  return !retained && Buffer.from(payload).toString() === callMessage(instance, 'active', 1).payload;
}

/** Bytes. */
const MAX_CALL = 200;
