import type { Cancel, Clock } from '../../base/clock.js';
import type { Log } from '../../base/log.js';
import type { Charger } from '../../charger/charger.js';
import { type Device, deviceOf, IDENTITY, type Read } from './device.js';
import { documentOf, type Language } from './document.js';
import { EntityInventory } from './entity-inventory.js';
import { mergePrevious, PreviousDocument } from './previous-document.js';
import { PublishDebounce } from './publish-debounce.js';

export interface DiscoveryOptions {
  readonly charger: Charger;
  /** Of the charger's topics. */
  readonly prefix: string;
  /** The owner's own name for the charger; without one the charger's own is taken. */
  readonly name?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether there is a connection to the broker. */
  readonly up: () => boolean;
  readonly publish: (topic: string, payload: string, retain: boolean) => void;
  /** Hands messages on exactly this topic to `handle`, retained ones too, now and after every connect. */
  readonly subscribe: (topic: string, handle: (message: { readonly payload: Uint8Array }) => void) => void;
  /** Calls `run` after every connect, when the subscriptions are already on their way. */
  readonly onUp: (run: () => void) => Cancel;
  /** Home Assistant's discovery prefix, `homeassistant` unless its owner changed it. */
  readonly discoveryPrefix: string;
  /** Where Home Assistant says `online` when it has started. */
  readonly statusTopic: string;
  readonly language: Language;
  /** Of this program. */
  readonly version: string;
  /** Where the charger's web interface is. */
  readonly chargerUrl?: string;
  /** A number in 0..1; the default is Math.random. */
  readonly random?: () => number;
}

/** A starting Home Assistant gets the document after a time between these, ms (home-assistant 1.3). */
const AFTER_BIRTH_MS = [1_000, 15_000] as const;

/** How long a charger must have been online before what it has not shown counts as gone, ms. */
const STABLE_AFTER_MS = 60_000;

/** Announces one charger to Home Assistant until cancelled (home-assistant 1.3). */
export function discovery(options: DiscoveryOptions): Cancel {
  return new Announcer(options).start();
}

class Announcer {
  readonly #options: DiscoveryOptions;
  readonly #read: Read;
  readonly #previous: PreviousDocument;
  readonly #debounce: PublishDebounce;
  #inventory: EntityInventory;
  #device: Device | undefined;
  #published: string | undefined;
  #stable = false;
  #complained = false;
  #stopped = false;
  #stabilizing: Cancel | undefined;
  #birth: Cancel | undefined;

  constructor(options: DiscoveryOptions) {
    const { charger, clock, prefix, subscribe } = options;
    this.#options = options;
    this.#read = (path) => charger.read(path);
    this.#inventory = new EntityInventory(charger.topics, this.#read);
    this.#debounce = new PublishDebounce(clock, () => this.#announce());
    this.#previous = new PreviousDocument({
      prefix,
      topicOf: (id) => this.#topicOf(id),
      subscribe,
      remove: (id) => this.#remove(id),
      read: () => this.#changed(),
    });
  }

  start(): Cancel {
    const { charger, onUp, statusTopic, subscribe } = this.#options;
    subscribe(statusTopic, ({ payload }) => {
      if (Buffer.from(payload).toString() === 'online') this.#onBirthMessage();
    });
    this.#previous.start();
    this.#identify();
    this.#connection();
    const cancels = [
      onUp(() => this.#connected()),
      charger.watch({
        state: (path) => this.#state(path),
        connection: () => this.#connection(),
      }),
    ];
    return () => {
      this.#stopped = true;
      this.#debounce.stop();
      for (const cancel of [...cancels, this.#birth, this.#stabilizing]) cancel?.();
    };
  }

  #state(path: string): void {
    const more = this.#inventory.look(path);
    if (more) this.#changed();
    if (IDENTITY.has(path)) this.#identify();
  }

  /** Looks who the charger is; another serial number makes another device. */
  #identify(): void {
    const { charger, chargerUrl, name } = this.#options;
    const device = deviceOf(this.#read, name, chargerUrl);
    if (!device || JSON.stringify(device) === JSON.stringify(this.#device)) return;
    const before = this.#device;
    this.#device = device;
    if (before?.id !== device.id) {
      if (before) {
        this.#inventory = new EntityInventory(charger.topics, this.#read);
        this.#restartStabilization();
      }
      this.#published = undefined;
      this.#previous.attach(device.id);
    }
    this.#changed();
  }

  #connection(): void {
    const { charger } = this.#options;
    if (charger.connection.online !== (this.#stabilizing !== undefined)) this.#restartStabilization();
  }

  /** What the charger has not shown some time after it came is not there; that time begins anew. */
  #restartStabilization(): void {
    const { charger, clock } = this.#options;
    this.#stabilizing?.();
    this.#stabilizing = charger.connection.online
      ? clock.after(STABLE_AFTER_MS, () => this.#markStable())
      : undefined;
    this.#stable = false;
  }

  #markStable(): void {
    const { charger, log } = this.#options;
    if (!this.#device && !this.#complained) {
      this.#complained = true;
      log.warn(
        'the charger does not tell its serial number (info/name): Home Assistant cannot be told about it',
      );
    }
    // Without its charge controller a charger shows hardly anything; that is a fault and no reason to remove.
    this.#stable = charger.store.has('evse/state');
    this.#changed();
  }

  /** Home Assistant has started. Not every charger answers at once: it has enough to do. */
  #onBirthMessage(): void {
    const { clock, random = Math.random } = this.#options;
    const [soonest, latest] = AFTER_BIRTH_MS;
    if (this.#stopped) return;
    this.#birth?.();
    this.#birth = clock.after(soonest + random() * (latest - soonest), () => this.#republish());
  }

  #connected(): void {
    this.#republish();
    this.#changed();
  }

  #changed(): void {
    if (this.#device && !this.#stopped) this.#debounce.changed();
  }

  #announce(): void {
    const { language, log, prefix, up, version } = this.#options;
    const device = this.#device;
    if (!device || !up()) return;
    const items = this.#inventory.items((key) => this.#previous.components.has(key));
    if (items.length === 0) return;
    const fresh = documentOf({ device, items, prefix, language, version });
    const { document, removed } = mergePrevious(fresh, this.#previous.components, this.#stable);
    const text = JSON.stringify(document);
    if (text === this.#published) return;
    log.info(`announced to Home Assistant as "${device.name}" with ${items.length} entities`);
    this.#published = text;
    this.#republish();
    this.#debounce.published();
    if (removed.length === 0) return;
    log.info(`no longer there, so removed from Home Assistant: ${removed.join(', ')}`);
    this.#previous.removed(removed);
    this.#changed();
  }

  #republish(): void {
    if (!this.#device || this.#published === undefined || this.#stopped) return;
    this.#options.publish(this.#topicOf(this.#device.id), this.#published, true);
  }

  #remove(id: string): void {
    if (this.#stopped || !this.#options.up()) return;
    this.#options.log.info(`the charger is another one now: ${id} is removed from Home Assistant`);
    this.#options.publish(this.#topicOf(id), '', true);
  }

  #topicOf(id: string): string {
    return `${this.#options.discoveryPrefix}/device/${id}/config`;
  }
}
