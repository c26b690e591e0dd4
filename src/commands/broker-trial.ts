import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.js';
import type { BrokerProbe } from '../mqtt/broker-probe.js';
import type { Incoming } from '../mqtt/link.js';
import { reasonText } from '../mqtt/reason-codes.js';
import type { Filter } from '../mqtt/subscriptions.js';

/** How long the broker may take until it retains a message that it has accepted, ms: in a cluster it takes a while. */
const RETAINED_WITHIN_MS = 3_000;

/** How long our own message may take to come back, ms. */
const BACK_WITHIN_MS = 2_000;

/** How late a message may come after one that was published later, ms. */
const STRAGGLES_MS = 300;

/** After so many new subscriptions that bring a message without the retain flag, it counts as retained without flag. */
const UNFLAGGED = 3;

/** The most topics that one sentence names. */
const NAMED = 4;

/** Tests what one broker allows and does, step by step, and remembers what it denies. */
export class BrokerTrial {
  readonly #probe: BrokerProbe;
  readonly #clock: Clock;
  /** QoS of the subscriptions, as the bridge would use it, because the broker may behave differently with each. */
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

  /** To be called first. `marker`: a topic for messages that show, when they come back, that all earlier ones have come. */
  async begin(marker: string): Promise<void> {
    this.#marker = marker;
    await this.#subscribe(marker);
  }

  get version(): 4 | 5 {
    return this.#probe.version;
  }

  /** Whether the connection has ended, so that nothing more can be tested. */
  get ended(): boolean {
    return this.#probe.ended;
  }

  /** What the broker denies, a sentence for each kind. */
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

  /** Publishes a message, by default an empty retained one; resolves to whether the broker accepted it. */
  async publish(topic: string, payload = '', retain = true): Promise<boolean> {
    const outcome = await this.#probe.publish({ topic, payload, retain, qos: 1 });
    if (outcome !== 'taken' && outcome !== 'lost' && 'denied' in outcome) {
      const why = reasonText(outcome.denied);
      this.#unpublishable.set(why, [...(this.#unpublishable.get(why) ?? []), topic]);
    }
    return outcome === 'taken';
  }

  /** Removes the retained message that `publish` may have left on `topic`. */
  async clear(topic: string): Promise<void> {
    await this.#probe.publish({ topic, payload: '', retain: true, qos: 1 });
  }

  /** The text that the broker sends at a new subscription to `topic`; undefined if it sends nothing. */
  async retained(topic: string): Promise<string | undefined> {
    const message = await this.#replayed(topic);
    return message && textOf(message);
  }

  /** The message that comes at a new subscription, with or without the retain flag; one with the flag is preferred. */
  async #replayed(topic: string): Promise<Incoming | undefined> {
    const from = this.#came.length;
    // rumqttd sends a retained message only at the first subscription to its topic.
    this.#probe.unsubscribe(topic);
    await this.#probe.subscribe(this.#filter(topic));
    await this.#caughtUp();
    const all = this.#came.slice(from).filter((one) => one.topic === topic);
    return all.find((one) => one.retained) ?? all[0];
  }

  #filter(topic: string, nl = false): Filter {
    // `rh: 0`: retained messages come at each subscribe. `rap: false`: only they have the retain flag.
    return { topic, qos: this.#qos, nl, rap: false, rh: 0 };
  }

  /** Publishes a retained message on `topic` and reads it back; undefined if that is denied (see `denials`). */
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
      // The first ones may be the live message, sent again.
      if (unflagged === UNFLAGGED) return 'without the flag';
    }
    return 'not retained';
  }

  /** Whether a subscription to `wildcard` brings the retained message of `topic`; undefined if it is denied. */
  async findsByWildcard(wildcard: string, topic: string): Promise<boolean | undefined> {
    const from = this.#came.length;
    if (!(await this.#probe.subscribe(this.#filter(wildcard)))) return undefined;
    await this.#caughtUp();
    const found = (one: Incoming) => one.topic === topic;
    const came = await this.#comes(found, STRAGGLES_MS, from);
    this.#probe.unsubscribe(wildcard);
    return came;
  }

  /** Whether the broker sends our own messages back although the subscription has the flag "no local". */
  async ignoresNoLocal(topic: string): Promise<boolean> {
    if (this.#probe.version !== 5) return false;
    // Mosquitto uses the flag of the first subscription to a topic only.
    this.#probe.unsubscribe(topic);
    if (!(await this.#probe.subscribe(this.#filter(topic, true)))) return false;
    const token = randomUUID();
    await this.publish(topic, token, false);
    await this.#caughtUp();
    return this.#came.some((one) => one.topic === topic && textOf(one) === token);
  }

  /** Whether a live message loses its retain flag although the subscription has "retain as published". */
  async dropsRetainFlag(wildcard: string, topic: string): Promise<boolean> {
    if (this.#probe.version !== 5) return false;
    // Some brokers send a message only once if two subscriptions match it.
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

  /** Tests whether messages on `topics` come to us; `denials` names those that do not. */
  async hears(topics: readonly string[]): Promise<void> {
    const awaited: string[] = [];
    for (const topic of topics) {
      // Without the right to publish there, the right to read can't be tested. The bridge needs only the latter.
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

  /** Waits until all messages so far have come: until a marker that was published after them has come, or time is up. */
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

/** The first names, and how many more there are. */
function list(names: readonly string[]): string {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(', ')} and ${more} more` : names.join(', ');
}

const textOf = ({ payload }: Incoming): string => Buffer.from(payload).toString();
