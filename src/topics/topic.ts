import type { Json } from '../base/json.js';
import type { Controller } from '../model/controller.js';
import type { Availability } from './availability.js';
import type { Entity } from './entity.js';
import type { Issue } from './issues.js';
import type { JsonSchema, Wire } from './members.js';

/** What a topic shows. */
export interface State {
  /** Faults of what a charger reported; known members must have the right type, further ones are as they are. */
  readonly check: (value: unknown) => readonly Issue[] | undefined;
  readonly json: JsonSchema;
  readonly example: Json;
  /** How the model tells it; absent where the model has no such topic. */
  readonly read?: (controller: Controller) => unknown;
  /** It is the charger's sign of life to others, also while nothing in it is new (contract 3). */
  readonly heartbeat?: Heartbeat;
  /** The member that counts up from 0 at each start of the charge controller. */
  readonly restartCounter?: string;
  /**
   * While polling, `fast`: read at every poll; `often`: every few seconds; `rare`: every few minutes, for it changes
   * only by a person; the rest takes turns.
   */
  readonly poll?: 'fast' | 'often' | 'rare';
  /** The power in W that a report tells, null where it is not known: a jump of it is published at once (contract 3). */
  readonly power?: Reading<number | null>;
  /** Energies in kWh that only ever count up, null where one is not known. */
  readonly counters?: Reading<readonly (number | null)[]>;
  /** What is published of a report, where that is not all of it. */
  readonly redact?: (value: Json) => Json;
}

/** What can be read out of a report of `path`; `shown` tells what other topics show. */
export type Reading<T> = (value: Json, shown: (path: string) => Json | undefined, path: string) => T;

/** How often a topic whose counters always change is published. */
export interface Heartbeat {
  /** The longest silence, ms. */
  readonly maxSilenceMs: number;
}

/** What can be written to a topic. */
export interface Command {
  /** Faults of what is to be written; without any, the charger may be sent it. */
  readonly check: (value: unknown) => readonly Issue[] | undefined;
  readonly json: JsonSchema;
  /** Names of the members in the charger's order; empty for actions and arrays. */
  readonly members: readonly string[];
  /** Those of them that nobody may see again. */
  readonly secret?: readonly string[];
  /** How the charger's own API checks the members; `undefined` where it has no such member. Absent for arrays. */
  readonly wire?: Readonly<Record<string, Wire | undefined>>;
  /** A one-shot act with an empty payload, as against a setting. */
  readonly action: boolean;
  /** What the owner has to switch on first, because a stranger who may write could do harm with it. */
  readonly gate?: Gate;
  /** An example, where the topic has no state that would be one. */
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
   * The firmware keeps one object for state and command, so that `null` in a write keeps what is shown; else it keeps
   * the last value that was written, which after a start is `initial` (charger-wire 3.5).
   */
  readonly sharesState?: true;
  /** Default: 32000 for a current, else false, 0 or an empty text. */
  readonly initial?: Json;
  /** What is sent to the charger instead, which has no such command. */
  readonly steps?: readonly WriteStep[];
  /** The topic of the bridge that says since when its steps are under way: what a process began the next one ends. */
  readonly underway?: string;
  readonly write?: (controller: Controller, value: never) => void;
}

/** One write that the bridge sends for a command of its own, so long after the first of them, ms. */
export interface WriteStep {
  readonly path: string;
  readonly value: Json;
  readonly afterMs: number;
}

/** Authorizing a charge in the name of somebody else: setting `INJECT_TAGS`. */
export type Gate = 'injectTags';

/** Looks by what the topics show whether `value` has been applied; undefined where that can't be told. */
export type Applied = (value: Json, shown: (path: string) => Json | undefined) => boolean | undefined;

/** One topic of the charger: one row, from which everything that knows the topic is made. */
export interface Topic extends Availability {
  readonly path: string;
  readonly doc: string;
  /** The path of the row of the family that this topic is one of. */
  readonly family?: string;
  /** How many topics a family can have at most: their numbers are 0 to `count` - 1. */
  readonly count?: number;
  readonly state?: State;
  readonly command?: Command;
  /** What it is in Home Assistant. */
  readonly entities?: readonly Entity[];
}
