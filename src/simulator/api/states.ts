import type { Cancel } from '../../base/clock.js';
import { type Json, membersOf, parseJson } from '../../base/json.js';
import type { Charger } from '../../charger/charger.js';
import type { Registry } from '../../topics/index.js';
import { isBridgeTopic } from '../../topics/namespaces.js';
import type { Boot } from '../network-processor.js';
import type { Profile } from '../profile.js';
import { asShown } from './firmware-view.js';
import type { ExternalSwitch } from './legacy-external-control.js';
import { type About, type OwnTopic, ownTopics } from './own-topics.js';
import { type ControllerCondition, isOfController, unfilled } from './without-controller.js';

export interface StatesOptions {
  readonly charger: Charger;
  /** The rows of all topics. The profile decides which of them this charger has. */
  readonly topics: Registry;
  readonly profile: Profile;
  readonly external: ExternalSwitch;
  readonly username: string | undefined;
  /** Shows exactly what the charger reported, and nothing else: for a recording. */
  readonly asReported: boolean;
}

/** The order of a WebSocket's first dump; what is not named follows (charger-wire 5). */
const ORDER: readonly string[] = [
  'info/modules event_log/boot_id info/features info/version info/last_boots evse/identity evse/charge_mode',
  'evse/supported_charge_modes evse/state evse/hardware_configuration evse/low_level_state evse/button_state',
  'evse/slots evse/indicator_led evse/external_current evse/external_clear_on_disconnect evse/management_current',
  'evse/boost_mode evse/auto_start_charging evse/global_current evse/management_enabled evse/management_state',
  'evse/user_current evse/user_enabled evse/external_enabled evse/external_defaults evse/modbus_tcp_enabled',
  'evse/ocpp_enabled evse/eebus_enabled evse/p14a_enwg_enabled evse/meter_config evse/user_calibration',
  'evse/automation_current evse/enumerate_value evse/led_configuration network/config network/state',
  'ntp/config ntp/state mqtt/config mqtt/state mqtt/auto_discovery_config',
].flatMap((line) => line.split(' '));

const LAST = ['info/name', 'info/display_name'];

/** Everything that can be read, as this firmware shows it: the states of the model, and others that it lacks. */
export class States {
  readonly #options: StatesOptions;
  readonly #own: ReadonlyMap<string, OwnTopic>;
  readonly #set = new Map<string, Json>();
  readonly #atBoot = new Map<string, string>();
  readonly #watchers = new Set<(path: string) => void>();
  #unwatch: Cancel = () => {};
  #boot: Pick<Boot, 'id' | 'last'> = { id: 0, last: [] };
  #controller: ControllerCondition = 'works';
  /** What the topics of a frozen controller go on showing. */
  readonly #frozen = new Map<string, string>();

  constructor(options: StatesOptions) {
    const { profile, topics, asReported } = options;
    this.#options = options;
    const there = (asReported ? [] : ownTopics).filter((own) => profile.has(topics.get(own.path) ?? own));
    this.#own = new Map(there.map((own) => [own.path, own]));
  }

  /** Begins to listen to the controller. */
  start(): void {
    this.#unwatch = this.#options.charger.watch({
      state: (path, text) => {
        if (!this.#atBoot.has(path)) this.#atBoot.set(path, text);
        if (this.#controller === 'works' || !isOfController(path)) this.#changed(path);
      },
      connection: () => {},
    });
  }

  /** The compact JSON text of a topic, or undefined where there is none. */
  get(path: string): string | undefined {
    if (this.#controller === 'works' || !isOfController(path)) return this.#shown(path);
    if (this.#controller === 'frozen') return this.#frozen.get(path);
    const shown = this.hasControllerTopics ? parseJson(this.#shown(path) ?? '') : undefined;
    return shown === undefined ? undefined : JSON.stringify(unfilled(path, shown));
  }

  #shown(path: string): string | undefined {
    const set = this.#set.get(path);
    if (set !== undefined) return JSON.stringify(set);
    const own = this.#own.get(path);
    if (own) return JSON.stringify(own.read(this.#about()));
    return this.#reported(path);
  }

  #reported(path: string): string | undefined {
    const { charger, profile, external, topics, asReported } = this.#options;
    if (asReported) return isBridgeTopic(path) ? undefined : charger.store.get(path);
    const row = topics.get(path);
    if (!row?.state || !profile.has(row)) return undefined;
    const text = charger.store.get(path);
    if (text !== undefined)
      return asShown(path, external.shown(path, text), profile, this.#controller !== 'missing');
    return row.state.read || row.family ? undefined : JSON.stringify(row.state.example);
  }

  /** Every topic that has a state, in the order of the dump. */
  paths(): readonly string[] {
    const { charger, topics, asReported } = this.#options;
    if (asReported)
      return [...charger.store.entries()].map(([path]) => path).filter((path) => !isBridgeTopic(path));
    // The model has topics of families, and `topics.keys()` does not name those.
    const reported = [...charger.store.entries()].map(([path]) => path).filter((path) => topics.has(path));
    const all = new Set([...ORDER, ...topics.keys(), ...this.#own.keys(), ...reported]);
    for (const path of LAST) {
      all.delete(path);
      all.add(path);
    }
    return [...all].filter((path) => this.get(path) !== undefined);
  }

  /** Sets a topic that the simulator keeps itself. */
  set(path: string, value: Json): void {
    this.#set.set(path, value);
    this.#changed(path);
  }

  get controller(): ControllerCondition {
    return this.#controller;
  }

  /** Without a controller, firmware up to 2.1.4 has no `evse` topics. Later firmware shows them with empty values. */
  get hasControllerTopics(): boolean {
    return this.#controller !== 'missing' || this.#options.profile.topicsWithoutController;
  }

  /** From now on the network processor has a working charge controller, has none, or gets no more answers from it. */
  setController(condition: ControllerCondition): void {
    if (condition === 'frozen') {
      for (const path of this.paths()) this.#frozen.set(path, this.get(path) ?? '');
      this.#controller = condition;
      return;
    }
    this.#controller = condition;
    for (const path of this.paths()) if (/^(evse|info)\//.test(path)) this.#changed(path);
  }

  /** To be called when a topic shows another value that the controller did not report. */
  touch(path: string): void {
    this.#changed(path);
  }

  /** Calls `changed` with every topic whose text may have become another one. */
  watch(changed: (path: string) => void): Cancel {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  /** The network processor starts again; `forget` also wipes its own settings. */
  booted({ id, last, forget }: Boot): void {
    this.#boot = { id, last };
    if (forget) this.#set.clear();
    for (const [path, text] of this.#options.charger.store.entries()) this.#atBoot.set(path, text);
  }

  stop(): void {
    this.#unwatch();
    this.#watchers.clear();
  }

  #changed(path: string): void {
    const made = [...this.#own.values()].filter(({ from }) => from?.includes(path)).map((own) => own.path);
    for (const changed of this.#watchers) for (const one of [path, ...made]) changed(one);
  }

  #about(): About {
    const { charger, profile, username } = this.#options;
    const now = (path: string) => charger.read(path);
    const { uid } = membersOf(now('info/name'));
    return {
      uid: typeof uid === 'string' ? uid : 'SIM1',
      username,
      bootId: this.#boot.id,
      lastBoots: this.#boot.last,
      now,
      atBoot: (path) => parseJson(this.#atBoot.get(path) ?? ''),
      since: profile.since,
    };
  }
}
