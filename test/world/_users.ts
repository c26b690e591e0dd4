import type { Json } from '../../src/base/json.js';
import type { SimBroker } from './_broker.js';
import type { Ledger, Wish } from './_ledger.js';
import type { SeededRandom } from './_seeded-random.js';

interface Draft {
  readonly path: string;
  /** The topic below the prefix; default the update topic of `path`. */
  readonly topic?: string;
  readonly payload: string;
  readonly value?: Json;
  readonly action?: boolean;
  readonly flash?: boolean;
}

/** How a wish is published. */
interface Manner {
  readonly retain?: boolean;
  /** At once, with QoS 1 and without the retain flag. */
  readonly polite?: boolean;
  /** Seconds. */
  readonly expiry?: number;
}

const PREFIX = 'warp';

/** What somebody publishes on a topic that is not his to publish. */
const OVERWRITTEN: readonly (readonly [path: string, payload: string])[] = [
  ['bridge/state', 'offline'],
  ['bridge/charger', 'offline'],
  ['bridge/charger', 'online'],
  ['bridge/info', ''],
  ['evse/external_current', '{"current":1}'],
  ['evse/state', '{}'],
  ['info/name', '{"name":"thief"}'],
  ['evse/low_level_state', ''],
];

/** Persons and programs that publish to the program: mostly sensible, at times not. */
export class Users {
  readonly #broker: SimBroker;
  readonly #random: SeededRandom;
  readonly #ledger: Ledger;
  /** Every value is written once, so that what the charger gets tells who asked. */
  #current = 6_000;
  /** Whether they know MQTT 5: answers then come to a topic of their own. */
  readonly #speak5: boolean;

  constructor(broker: SimBroker, random: SeededRandom, ledger: Ledger, speak5: boolean) {
    this.#broker = broker;
    this.#random = random;
    this.#ledger = ledger;
    this.#speak5 = speak5;
  }

  /** One of them asks for something. */
  ask(): void {
    const random = this.#random;
    const kind = random.int(0, 13);
    if (kind <= 3) this.#write(this.#external());
    else if (kind === 4) this.#write(this.#global());
    else if (kind === 5) this.#write({ path: 'evse/start_charging', payload: '', value: null, action: true });
    else if (kind === 6)
      this.#write({ path: 'evse/stop_charging', payload: 'null', value: null, action: true });
    else if (kind === 7) this.#write(this.#defaults());
    else if (kind === 8) this.#write(this.#novelty());
    else if (kind === 9) this.#write(this.#nonsense());
    else if (kind === 10) for (let n = random.int(2, 12); n > 0; n--) this.#write(this.#external());
    else if (kind === 11)
      this.#write({ path: 'evse/trigger_dc_fault_test', payload: '', value: null, action: true });
    else if (kind === 12) this.#abuse();
    else if (random.maybe(0.1)) for (let n = 0; n < 150; n++) this.#write(this.#nonsense());
    else this.#write(this.#external());
  }

  /** One of many writes in a row, of a program that has gone mad. */
  flood(): void {
    const kind = this.#random.int(0, 4);
    if (kind === 0) this.#write(this.#defaults());
    else if (kind === 1) this.#write(this.#nonsense());
    else this.#write(this.#novelty());
  }

  /** Wishes that are worth something only for a short time. */
  hurry(): void {
    const drafts: Draft[] = [
      this.#external(),
      this.#novelty(),
      this.#global(),
      { path: 'evse/start_charging', payload: '', value: null, action: true },
    ];
    for (const draft of drafts) this.#write(draft, { expiry: this.#random.int(1, 3), polite: true });
  }

  /** A last, polite wish, which has to be fulfilled. */
  askAtRest(): Wish {
    return this.#write(this.#external(), { polite: true });
  }

  /** An old wish lies retained on an update topic. */
  leaveRetained(): void {
    this.#write(this.#external(), { retain: true });
  }

  /** Somebody publishes on a topic that is not his to publish. */
  overwrite(): void {
    // With MQTT 3.1.1 the program hears what others publish only on bridge/state (docs/troubleshooting.md).
    const heard = this.#speak5 ? OVERWRITTEN : OVERWRITTEN.slice(0, 1);
    const [path, payload] = this.#random.pick(heard);
    this.#broker.publish({
      topic: `${PREFIX}/${path}`,
      payload: Buffer.from(payload),
      qos: 1,
      retain: true,
      from: 'a stranger',
    });
  }

  /** Somebody tries to let the program speak for him. */
  #abuse(): void {
    const { current } = this.#external().value as { current: number };
    const responseTopic = this.#random.pick([
      'warp/meter/values',
      'warp/evse/external_current_update',
      'homeassistant/device/warp_bridge_Sim/config',
      'home/+/x',
    ]);
    this.#broker.publish({
      topic: `${PREFIX}/evse/external_current_update`,
      payload: Buffer.from(`nonsense ${current}`),
      qos: 1,
      retain: this.#random.maybe(0.3),
      ...(this.#speak5
        ? { responseTopic, correlation: Buffer.alloc(this.#random.pick([10, 300, 60_000]), 'x') }
        : {}),
      from: 'a stranger',
    });
  }

  #external(): Draft {
    const current = this.#fresh();
    const payload = this.#random.maybe(0.5) ? `${current}` : `{"current":${current}}`;
    return { path: 'evse/external_current', payload, value: { current } };
  }

  #global(): Draft {
    const current = this.#fresh();
    return { path: 'evse/global_current', payload: `${current}`, value: { current }, flash: true };
  }

  #defaults(): Draft {
    const current = this.#fresh();
    const value = { current, clear_on_disconnect: this.#random.maybe(0.5) };
    return { path: 'evse/external_defaults', payload: JSON.stringify(value), value, flash: true };
  }

  #novelty(): Draft {
    const value = { value: this.#fresh() };
    return { path: 'evse/novelty', payload: JSON.stringify(value), value };
  }

  #nonsense(): Draft {
    const path = 'evse/external_current';
    return this.#random.pick<Draft>([
      { path, payload: 'abc' },
      { path, payload: '3000' },
      { path, payload: 'null' },
      { path, payload: '{"current":6000,"x":1}' },
      { path, payload: `"${'x'.repeat(20_000)}"` },
      { path: 'evse/state', payload: '{"charger_state":3}' },
      { path: 'evse/extrnal_current', payload: '6000' },
    ]);
  }

  #fresh(): number {
    this.#current += 1;
    return this.#current;
  }

  #write(draft: Draft, manner: Manner = {}): Wish {
    const { path, topic, payload, value, action = false, flash = false } = draft;
    const { retain = false, polite = false } = manner;
    const random = this.#random;
    const retained = retain || (!polite && random.maybe(0.06));
    const usual = !polite && random.maybe(0.2) ? random.int(1, 20) : undefined;
    const expiry = this.#speak5 ? (manner.expiry ?? usual) : undefined;
    const wish = this.#ledger.add({
      path,
      payload: payload.slice(0, 40),
      value,
      action,
      flash,
      retain: retained,
      expiry: expiry === undefined ? undefined : expiry * 1_000,
      answered: this.#speak5 && !retained,
    });
    this.#broker.publish({
      id: wish.id,
      topic: `${PREFIX}/${topic ?? `${path}_update`}`,
      payload: Buffer.from(payload),
      qos: polite || random.maybe(0.7) ? 1 : 0,
      retain: retained,
      expiry,
      ...(this.#speak5
        ? { responseTopic: `home/answers/${wish.id}`, correlation: Buffer.from(`${wish.id}`) }
        : {}),
      from: 'a user',
    });
    return wish;
  }
}
