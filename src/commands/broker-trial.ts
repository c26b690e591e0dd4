import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.js';
import type { BrokerProbe } from '../mqtt/broker-probe.js';
import type { Incoming } from '../mqtt/link.js';
import { reasonText } from '../mqtt/reason-codes.js';
import type { Filter } from '../mqtt/subscriptions.js';

/** How long the broker may take to retain what it has taken: in a cluster that is not at once, ms. */
const RETAINED_WITHIN_MS = 3_000;

/** How long a message may take to come back, ms. */
const BACK_WITHIN_MS = 2_000;

/** How long a message may come after one that was published later, ms. */
const STRAGGLES_MS = 300;

/** So often a message has to come with a new subscription before it counts as retained without its flag. */
const UNFLAGGED = 3;

/** Topics that are named in one sentence. */
const NAMED = 4;

/** Tries what one broker allows and does, one thing after the other, and remembers what it denies. */
export class BrokerTrial {
  readonly #probe: BrokerProbe;
  readonly #clock: Clock;
  /** Of subscriptions, as the bridge would have it: what a broker does may depend on it. */
  readonly #qos: 0 | 1;
  readonly #came: Incoming[] = [];
  readonly #unsubscribable: string[] = [];
  readonly #unpublishable = new Map<string, string[]>();
  readonly #unheard: string[] = [];
  readonly #waiting = new Set<() => void>();
  #marker = '';

  constructor(probe: BrokerProbe, clock: Clock, qos: 0 | 1) {
    this.#probe = probe;
    this.#clock = clock;
    this.#qos = qos;
    probe.onMessage((message) => {
      this.#came.push(message);
      for (const look of this.#waiting) look();
    });
  }

  /** Has to be called first. `marker` is a topic that we may use to see that the broker has kept up with us. */
  async begin(marker: string): Promise<void> {
    this.#marker = marker;
    await this.#subscribe(marker);
  }

  get version(): 4 | 5 {
    return this.#probe.version;
  }

  /** Whether the connection has ended, so that nothing more can be said. */
  get ended(): boolean {
    return this.#probe.ended;
  }

  /** What is denied, a sentence for each kind. */
  denials(): string[] {
    const sentences = [...this.#unpublishable].map(
      ([why, topics]) => `it does not take what is published on ${list(topics)} (${why})`,
    );
    if (this.#unsubscribable.length > 0) {
      sentences.push(`it denies subscribing to ${list(this.#unsubscribable)}`);
    }
    if (this.#unheard.length > 0) {
      sentences.push(`what is published on ${list(this.#unheard)} does not come to us`);
    }
    return sentences;
  }

  /** Publishes a retained message, by default an empty one; says whether the broker took it. */
  async publish(topic: string, payload = '', retain = true): Promise<boolean> {
    const outcome = await this.#probe.publish({ topic, payload, retain, qos: 1 });
    if (outcome !== 'taken' && outcome !== 'lost' && 'denied' in outcome) {
      const why = reasonText(outcome.denied);
      this.#unpublishable.set(why, [...(this.#unpublishable.get(why) ?? []), topic]);
    }
    return outcome === 'taken';
  }

  /** Removes what `publish` may have left on `topic`. */
  async clear(topic: string): Promise<void> {
    await this.#probe.publish({ topic, payload: '', retain: true, qos: 1 });
  }

  /** What the broker sends who subscribes to `topic` now; undefined if that is nothing. */
  async retained(topic: string): Promise<string | undefined> {
    const message = await this.#replayed(topic);
    return message && textOf(message);
  }

  /** The same as it came, with or without the retain flag; one with it is preferred. */
  async #replayed(topic: string): Promise<Incoming | undefined> {
    const from = this.#came.length;
    // rumqttd sends what is retained with the first subscription to a topic only.
    this.#probe.unsubscribe(topic);
    await this.#probe.subscribe(this.#filter(topic));
    await this.#caughtUp();
    const all = this.#came.slice(from).filter((one) => one.topic === topic);
    return all.find((one) => one.retained) ?? all[0];
  }

  #filter(topic: string, nl = false): Filter {
    // Retained messages come again with each subscribe, and only they are to carry the flag.
    return { topic, qos: this.#qos, nl, rap: false, rh: 0 };
  }

