import type { Cancel } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { CommandOptions } from '../config/command-line.js';
import type { Config } from '../config/index.js';

/** 0: done. 1: failed, and the reason was printed. A bad configuration ends with 78 (contract 1). */
export type ExitCode = 0 | 1;

/** What a command gets. */
export interface CommandContext {
  readonly config: Config;
  /** The version of this program. */
  readonly version: string;
  readonly log: Log;
  /** Aborts at SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
  /** Prints a line of the command's result, as against its log, on stdout. */
  readonly print: (text: string) => void;
  /** Reads the settings again, for a command that follows their changes. */
  readonly settings: SettingsSource;
}

/** Reads the settings again at a later time. */
export interface SettingsSource {
  /** Reads all of them again, as at the start. Rejects with BadConfiguration. */
  read(): Promise<Config>;
  /** Calls `run` at each SIGHUP. */
  onHangup(run: () => void): Cancel;
}

/** One command. Its help, its dispatch and the check of its options are made from this. */
export interface CliCommand {
  /** What it does, for the help. */
  readonly doc: string;
  /** The options that only this command has; settings are options of every command. */
  readonly options?: CommandOptions;
  /** The groups of settings that it uses (the first parts of their keys), for the help. All settings are read anyway. */
  readonly settings: readonly string[];
  /** Set if its output is meant for a file or another program: then its log goes to stderr. */
  readonly printsResult?: true;
  /** Examples of its use, for the help. */
  readonly examples: readonly string[];
  /** Further faults in the settings that it needs, one line each. */
  faults?(config: Config): readonly string[];
  /** Resolves when it is done. Rejects with BadConfiguration or CannotStart; any other error is a bug. */
  run(context: CommandContext): Promise<ExitCode>;
}

/** Every command by its name, loaded only when it is used. The first one is the default. */
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
