import type { Cancel, Clock } from '../../base/clock.js';
import type { Log } from '../../base/log.js';
import type { Charger } from '../../charger/charger.js';
import type { Link } from '../../mqtt/link.js';
import type { Device } from './device.js';
import { documentOf, type Language } from './document.js';
import { DocumentParts } from './document-parts.js';
import type { Item } from './item.js';
import { mergePrevious, type PreviousDocument } from './previous-document.js';
import type { PublishedDocuments } from './published-documents.js';

export interface AnnouncementOptions {
  readonly charger: Charger;
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
  readonly prefix: string;
  readonly language: Language;
  readonly version: string;
  readonly documents: PublishedDocuments;
}

/** What is known of a charger at the moment. */
interface Inventory {
  readonly device: Device;
  readonly items: readonly Item[];
  /** Components that earlier runs have announced. */
  readonly previous: PreviousDocument['components'];
  /** Whether the charger has shown everything: then components that it has not shown are removed. */
  readonly complete: boolean;
}

/** The result of an announcement. */
interface Announced {
  /** Entities that were removed from Home Assistant. */
  readonly removed: readonly string[];
  /** Whether another round has to follow. */
  readonly unfinished: boolean;
}

/** How long Home Assistant needs to read a document, ms; states are published again after that. */
const REPEAT_STATES_AFTER_MS = 2_000;

/** Makes the discovery documents of a charger, and publishes those that have changed. */
export class Announcement {
  readonly #options: AnnouncementOptions;
  #parts = new DocumentParts();
  #tooLarge = '';
  #repeating: Cancel | undefined;

  constructor(options: AnnouncementOptions) {
    this.#options = options;
  }

  /** Begins with a (new) device. `partOf`: the document part in which each of its components is announced already. */
  attach(partOf: ReadonlyMap<string, number>): void {
    this.#parts = new DocumentParts(partOf);
  }

  stop(): void {
    this.#repeating?.();
  }

  /** Publishes what has changed. Undefined if nothing has changed, or there is nothing to announce. */
  announce({ device, items, previous, complete }: Inventory): Announced | undefined {
    const { charger, documents, language, log, prefix, version } = this.#options;
    if (items.length === 0) return undefined;
    const read = (path: string) => charger.read(path);
    const fresh = documentOf({ device, items, prefix, language, version, read });
    const { document, removed } = mergePrevious(fresh, previous, complete);
    const { texts, moving, tooLarge } = this.#parts.next(document, removed, documents.limitOf(device.id));
    this.#tellTooLarge(tooLarge);
    if (!documents.replace(texts)) return undefined;
    log.info(
      `announced to Home Assistant as "${device.name}" with ${items.length - tooLarge.length} entities`,
    );
    this.#repeatStates();
    if (removed.length > 0)
      log.info(`no longer there, so removed from Home Assistant: ${removed.join(', ')}`);
    return { removed, unfinished: removed.length > 0 || moving.length > 0 };
  }

  #tellTooLarge(keys: readonly string[]): void {
    const text = keys.join(', ');
    if (text !== this.#tooLarge && text !== '') {
      this.#options.log.warn(
        `too large for the broker, which takes packets of at most ${this.#options.link.maximumPacketSize} bytes, so not announced to Home Assistant: ${text}`,
      );
    }
    this.#tooLarge = text;
  }

  /**
   * Publishes all states again. If the document has other texts than before (another language, a later version), Home
   * Assistant could not understand the states that it got before the document.
   */
  #repeatStates(): void {
    const { charger, clock } = this.#options;
    this.#repeating?.();
    this.#repeating = clock.after(REPEAT_STATES_AFTER_MS, () => {
      if (this.#options.link.up) charger.repeat();
    });
  }
}
