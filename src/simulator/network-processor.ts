import type { Chance } from '../base/backoff.js';
import type { Cancel, Clock } from '../base/clock.js';
import type { Json } from '../base/json.js';

/** Between the decision to restart and the end of all connections, so that answers and close frames still leave, ms. */
const FAREWELL_MS = 100;

/** How long a restart takes by default, ms. */
const DOWNTIME_MS = 5_000;

const U32 = 4_294_967_296;

/** How a restart goes. */
export interface Restart {
  /** The processor restarts on purpose and says so; otherwise it just loses its power. */
  readonly orderly: boolean;
  /** Its own settings are wiped. */
  readonly forget: boolean;
  /** ms without any answer; by default 5 s. */
  readonly downtime?: number | undefined;
}

/** One start of the processor. */
export interface Boot {
  readonly id: number;
  /** Records of the starts before, the oldest first (`info/last_boots`). */
  readonly last: readonly Json[];
  readonly forget: boolean;
}

/** A part that must know about restarts. */
export interface ProcessorWatcher {
  /** The processor is about to stop. */
  leaving(restart: Restart): void;
  /** It has stopped: nothing answers until it has booted. */
  gone(restart: Restart): void;
  /** It runs (again). */
  booted(boot: Boot): void;
}

/** The restarts of the network processor, its uptime, and the ids of its boots. */
export class NetworkProcessor {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #watchers: ProcessorWatcher[] = [];
  #state: 'up' | 'leaving' | 'down' = 'up';
  #bootedAt = 0;
  #boots: readonly Json[] = [];
  #cancel: Cancel = () => {};

  /** The boot ids come from `chance`. */
  constructor(clock: Clock, chance: Chance) {
    this.#clock = clock;
    this.#chance = chance;
  }

  get state(): 'up' | 'leaving' | 'down' {
    return this.#state;
  }

  /** Tells `watcher` of every restart from now on. */
  watch(watcher: ProcessorWatcher): void {
    this.#watchers.push(watcher);
  }

  /** ms since the last boot, modulo 2^32 as on the charger. */
  uptime(): number {
    return Math.floor(this.#clock.now() - this.#bootedAt) % U32;
  }

  /** Starts, for the first time or again. */
  boot(forget: boolean): void {
    this.#bootedAt = this.#clock.now();
    this.#state = 'up';
    const id = 1 + Math.floor(this.#chance() * (U32 - 1));
    for (const watcher of this.#watchers) watcher.booted({ id, last: this.#boots, forget });
  }

  /** Goes away and comes back after the downtime. */
  restart(restart: Restart): void {
    if (this.#state !== 'up') return;
    const record = {
      reset_reason: restart.orderly ? 3 : 1,
      boot_count: this.#boots.length + 1,
      timestamp_min: 0,
      uptime: this.uptime(),
      uptime_overflows: 0,
    };
    this.#boots = [...this.#boots, record].slice(-10);
    this.#state = 'leaving';
    for (const watcher of this.#watchers) watcher.leaving(restart);
    this.#cancel = this.#clock.after(FAREWELL_MS, () => {
      this.#state = 'down';
      for (const watcher of this.#watchers) watcher.gone(restart);
      this.#cancel = this.#clock.after(restart.downtime ?? DOWNTIME_MS, () => this.boot(restart.forget));
    });
  }

  stop(): void {
    this.#cancel();
  }
}
