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

/** Between the starts of two chargers, ms: all at once they compete for the processor until the last one is ready. */
const STAGGER_MS = 5;

/**
 * Between two tries to connect to the broker, ms. After its restart all chargers come back, and a connection with TLS
 * costs a broker some milliseconds.
 */
const CONNECT_SPACING_MS = 5;

/** What all chargers of the process share. */
export interface FleetOptions {
  readonly values: Values;
  readonly address: Address;
  /** Whether client ids need the prefix to differ. */
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
  /** Live: they come and go. */
  readonly chargers: ConnectedCharger[] = [];
  /** Why chargers that are wanted could not be made, by their prefixes; live too. */
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

  /** Resolves when the signal has come and every charger has ended; rejects for a bug in one of them. */
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
   * Makes the chargers those that are `wanted`: what is gone or has changed is stopped, what is new is started, and
   * the others do not notice. `prefixes` are those of all chargers, also of other processes. `known` is called when
   * all are known and before one is started: nobody shall take a part of them for all. One call at a time. A charger
   * that cannot be made is left out, and the next call tries it again.
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

  /** Ends what is left, after the signal has come. */
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
    // Several parts of a charger listen.
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
    // A bug has been told by `ended`.
    await member.ended?.catch(() => {});
    for (const close of member.closes) await close();
    this.#members.delete(member.config.prefix);
    const at = this.chargers.indexOf(member.context);
    if (at >= 0) this.chargers.splice(at, 1);
  }
}

/** Prefixes of the chargers that came, were replaced, and went. */
export interface FleetChange {
  readonly started: readonly string[];
  readonly changed: readonly string[];
  readonly stopped: readonly string[];
  /** Why chargers could not be made, a sentence for each. */
  readonly failed: readonly string[];
}

/** All that a charger may have of its own: where two are equal, nothing has changed. */
function fingerprint({ prefix, name, values }: ChargerConfig): string {
  return JSON.stringify([prefix, name, PER_CHARGER.map((key) => values[key] ?? null)]);
}
