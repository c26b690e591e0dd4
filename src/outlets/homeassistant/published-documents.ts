import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Cancel, Clock } from '../../base/clock.js';
import type { Log } from '../../base/log.js';
import type { Link } from '../../mqtt/link.js';
import { OverwriteGuard } from '../../mqtt/overwrite-guard.js';
import { MAX_PARTS } from './document-parts.js';

export interface PublishedDocumentsOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
  readonly discoveryPrefix: string;
}

/** The most bytes of a packet besides topic and payload. */
const PACKET_OVERHEAD = 20;

/** The retained documents of one device at the broker, in parts. If somebody else changes them, they are corrected. */
export class PublishedDocuments {
  readonly #options: PublishedDocumentsOptions;
  readonly #guard: OverwriteGuard;
  /** The documents, compressed from about 30 kB to 3 kB, because they are hardly ever needed again. */
  readonly #texts = new Map<number, Uint8Array>();
  readonly #guarded = new Map<number, Cancel>();
  #id: string | undefined;

  constructor(options: PublishedDocumentsOptions) {
    this.#options = options;
    this.#guard = new OverwriteGuard(options.clock);
  }

  /** From now on the documents are those of the device `id`. */
  attach(id: string): void {
    this.stop();
    this.#texts.clear();
    this.#id = id;
  }

  topicOf(id: string, part: number): string {
    return `${this.#options.discoveryPrefix}/device/${part === 1 ? id : `${id}_${part}`}/config`;
  }

  /** The largest document of the device `id` that fits into a packet to the broker, bytes. */
  limitOf(id: string): number {
    const { maximumPacketSize } = this.#options.link;
    return maximumPacketSize - Buffer.byteLength(this.topicOf(id, MAX_PARTS)) - PACKET_OVERHEAD;
  }

  /** Publishes the documents that have changed; returns whether there were any. */
  replace(texts: ReadonlyMap<number, string | undefined>): boolean {
    const id = this.#id;
    const changed = [...texts].filter(([part, text]) => text !== this.#textOf(part));
    if (id === undefined) return false;
    for (const [part, text] of changed) {
      if (text === undefined) this.#texts.delete(part);
      // As a copy: the result of zlib would keep a buffer of 16 kB in memory.
      else this.#texts.set(part, new Uint8Array(deflateRawSync(text)));
      this.#publish(id, part, text ?? '');
      this.#watch(id, part);
    }
    return changed.length > 0;
  }

  /** Publishes all documents again, except those that are too large: the broker's limit may have changed. */
  republish(): void {
    const id = this.#id;
    if (id === undefined) return;
    const limit = this.limitOf(id);
    for (const part of this.#texts.keys()) {
      const text = this.#textOf(part);
      if (text !== undefined && Buffer.byteLength(text) <= limit) this.#publish(id, part, text);
    }
  }

  /** Removes these parts of any device `id` from Home Assistant. */
  remove(id: string, parts: readonly number[]): void {
    for (const part of parts) this.#publish(id, part, '');
  }

  stop(): void {
    this.#guard.stop();
    for (const cancel of this.#guarded.values()) cancel();
    this.#guarded.clear();
  }

  #textOf(part: number): string | undefined {
    const stored = this.#texts.get(part);
    return stored && inflateRawSync(stored).toString();
  }

  #watch(id: string, part: number): void {
    if (this.#guarded.has(part)) return;
    const { link, log } = this.#options;
    let told = false;
    const repair = () => {
      const text = this.#textOf(part);
      if (text !== undefined && link.up) this.#publish(id, part, text);
    };
    const topic = this.topicOf(id, part);
    const cancel = link.subscribe(
      topic,
      (message) => {
        const text = this.#textOf(part);
        if (text === undefined || !this.#guard.overwritten(message, text, repair) || told) return;
        told = true;
        log.warn(
          `somebody changed ${topic}, which tells Home Assistant about this charger: the bridge corrects it. To announce nothing, set HOMEASSISTANT_DISCOVERY=false`,
        );
      },
      { othersOnly: true },
    );
    this.#guarded.set(part, cancel);
  }

  #publish(id: string, part: number, payload: string): void {
    this.#options.link.publish({ topic: this.topicOf(id, part), payload, retain: true, qos: 1 });
  }
}
