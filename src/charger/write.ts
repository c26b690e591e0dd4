import { type RefusalCode, Refused, Unavailable } from '../base/errors.js';
import type { Json } from '../base/json.js';

/** A write as it came in, from whichever outlet. */
export interface Write {
  /** The topic without prefix and without `_update`: `evse/external_current`. */
  readonly path: string;
  readonly payload: Uint8Array;
  /** Replayed by a broker, so of unknown age. */
  readonly retained: boolean;
  /** Time of the clock after which its sender does not want it carried out any more, ms. */
  readonly expiresAt?: number;
  /** Called at once with a receipt of status `waiting` where the guard of the flash holds the write back. */
  readonly onWaiting?: (receipt: Receipt) => void;
}

/** What is told about a write (contract 4.8). The members of `value` that are secret are not told. */
export type Receipt = Outcome | Waiting;

/** The last receipt of a write. */
export type Outcome = Taken | Failed;

export interface Taken {
  readonly topic: string;
  readonly status: 'ok';
  readonly value: Json;
  /** It was so already and has not been sent. */
  readonly unchanged?: true;
  /** The charger took it and did nothing. */
  readonly applied?: false;
  readonly hint?: string;
}

/** It is good and will be sent later; another receipt follows. */
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

/** The receipt for what stopped a write; anything but Refused and Unavailable is a bug and thrown again. */
export function failed(topic: string, error: unknown): Failed {
  if (error instanceof Refused) return { topic, status: 'error', code: error.code, error: error.message };
  if (error instanceof Unavailable) return { topic, status: 'error', code: 'offline', error: error.message };
  throw error;
}