  /** Publishes on `topic` and reads it back; undefined where that is denied, which `denials` tells. */
  async roundTrip(topic: string): Promise<'retained' | 'without the flag' | 'not retained' | undefined> {
    if (!(await this.#subscribe(topic))) return undefined;
    const token = randomUUID();
    if (!(await this.publish(topic, token))) return undefined;
    if (!(await this.#comes((one) => one.topic === topic && textOf(one) === token, BACK_WITHIN_MS))) {
      this.#unheard.push(topic);
      return undefined;
    }
    const end = this.#clock.now() + RETAINED_WITHIN_MS;
    let unflagged = 0;
    while (this.#probe.limits.retainAvailable && this.#clock.now() < end && !this.#probe.ended) {
      const message = await this.#replayed(topic);
      if (!message || textOf(message) !== token) continue;
      if (message.retained) return 'retained';
      unflagged += 1;
      // One may be the live message once more.
      if (unflagged === UNFLAGGED) return 'without the flag';
    }
    return 'not retained';
  }

  /** Whether who subscribes to `wildcard` is sent what is retained on `topic`; undefined where that is denied. */
  async findsByWildcard(wildcard: string, topic: string): Promise<boolean | undefined> {
    const from = this.#came.length;
    if (!(await this.#probe.subscribe(this.#filter(wildcard)))) return undefined;
    await this.#caughtUp();
    const found = (one: Incoming) => one.topic === topic;
    const came = await this.#comes(found, STRAGGLES_MS, from);
    this.#probe.unsubscribe(wildcard);
    return came;
  }

  /** Whether the broker hands back what we publish although we want only what others do. */
  async ignoresNoLocal(topic: string): Promise<boolean> {
    if (this.#probe.version !== 5) return false;
    // Mosquitto takes the flag from the first subscription to a topic only.
    this.#probe.unsubscribe(topic);
    if (!(await this.#probe.subscribe(this.#filter(topic, true)))) return false;
    const token = randomUUID();
    await this.publish(topic, token, false);
    await this.#caughtUp();
    return this.#came.some((one) => one.topic === topic && textOf(one) === token);
  }

  /** Whether a live message loses its retain flag on the way to who subscribes to `wildcard` and asks for it. */
  async dropsRetainFlag(wildcard: string, topic: string): Promise<boolean> {
    if (this.#probe.version !== 5) return false;
    // Some brokers send what two subscriptions match once only.
    this.#probe.unsubscribe(topic);
    const from = this.#came.length;
    if (!(await this.#probe.subscribe({ ...this.#filter(wildcard), rap: true, rh: 2 }))) return false;
    const token = randomUUID();
    await this.publish(topic, token);
    const isIt = (one: Incoming) => one.topic === topic && textOf(one) === token;
    await this.#comes(isIt, BACK_WITHIN_MS, from);
    this.#probe.unsubscribe(wildcard);
    return this.#came.slice(from).find(isIt)?.retained === false;
  }

  /** Whether what is published on `topics` comes to us; `denials` tells which does not. */
  async hears(topics: readonly string[]): Promise<void> {
    const awaited: string[] = [];
    for (const topic of topics) {
      // Who may not publish there can't find out whether he may read, which is all that the bridge has to.
      const granted = await this.#subscribe(topic);
      const outcome = granted && (await this.#probe.publish({ topic, payload: '', retain: true, qos: 1 }));
      if (outcome === 'taken') awaited.push(topic);
    }
    await this.#caughtUp();
    const missing = () => awaited.filter((topic) => !this.#came.some((one) => one.topic === topic));
    await this.#until(() => missing().length === 0, STRAGGLES_MS);
    this.#unheard.push(...missing());
  }

  async #subscribe(topic: string): Promise<boolean> {
    const granted = await this.#probe.subscribe(this.#filter(topic));
    if (!granted && !this.#probe.ended) this.#unsubscribable.push(topic);
    return granted;
  }

  /** Waits until the broker has handed over what it had to before now, as far as that can be seen. */
  async #caughtUp(): Promise<void> {
    const token = randomUUID();
    await this.#probe.publish({ topic: this.#marker, payload: token, retain: false, qos: 1 });
    await this.#comes((one) => one.topic === this.#marker && textOf(one) === token, STRAGGLES_MS);
  }

  /** Whether such a message comes within `ms`, or has come since the message number `from`. */
  #comes(wanted: (message: Incoming) => boolean, ms: number, from = 0): Promise<boolean> {
    return this.#until(() => this.#came.slice(from).some(wanted), ms);
  }

  /** Whether the condition is true, or becomes so with a message within `ms`. */
  #until(condition: () => boolean, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (outcome: boolean) => {
        cancel();
        this.#waiting.delete(look);
        resolve(outcome);
      };
      const look = () => {
        if (condition()) done(true);
      };
      const cancel = this.#clock.after(ms, () => done(false));
      this.#waiting.add(look);
      look();
    });
  }
}

/** The first of many names, and how many there are more. */
function list(names: readonly string[]): string {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(', ')} and ${more} more` : names.join(', ');
}

const textOf = ({ payload }: Incoming): string => Buffer.from(payload).toString();
