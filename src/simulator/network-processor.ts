import { randomInt } from 'node:crypto';
import type { Cancel, Clock } from '../base/clock.js';
import type { Json } from '../base/json.js';

/** Between the decision to restart and the end of all connections, so that answers and close frames still leave, ms. */
const FAREWELL = 100;

const U32 = 4_294_967_296;

/** How a restart goes. */
export interface Restart {
  /** The processor restarts on purpose and says so; otherwise it just loses its power. */
  readonly orderly: boolean;
  /** Its own settings are wiped. */
  readonly forget: boolean;
  /** ms without any answer. */
  readonly downtime: number;
}

export interface ProcessorOptions {
  readonly clock: Clock;
  /** The processor is about to stop. */
  readonly leaving: (restart: Restart) => void;
  /** It has stopped: from now on there is nobody. */
  readonly gone: (restart: Restart) => void;
  /** It runs (again). */
  readonly booted: (id: number, last: readonly Json[], forget: boolean) => void;
}

/** The network processor as far as it can restart: its uptime and the number of its boot. */
export class NetworkProcessor {
  readonly #options: ProcessorOptions;
  #state: 'up' | 'leaving' | 'down' = 'up';
  #bootedAt = 0;
  #boots: readonly Json[] = [];
  #cancel: Cancel = () => {};

  constructor(options: ProcessorOptions) {
    this.#options = options;
  }

  get state(): 'up' | 'leaving' | 'down' {
    return this.#state;
  }

  /** ms since the last boot, with the charger's overflow. */
  uptime(): number {
    return Math.floor(this.#options.clock.now() - this.#bootedAt) % U32;
  }

  /** Starts, for the first time or again. */
  boot(forget: boolean): void {
    this.#bootedAt = this.#options.clock.now();
    this.#state = 'up';
    this.#options.booted(randomInt(1, U32), this.#boots, forget);
  }

  /** Goes away and comes back after the downtime. */
  restart(restart: Restart): void {
    if (this.#state !== 'up') return;
    const { clock, leaving, gone } = this.#options;
    const record = {
      reset_reason: restart.orderly ? 3 : 1,
      boot_count: this.#boots.length + 1,
      timestamp_min: 0,
      uptime: this.uptime(),
      uptime_overflows: 0,
    };
    this.#boots = [...this.#boots, record].slice(-10);
    this.#state = 'leaving';
    leaving(restart);
    this.#cancel = clock.after(FAREWELL, () => {
      this.#state = 'down';
      gone(restart);
      this.#cancel = clock.after(restart.downtime, () => this.boot(restart.forget));
    });
  }

  stop(): void {
    this.#cancel();
  }
}
