import type { Chance } from '../../base/backoff.js';
import type { Cancel, Clock } from '../../base/clock.js';
import type { Log } from '../../base/log.js';
import type { Charger } from '../../charger/charger.js';
import type { Link } from '../../mqtt/link.js';
import { bridgeTopics } from '../../topics/index.js';
import { Announcement } from './announcement.js';
import { type Device, deviceOf, IDENTITY, type Read } from './device.js';
import type { Language } from './document.js';
import { EntityInventory } from './entity-inventory.js';
import { PreviousDocument } from './previous-document.js';
import { PublishDebounce } from './publish-debounce.js';
import { PublishedDocuments } from './published-documents.js';

export interface DiscoveryOptions {
  readonly charger: Charger;
  readonly link: Link;
  /** The prefix of the charger's topics. */
  readonly prefix: string;
  /** The owner's name for the charger; without it the charger's own name is used. */
  readonly name?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Home Assistant's discovery prefix, `homeassistant` unless its owner changed it. */
  readonly discoveryPrefix: string;
  /** The topic on which Home Assistant publishes `online` when it has started. */
  readonly statusTopic: string;
  readonly language: Language;
  /** The version of this program. */
  readonly version: string;
  /** Where the charger's web interface is. */
  readonly chargerUrl?: string;
  /** The default is Math.random. */
  readonly chance?: Chance;
}

/** The document is published again after a time between these when Home Assistant has started, ms (home-assistant 1.3). */
const AFTER_BIRTH_MS = [1_000, 15_000] as const;

/** How long a charger must be online until topics that it has not reported count as gone, ms. */
const STABLE_AFTER_MS = 60_000;

/**
 * The state of the announcement of a charger (home-assistant 1.3):
 *
 * | event                           | unidentified | reading    | settling            | stable              |
 * |---------------------------------|--------------|------------|---------------------|---------------------|
 * | the charger says who it is      | `reading`    |            |                     |                     |
 * | … and it is another one         |              | `reading`  | `reading`           | `reading`           |
 * | the previous document is known  |              | `settling` |                     |                     |
 * | online for a minute             | warns once   |            | `stable` (1)        |                     |
 * | the charger goes offline        |              |            |                     | `settling`          |
 * | a topic, the name, … changes    |              |            | document, debounced | document, debounced |
 * | link up, birth message          |              |            | document again      | document again      |
 * | stopped                         | `stopped`    | `stopped`  | `stopped`           | `stopped`           |
 *
 * An empty cell changes nothing. (1) Not while a charger shows no charge controller: that is a fault. Energy managers
 * have none.
 *
 * In `settling` the document only grows, for the charger may not have shown everything yet; in `stable` what it has
 * not shown is removed.
 */
type State = 'unidentified' | 'reading' | 'settling' | 'stable' | 'stopped';

/** Announces one charger to Home Assistant until cancelled (home-assistant 1.3). */
export function discovery(options: DiscoveryOptions): Cancel {
  return new Announcer(options).start();
}

class Announcer {
  readonly #options: DiscoveryOptions;
  readonly #read: Read;
  readonly #previous: PreviousDocument;
  readonly #debounce: PublishDebounce;
  readonly #documents: PublishedDocuments;
  readonly #announcement: Announcement;
  #state: State = 'unidentified';
  #inventory: EntityInventory;
  #device: Device | undefined;
  #complained = false;
  #onlineForAMinute: Cancel | undefined;
  #birth: Cancel | undefined;

