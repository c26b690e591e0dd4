import type { Chance } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { Link } from '../mqtt/link.js';
import type { Charger } from './charger.js';

/** What an outlet gets: one charger of the process, and what is needed to join it to the outside. */
export interface OutletContext {
  /** The first part of the charger's MQTT topics, without a final slash. */
  readonly prefix: string;
  /** Prefixes below which this process or its listeners publish: a response topic there is refused. */
  readonly reserved?: readonly string[];
  /** The owner's name for the charger, if the settings have one. */
  readonly name: string | undefined;
  readonly charger: Charger;
  readonly link: Link;
  readonly clock: Clock;
  /** Random numbers; by default Math.random. */
  readonly chance?: Chance;
  readonly log: Log;
  /** The kind of backend: `http`, `model`. */
  readonly backend: string;
  /** The charger's own page, where it has one. */
  readonly page: string | undefined;
  /** The version of this program. */
  readonly version: string;
  /** When this program started, ISO 8601. */
  readonly started: string;
}

/** The process with all its chargers. */
export interface ProcessContext {
  /** Live: they come and go. */
  readonly chargers: readonly OutletContext[];
  /** For each configured charger that is not among them, a sentence that says why; live. */
  readonly missing?: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Tests the configuration as the command `check` does, and reports each step. */
  readonly check?: (tell: (step: CheckedStep) => void) => Promise<unknown>;
}

/** The result of one step of a check. With a `note` everything works, but the text is worth knowing. */
export interface CheckedStep {
  readonly result: 'ok' | 'note' | 'FAIL';
  readonly text: string;
}

/** Ends what was started. */
export type Close = () => void | Promise<void>;

/**
 * Joins one charger to the outside until it is closed. `Settings` are the settings that it reads, by their keys. If one
 * of them does not exist, the lists in commands/charger-run.ts and commands/run.ts do not compile.
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
