import { type RefusalCode, Refused, Unavailable } from '../base/errors.js';
import type { Json } from '../base/json.js';

/** A write as an outlet received it. */
export interface Write {
  /** The topic without prefix and without `_update`: `evse/external_current`. */
  readonly path: string;
  readonly payload: Uint8Array;
  /** Whether the broker sent it as a retained message, so that its age is unknown. */
  readonly retained: boolean;
  /** Time of the clock after which the sender does not want it any more, ms (message expiry of MQTT 5). */
  readonly expiresAt?: number;
  /** Called at once, with a receipt of status `waiting`, if the flash budget holds the write back. */
  readonly onWaiting?: (receipt: Receipt) => void;
}

/** What is published about a write (contract 4.8). `value` is without its secret members. */
export type Receipt = Outcome | Waiting;

/** The last receipt of a write. */
export type Outcome = Taken | Failed;

export interface Taken {
  readonly topic: string;
  readonly status: 'ok';
  readonly value: Json;
  /** The charger already had this value, so nothing was sent. */
  readonly unchanged?: true;
  /** The charger accepted the write, but shows no effect. */
  readonly applied?: false;
  readonly hint?: string;
}

/** The write is valid and will be sent later; another receipt follows. */
export interface Waiting {
  readonly topic: string;
  readonly status: 'waiting';
  readonly value: Json;
  /** The longest time until it is sent, unless a newer value comes. */
  readonly seconds: number;
  readonly hint: string;
}

export interface Failed {
  readonly topic: string;
  readonly status: 'error';
  readonly code: RefusalCode;
  readonly error: string;
}

/** The receipt for an error that stopped a write. Any error but Refused and Unavailable is a bug and is thrown again. */
export function failed(topic: string, error: unknown): Failed {
  if (error instanceof Refused) return { topic, status: 'error', code: error.code, error: error.message };
  if (error instanceof Unavailable) return { topic, status: 'error', code: 'offline', error: error.message };
  throw error;
}
