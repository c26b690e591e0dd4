import { setMaxListeners } from 'node:events';
import { pause } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import { CannotStart } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { Turns } from '../base/turns.js';
import type { Close } from '../charger/outlet.js';
import { type ChargerConfig, PER_CHARGER } from '../config/charger-entries.js';
import type { Values } from '../config/settings.js';
import { assembleCharger, type ConnectedCharger, startCharger } from './charger-run.js';
import { type Address, linkOptions } from './wiring-broker.js';

/** The time between the starts of two chargers, ms: started together, all would be ready only when the last one is. */
const STAGGER_MS = 5;

/**
 * The time between two connects to the broker, ms. After a restart of the broker the links of all chargers come back,
 * and each connection with TLS costs the broker some milliseconds.
 */
const CONNECT_SPACING_MS = 5;

/** What all chargers of the process share. */
export interface FleetOptions {
  readonly values: Values;
  readonly address: Address;
  /** Whether there are several chargers, so that each client id must contain the prefix. */
  readonly several: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** When this program started, ISO 8601. */
  readonly started: string;
  /** Ends every charger. */
  readonly stop: AbortSignal;
  /** A new file to which the first charger is recorded, until it ends. */
  readonly recordTo?: string | undefined;
}

interface Member {
  readonly config: ChargerConfig;
  readonly context: ConnectedCharger;
  readonly stop: AbortController;
  readonly closes: Close[];
  /** Resolves when it has ended; unset until it has started. */
  ended?: Promise<unknown>;
}

/** The chargers of the process: they come and go with the settings. */
export class Fleet {
  /** A live list: chargers come and go. */
  readonly chargers: ConnectedCharger[] = [];
  /** For each configured charger that could not be set up: its prefix and the reason. Live, too. */
  readonly missing: string[] = [];
  readonly #options: FleetOptions;
  readonly #members = new Map<string, Member>();
  readonly #reserved: string[] = [];
  #isRecording = false;
  readonly #failed: Promise<never>;
  readonly #turns: Turns;
  #fail: (reason: unknown) => void = () => {};

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#turns = new Turns(options.clock, CONNECT_SPACING_MS);
    this.#failed = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failed.catch(() => {});
  }

  /** Resolves when `stop` has aborted and every charger has ended; rejects at a bug in one of them. */
  async ended(): Promise<void> {
    const { stop } = this.#options;
    const stopped = new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([stopped, this.#failed]);
    await Promise.race([Promise.all([...this.#members.values()].map(({ ended }) => ended)), this.#failed]);
  }

  /**
   * Changes the chargers to those that are `wanted`: stops those that are gone or have other settings, starts the new
   * ones, and leaves the others alone. `prefixes`: those of all chargers, also of other processes. `known` is called
   * when all chargers are in the list and before one is started, so that nobody sees only some of them. A charger that
   * can't be set up is left out, and the next call tries it again. One call at a time.
   */
  async become(
    wanted: readonly ChargerConfig[],
    prefixes: readonly string[],
    known?: (failed: readonly CannotStart[]) => Promise<void>,
  ): Promise<FleetChange> {
    const { values } = this.#options;
    this.#reserved.splice(0, Number.POSITIVE_INFINITY, ...prefixes, values['homeassistant.prefix']);
    const same = new Set(
      wanted
        .filter((one) => {
          const present = this.#members.get(one.prefix);
          return present && fingerprint(present.config) === fingerprint(one);
        })
        .map(({ prefix }) => prefix),
    );
    const leaving = [...this.#members.values()].filter(({ config }) => !same.has(config.prefix));
    await Promise.all(leaving.map((member) => this.#end(member)));
    const coming = wanted.filter(({ prefix }) => !same.has(prefix));
    const failed: CannotStart[] = [];
    this.missing.length = 0;
    for (const one of coming) {
      try {
        await this.#add(one);
      } catch (error) {
        if (!(error instanceof CannotStart)) throw error;
        failed.push(error);
        this.missing.push(`${one.prefix}: ${error.message}`);
      }
    }
    await known?.(failed);
    for (const { prefix } of coming) {
      const member = this.#members.get(prefix);
      if (member && !this.#options.stop.aborted) await this.#start(member);
    }
    const left = leaving.map(({ config }) => config.prefix);
    return {
      started: coming
        .map(({ prefix }) => prefix)
        .filter((one) => this.#members.has(one) && !left.includes(one)),
      changed: left.filter((prefix) => this.#members.has(prefix)),
      stopped: left.filter((prefix) => !this.#members.has(prefix)),
      failed: [...this.missing],
    };
  }

  /** Ends all chargers. To be called after `stop` has aborted. */
  async close(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => this.#end(member)));
  }

  async #add(config: ChargerConfig): Promise<void> {
    const { values, address, several, clock, version, started, stop } = this.#options;
    const recordTo = this.#isRecording ? undefined : this.#options.recordTo;
    this.#isRecording = true;
    const log = this.#options.log.child(config.prefix);
    const options = { ...linkOptions(config, several, values, address, log), turns: this.#turns };
    const about = { version, started, reserved: this.#reserved, log };
    const context = await assembleCharger(config, values, options, about, { clock, recordTo });
    const own = new AbortController();
    if (stop.aborted) own.abort();
    stop.addEventListener('abort', () => own.abort(), { once: true, signal: own.signal });
    // Many parts of a charger listen to this signal: Node would warn of a leak.
    setMaxListeners(0, own.signal);
    this.chargers.push(context);
    this.#members.set(config.prefix, { config, context, stop: own, closes: [] });
  }

  async #start(member: Member): Promise<void> {
    const { values, clock, stop } = this.#options;
    const running = await startCharger(member.context, values, member.stop.signal, member.closes);
    member.ended = Promise.all(running);
    member.ended.catch(this.#fail);
    await pause(clock, STAGGER_MS, stop);
  }

  async #end(member: Member): Promise<void> {
    member.stop.abort();
    // `ended()` has rejected with the same error.
    await member.ended?.catch(() => {});
    for (const close of member.closes) await close();
    this.#members.delete(member.config.prefix);
    const at = this.chargers.indexOf(member.context);
    if (at >= 0) this.chargers.splice(at, 1);
  }
}

/** Prefixes of the chargers that were started, changed and stopped. */
export interface FleetChange {
  readonly started: readonly string[];
  readonly changed: readonly string[];
  readonly stopped: readonly string[];
  /** Why chargers could not be set up, a sentence for each. */
  readonly failed: readonly string[];
}

/** A text of all settings of a charger: if two are equal, nothing has changed. */
function fingerprint({ prefix, name, values }: ChargerConfig): string {
  return JSON.stringify([prefix, name, PER_CHARGER.map((key) => values[key] ?? null)]);
}