  constructor(options: DiscoveryOptions) {
    const { charger, clock, link, prefix } = options;
    this.#options = options;
    this.#read = (path) => charger.read(path);
    this.#inventory = this.#newInventory();
    this.#debounce = new PublishDebounce(clock, () => this.#announce());
    this.#previous = new PreviousDocument({
      prefix,
      link,
      topicOf: (id, part) => this.#documents.topicOf(id, part),
      remove: (id, parts) => this.#remove(id, parts),
      known: (id, partOf) => this.#previousKnown(id, partOf),
    });
    this.#documents = new PublishedDocuments(options);
    this.#announcement = new Announcement({ ...options, documents: this.#documents });
  }

  start(): Cancel {
    const { charger, link, statusTopic } = this.#options;
    void this.#previous.start();
    this.#identify();
    this.#waitForAMinute();
    const cancels = [
      link.subscribe(statusTopic, ({ payload }) => {
        if (Buffer.from(payload).toString() === 'online') this.#onBirthMessage();
      }),
      link.onUp(() => {
        this.#republish();
        this.#changed();
      }),
      charger.watch({
        state: (path) => this.#look(path),
        connection: () => this.#connection(),
      }),
    ];
    return () => {
      this.#state = 'stopped';
      this.#debounce.stop();
      this.#documents.stop();
      this.#announcement.stop();
      for (const cancel of [...cancels, this.#birth, this.#onlineForAMinute]) cancel?.();
    };
  }

  get #announces(): boolean {
    return this.#state === 'settling' || this.#state === 'stable';
  }

  #newInventory(): EntityInventory {
    const { charger } = this.#options;
    return new EntityInventory({
      rows: [...charger.topics.rows, ...bridgeTopics],
      shown: [...charger.store.entries()].map(([path]) => path),
      read: (path) => (charger.isPublished(path) ? charger.read(path) : undefined),
      isPermitted: (row) => charger.isPermitted(row),
    });
  }

  #look(path: string): void {
    const more = this.#inventory.look(path);
    if (more) this.#changed();
    if (IDENTITY.has(path)) this.#identify();
  }

  /** Reads who the charger is. Another serial number makes another device. */
  #identify(): void {
    const { chargerUrl, name } = this.#options;
    const device = deviceOf(this.#read, name, chargerUrl);
    if (!device || JSON.stringify(device) === JSON.stringify(this.#device)) return;
    const before = this.#device;
    this.#device = device;
    if (before?.id !== device.id) {
      if (before) this.#inventory = this.#newInventory();
      this.#documents.attach(device.id);
      this.#state = 'reading';
      void this.#previous.attach(device.id);
    }
    this.#changed();
  }

  #previousKnown(id: string, partOf: ReadonlyMap<string, number>): void {
    if (this.#state !== 'reading' || id !== this.#device?.id) return;
    this.#announcement.attach(partOf);
    this.#state = 'settling';
    this.#waitForAMinute();
    this.#changed();
  }

  #connection(): void {
    const { online } = this.#options.charger.connection;
    // A change of the transport alone changes nothing here.
    if (online === (this.#onlineForAMinute !== undefined)) return;
    if (!online && this.#state === 'stable') this.#state = 'settling';
    this.#waitForAMinute();
  }

  /** Starts the minute again after which the charger should have reported everything. */
  #waitForAMinute(): void {
    const { charger, clock } = this.#options;
    this.#onlineForAMinute?.();
    this.#onlineForAMinute = charger.connection.online
      ? clock.after(STABLE_AFTER_MS, () => this.#minuteOver())
      : undefined;
  }

  #minuteOver(): void {
    const { charger, log } = this.#options;
    if (this.#state === 'unidentified' && !this.#complained) {
      this.#complained = true;
      log.warn(
        'the charger does not report its serial number (info/name), so it is not announced to Home Assistant',
      );
    }
    if (this.#state !== 'settling') return;
    // Without its charge controller a charger reports hardly anything: that is a fault, and no reason to remove
    // entities. An energy manager has no controller.
    if (!charger.store.has('evse/state') && !this.#inventory.isManager) {
      this.#waitForAMinute();
      return;
    }
    this.#state = 'stable';
    // Only entities of an earlier run can be removed now.
    if (this.#previous.components.size > 0) this.#changed();
  }

  /** Home Assistant has started. The documents follow after a random time, so that not all chargers send at once. */
  #onBirthMessage(): void {
    const { clock, chance = Math.random } = this.#options;
    const [soonest, latest] = AFTER_BIRTH_MS;
    this.#birth?.();
    this.#birth = clock.after(soonest + chance() * (latest - soonest), () => this.#republish());
  }

  #changed(): void {
    if (this.#announces) this.#debounce.changed();
  }

  #announce(): void {
    const device = this.#device;
    if (!device || !this.#options.link.up || !this.#announces) return;
    const { components } = this.#previous;
    const items = this.#inventory.items((key) => components.has(key));
    const announced = this.#announcement.announce({
      device,
      items,
      previous: components,
      complete: this.#state === 'stable',
    });
    if (!announced) return;
    this.#debounce.published();
    if (announced.removed.length > 0) this.#previous.removed(announced.removed);
    if (announced.unfinished) this.#changed();
  }

  #republish(): void {
    if (this.#announces) this.#documents.republish();
  }

  #remove(id: string, parts: readonly number[]): void {
    if (this.#state === 'stopped') return;
    this.#options.log.info(`this is another charger than before: ${id} is removed from Home Assistant`);
    this.#documents.remove(id, parts);
  }
}
