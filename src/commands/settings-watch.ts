import { watch } from 'node:fs';
import { Notifier, pause } from '../base/backoff.js';
import type { Cancel, Clock } from '../base/clock.js';
import { BadConfiguration, messageOf } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { PER_CHARGER } from '../config/charger-entries.js';
import type { Config } from '../config/index.js';
import { type Key, rows, type Values } from '../config/settings.js';
import type { FleetChange } from './fleet.js';
import type { SettingsSource } from './index.js';

/** How long to wait after a change before the settings are read, ms: files are often written in several steps. */
const SETTLE_MS = 500;

export interface FollowOptions {
  readonly source: SettingsSource;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly stop: AbortSignal;
}

/**
 * Follows the settings: they are read again on SIGHUP, and when something changes in the folder of chargers (contract
 * 2, CHARGERS_DIR). Faulty settings change nothing; the log says what is wrong with them.
 */
export class SettingsWatch {
  readonly #options: FollowOptions;
  readonly #unsubscribe: Cancel;
  #unwatch: Cancel;
  readonly #news = new Notifier();
  #asked = 0;
  #present: Config;

  /** Watches from now on. */
  constructor(options: FollowOptions) {
    this.#options = options;
    this.#present = options.config;
    this.#unsubscribe = options.source.onHangup(() => this.#ask());
    this.#unwatch = watchFolder(options, () => this.#ask());
  }

  #ask(): void {
    this.#asked++;
    this.#news.notify();
  }

  /** The present settings. */
  get config(): Config {
    return this.#present;
  }

  /** Calls `apply` for each change, one after the other, also for changes before this call. Resolves when `stop` aborts. */
  async follow(apply: (config: Config) => Promise<FleetChange>): Promise<void> {
    const { clock, stop } = this.#options;
    let done = 0;
    while (!stop.aborted) {
      if (this.#asked === done) await this.#news.wait(clock, undefined, stop);
      await pause(clock, SETTLE_MS, stop);
      if (stop.aborted) break;
      done = this.#asked;
      // The folder may have been replaced. The new one is watched before it is read, so that no change is missed.
      this.#unwatch();
      this.#unwatch = watchFolder(this.#options, () => this.#ask());
      await this.#readAgain(apply);
    }
    this.#unsubscribe();
    this.#unwatch();
  }

  async #readAgain(apply: (config: Config) => Promise<FleetChange>): Promise<void> {
    const { source, log } = this.#options;
    let next: Config;
    try {
      next = await source.read();
    } catch (error) {
      if (!(error instanceof BadConfiguration)) throw error;
      log.error(
        `the settings were read again and are faulty, so nothing changes: ${error.faults.join('; ')}`,
      );
      return;
    }
    const before = this.#present;
    this.#present = next;
    const change = await apply(next);
    log.info(`the settings were read again: ${changeText(change)}`);
    for (const fault of change.failed)
      log.error(`a charger was not started: ${fault}; mend it, and send SIGHUP to this process`);
    const others = changedKeys(before.values, next.values);
    if (others.length > 0) log.warn(`${others.join(', ')}: the change takes effect at the next start`);
  }
}

function changeText({ started, changed, stopped }: FleetChange): string {
  const parts = [
    ['started', started],
    ['started again with other settings', changed],
    ['stopped', stopped],
  ] as const;
  const told = parts.filter(([, prefixes]) => prefixes.length > 0);
  if (told.length === 0) return 'no charger has changed';
  return told.map(([what, prefixes]) => `${what}: ${prefixes.join(', ')}`).join('; ');
}

function changedKeys(before: Values, after: Values): readonly Key[] {
  return rows
    .map(([key]) => key)
    .filter(
      (key) =>
        !PER_CHARGER.includes(key) &&
        key !== 'mqtt.prefix' &&
        JSON.stringify(before[key]) !== JSON.stringify(after[key]),
    );
}

function watchFolder({ config, log }: FollowOptions, ask: () => void): Cancel {
  const folder = config.values.chargersDir;
  if (folder === undefined) return () => {};
  const lost = (error: unknown) =>
    log.warn(
      `CHARGERS_DIR can't be watched (${messageOf(error)}): after a change send SIGHUP to this process`,
    );
  try {
    const watcher = watch(folder, { persistent: false }, ask);
    watcher.on('error', lost);
    return () => watcher.close();
  } catch (error) {
    lost(error);
    return () => {};
  }
}
