import type { Json } from '../base/json.js';
import type { Controller } from '../model/controller.js';
import type { Availability } from './availability.js';
import type { Entity } from './entity.js';
import type { Issue } from './issues.js';
import type { JsonSchema, Wire } from './members.js';

/** What a topic shows. */
export interface State {
  /** Finds faults in what a charger reported: known members must have the right type, others are not looked at. */
  readonly check: (value: unknown) => readonly Issue[] | undefined;
  readonly json: JsonSchema;
  readonly example: Json;
  /** Reads it from the model; absent if the model has no such topic. */
  readonly read?: (controller: Controller) => unknown;
  /** Subscribers take it as the charger's sign of life: it is published even if nothing has changed (contract 3). */
  readonly heartbeat?: Heartbeat;
  /** The member that counts up from 0 at each start of the charge controller. */
  readonly restartCounter?: string;
  /**
   * How often it is read while polling. `fast`: at every poll; `often`: every few seconds; `rare`: every few minutes,
   * because only a person changes it. All others are read in turn, one after the other.
   */
  readonly poll?: 'fast' | 'often' | 'rare';
  /** Reads the power in W, null if it is not known. A jump of the power is published at once (contract 3). */
  readonly power?: Reading<number | null>;
  /** Reads the energies in kWh that only count up, null for one that is not known. */
  readonly counters?: Reading<readonly (number | null)[]>;
  /** Makes what is published of a report, if some of it is kept back. */
  readonly redact?: (value: Json) => Json;
}

/** Reads something out of `value`, a report of `path`. `shown` gives what another topic shows. */
export type Reading<T> = (value: Json, shown: (path: string) => Json | undefined, path: string) => T;

/** How often a topic whose counters always change is published. */
export interface Heartbeat {
  /** The longest silence, ms. */
  readonly maxSilenceMs: number;
}

/** What can be written to a topic. */
export interface Command {
  /** Finds faults in a value to be written. Only a value without faults is sent to the charger. */
  readonly check: (value: unknown) => readonly Issue[] | undefined;
  readonly json: JsonSchema;
  /** Names of the members in the charger's order; empty for actions and arrays. */
  readonly members: readonly string[];
  /** Those `members` that are never shown again, such as a password. */
  readonly secret?: readonly string[];
  /** How the charger's own API checks the members; `undefined` where it has no such member. Absent for arrays. */
  readonly wire?: Readonly<Record<string, Wire | undefined>>;
  /** A one-shot act with an empty payload, as against a setting. */
  readonly action: boolean;
  /** What the owner has to switch on first, because a stranger who may write could do harm with it. */
  readonly gate?: Gate;
  /** An example of a value. A topic with a state has the example of that instead. */
  readonly example?: Json;
  /** Kept in flash: equal values are not sent, and frequent ones are slowed down (contract 4.9). */
  readonly flash?: true;
  /** Writing the present value still does something. */
  readonly actsWhenEqual?: true;
  /** The topic that shows the members that were written; default: the same topic. */
  readonly shownIn?: string;
  /** Whether the charger has done what was written; default: the topic that shows it has the written members. */
  readonly applied?: Applied;
  /** Why a charger may take a write and do nothing (contract 4.8). */
  readonly hint?: string;
  /**
   * `null` for a member of a write means: no change. With `sharesState` the firmware then takes what the state shows,
   * otherwise the last value that was written, which is `initial` after a start (charger-wire 3.5).
   */
  readonly sharesState?: true;
  /** Default: 32000 for a current, else false, 0 or an empty text. */
  readonly initial?: Json;
  /** The writes that the bridge sends instead, because the charger has no such command. */
  readonly steps?: readonly WriteStep[];
  /** The topic of the bridge that shows since when the steps run. If the process is killed, the next one ends them. */
  readonly underway?: string;
  readonly write?: (controller: Controller, value: never) => void;
}

/** One write of a command that has steps; `afterMs` counts from the first step. */
export interface WriteStep {
  readonly path: string;
  readonly value: Json;
  readonly afterMs: number;
}

/** `injectTags`: a write can authorize a charge in another user's name (setting `INJECT_TAGS`). */
export type Gate = 'injectTags';

/** Whether `value` has taken effect, judged by what the topics show; undefined if that can't be known. */
export type Applied = (value: Json, shown: (path: string) => Json | undefined) => boolean | undefined;

/** One topic of the charger: one row, from which everything that knows the topic is made. */
export interface Topic extends Availability {
  readonly path: string;
  readonly doc: string;
  /** For a topic of a family: the path of the family's row (`meters/N/values`). */
  readonly family?: string;
  /** How many topics a family can have at most: their numbers are 0 to `count` - 1. */
  readonly count?: number;
  readonly state?: State;
  readonly command?: Command;
  /** What it is in Home Assistant. */
  readonly entities?: readonly Entity[];
}
