import type { Chance } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { Link } from '../mqtt/link.js';
import type { Charger } from './charger.js';

/** One charger of the process with what joins it to the outside. */
export interface OutletContext {
  /** The start of the charger's topics. */
  readonly prefix: string;
  /** Prefixes of topics below which this process and its listeners speak: nobody may make us answer there. */
  readonly reserved?: readonly string[];
  /** What its owner calls it, where the settings say so. */
  readonly name: string | undefined;
  readonly charger: Charger;
  readonly link: Link;
  readonly clock: Clock;
  /** For what happens by chance; by default Math.random. */
  readonly chance?: Chance;
  readonly log: Log;
  /** The kind of backend: `http`, `model`. */
  readonly backend: string;
  /** The charger's own page, where it has one. */
  readonly page: string | undefined;
  /** Of this program. */
  readonly version: string;
  /** When this program started, ISO 8601. */
  readonly started: string;
}

/** The process with all its chargers. */
export interface ProcessContext {
  /** Live: they come and go. */
  readonly chargers: readonly OutletContext[];
  /** Why chargers that are wanted are not among them, a sentence for each; live. */
  readonly missing?: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Tries the configuration for real, as the command `check` does, and tells each step. */
  readonly check?: (tell: (step: CheckedStep) => void) => Promise<unknown>;
}

/** What was found in one step of a check. A note is worth knowing, but all works. */
export interface CheckedStep {
  readonly result: 'ok' | 'note' | 'FAIL';
  readonly text: string;
}

/** Ends what was started. */
export type Close = () => void | Promise<void>;

/**
 * Joins one charger to the outside until it is closed. `Settings` are those that it reads, by their keys: it declares
 * them, and the lists in commands/charger-run.ts and commands/run.ts do not compile where one does not exist.
 */
export type Outlet<Settings = unknown> = (
  context: OutletContext,
  settings: Settings,
) => Close | Promise<Close>;

/** The same for all chargers of the process together. */
export type ProcessOutlet<Settings = unknown> = (
  context: ProcessContext,
  settings: Settings,
) => Close | Promise<Close>;
