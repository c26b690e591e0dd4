import type { Cancel } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { CommandOptions } from '../config/command-line.js';
import type { Config } from '../config/index.js';

/** 0: done. 1: not done, and it was said why. A bad configuration is 78 (contract 1). */
export type ExitCode = 0 | 1;

/** What a command is given. */
export interface CommandContext {
  readonly config: Config;
  /** Of this program. */
  readonly version: string;
  readonly log: Log;
  /** Comes with SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
  /** Prints a line for whoever called the command: its result, not its log. */
  readonly print: (text: string) => void;
  /** For a command that runs on while its settings change. */
  readonly settings: SettingsSource;
}

/** The settings as they are at any later moment. */
export interface SettingsSource {
  /** Reads all of them again, as at the start. Rejects with BadConfiguration. */
  read(): Promise<Config>;
  /** Calls `run` at each SIGHUP. */
  onHangup(run: () => void): Cancel;
}

/** One command: help, dispatch and the check of options are made from it. */
export interface CliCommand {
  /** What it does, for the help. */
  readonly doc: string;
  /** The options that only it has; every command has the settings. */
  readonly options?: CommandOptions;
  /** The groups of settings that it uses, the first parts of their keys; for the help. All are read all the same. */
  readonly settings: readonly string[];
  /** What it prints is meant for a file or another program, so its log goes to stderr. */
  readonly printsResult?: true;
  /** How it is called, for the help. */
  readonly examples: readonly string[];
  /** What else is wrong with the settings that it needs, one line each. */
  faults?(config: Config): readonly string[];
  /** Resolves when it is done. Throws BadConfiguration or CannotStart; anything else is a bug. */
  run(context: CommandContext): Promise<ExitCode>;
}

/** Every command by its name, loaded when it is asked for. The first is the default. */
export const commands: Readonly<Record<string, () => Promise<CliCommand>>> = {
  run: async () => (await import('./run.js')).run,
  simulate: async () => (await import('./simulate.js')).simulate,
  record: async () => (await import('./record.js')).record,
  discover: async () => (await import('./discover.js')).discover,
  check: async () => (await import('./check.js')).check,
  topics: async () => (await import('./topics.js')).topics,
  sessions: async () => (await import('./sessions.js')).sessions,
  completion: async () => (await import('./completion.js')).completion,
};
