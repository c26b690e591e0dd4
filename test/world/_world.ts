import type { Config } from '../../src/config/index.js';
import { type Published, SimBroker } from './_broker.js';
import { BrokerConnection } from './_broker-connection.js';
import { SimCharger } from './_charger.js';
import { change, FAULTS } from './_faults.js';
import { Judge } from './_judge.js';
import { Ledger, seconds } from './_ledger.js';
import { Network } from './_net.js';
import { Program } from './_program.js';
import { FAULTS_OF_PAIR } from './_races.js';
import { SeededRandom } from './_seeded-random.js';
import { SimClock } from './_sim-clock.js';
import type { Stage } from './_stage.js';
import { Users } from './_users.js';
import {
  CLIENT_ID,
  configs,
  configsOfOther,
  configsOfPair,
  habitsOf,
  KEEPALIVE_S,
  rulesOf,
  topicsOfFull,
  topicsOfSmall,
} from './_world-settings.js';

export interface WorldOptions {
  readonly seed: number;
  /** Whether what happens is written down. */
  readonly trace?: boolean;
  /** Faults that may happen; default all. */
  readonly faults?: readonly string[];
}

export interface Outcome {
  readonly seed: number;
  /** What was not as it must be; each with its time. */
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  /** ms of the world's time. */
  readonly lasted: number;
}

/** How long after the last fault everything must be right, ms. */
const REST_MS = 15_000;

/** Topics that the program asks a charger for, at the most. */
const ROWS = 180;

/** How long a request and its answer are on their way, ms. */
const LATENCY_MS = 20;

/** The longest time between two tries to reach a charger, ms. */
const RETRY_MS = 5_000;

/** How long a write may take when all is well, ms. */
const ANSWER_MS = 3_000;

/** How long it may take until the other one of two processes works, ms. */
const TAKE_OVER_MS = 10_000;

/** The longest that the program may take to end, ms. */
const FAREWELL_MS = 6_000;

/** How long it may take to find out that a broker which does not say so speaks only an older version, ms. */
const SILENT_START_MS = 30_000;

/** Lines in the log for less than two minutes with some faults. */
const MAX_LINES = 300;

/** Bytes (contract 4.8). */
const MAX_CORRELATION = 256;

const PREFIX = 'warp';

/** What a packet has besides topic and payload, bytes at the most. */
const PACKET_OVERHEAD = 50;

/** How long the other client must be away before the program takes its place again, and where it sees nothing, ms. */
const STANDBY_MS = 10_000;
const STANDBY_BLIND_MS = 60_000;

/** Lets one world run from its seed to its end. */
export async function runWorld(options: WorldOptions): Promise<Outcome> {
  const world = new World(options);
  const restore = forbidTimers((what) => world.violated(what));
  const unhandled = (error: unknown) =>
    world.violated(
      `an unhandled rejection, which ends the process: ${error instanceof Error ? error.stack : error}`,
    );
  process.on('unhandledRejection', unhandled);
  try {
    await world.run();
  } catch (error) {
    world.violated(String(error));
  } finally {
    process.off('unhandledRejection', unhandled);
    restore();
  }
  return world.outcome;
}

class World {
  readonly #options: WorldOptions;
  readonly #clock = new SimClock();
  readonly #random: SeededRandom;
  readonly #chargerNet: Network;
  readonly #brokerNet: Network;
  readonly #charger: SimCharger;
  readonly #broker: SimBroker;
  readonly #ledger: Ledger;
  readonly #judge: Judge;
  readonly #stage: Stage;
  readonly #config: Config;
  readonly #violations = new Set<string>();
  readonly #trace: string[] = [];
  /** The processes that run: one, or two with the same settings. */
  readonly #programs: (Program | undefined)[];
  readonly #configs: readonly Config[];
  #quietAt = 0;
  #farewell = false;
  /** How many faults there were. */
  #happened = 0;
  /** The processes that have said farewell. */
  readonly #gone = new Set<object | undefined>();
  #version: 4 | 5 = 4;
  #logged = 0;
  /** The connections of MQTT 3.1.1 that the broker has accepted of each process. */
  readonly #older = new Map<object | undefined, readonly BrokerConnection[]>();
  /** When the broker first accepted a connection of the process that runs. */
  #heardAt: number | undefined;
  #standbys = 0;
  #cutOffUntil = Number.NEGATIVE_INFINITY;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    const random = this.#random;
    const violated = (what: string) => this.violated(what);
    const trace = (text: () => string) => {
      if (options.trace) this.#note(text());
    };
    const latency = random.fork('latency');
    const takes = (slow: boolean) => (slow ? latency.between(100, 1_500) : latency.between(1, 20));
    this.#chargerNet = new Network(this.#clock, takes);
    this.#brokerNet = new Network(this.#clock, takes);
    for (const net of [this.#chargerNet, this.#brokerNet]) net.hasHalved = () => this.#judge.edge();
    const rules = rulesOf(random.fork('rules'));
    this.#charger = new SimCharger(
      this.#clock,
      this.#chargerNet,
      random.fork('topics').maybe(0.2) ? topicsOfFull : topicsOfSmall,
      random.fork('charger'),
      habitsOf(random.fork('habits'), rules.maxPacket !== undefined),
      {
        executed: (command) => this.#ledger.executed(command),
        changed: () => this.#judge?.edge(),
        trace,
      },
    );
    const offered = this.#charger.habits.offersPush ? configs : configs.slice(0, -1);
    this.#config = random.fork('config').pick(offered);
    const pair = random.fork('pair');
    const isPair = (options.faults ?? [...FAULTS.keys()]).includes('paused') && pair.maybe(0.12);
    const at = configs.indexOf(this.#config);
    const both = [configsOfPair[at], (pair.maybe(0.5) ? configsOfPair : configsOfOther)[at]];
    this.#configs = isPair ? both.filter((one) => one !== undefined) : [this.#config];
    this.#programs = this.#configs.map(() => undefined);
    this.#broker = new SimBroker(this.#clock, this.#brokerNet, rules, {
      replacing: (topic) => {
        if (topic.startsWith(`${PREFIX}/`)) this.#judge.replacing(topic.slice(PREFIX.length + 1));
      },
      published: (message) => this.#published(message),
      delivered: (message, connection, retain) => {
        if (message.id !== undefined)
          this.#ledger.delivered(message.id, connection, connection.process, retain);
      },
      connected: (connection, version, keepalive, clientId) => {
        if (version === 4)
          this.#older.set(connection.process, [...this.#olderOf(connection.process), connection]);
        if (keepalive !== KEEPALIVE_S) this.violated(`it has a keepalive of ${keepalive} s`);
        if (this.#isPair) return;
        this.#connected(version);
        this.#standsBy(clientId);
      },
      subscribed: (topic, qos, { version, process }) => {
        this.#version = version;
        // A broker that did not answer is asked with less: that takes a connection of MQTT 3.1.1 that has ended.
        const isLowered = qos === 0 && version === 4 && this.#olderOf(process).some(({ alive }) => !alive);
        if (qos !== this.#config.values['mqtt.qos'] && !isLowered)
          this.violated(`it subscribes to ${topic} with QoS ${qos}`);
      },
      violated,
      trace,
    });
    this.#ledger = new Ledger({
      now: () => this.#clock.now(),
      violated,
      disturbedSince: (at) => this.#quietAt >= at || this.#judge.edgeAt >= at,
      cutOffSince: (at) => this.#cutOffUntil >= at,
      answersDirectly: () => this.#broker.accepted?.version === 5,
      shownUntil: (path, value) => this.#charger.states.validUntil(path, JSON.stringify(value)),
    });
    const users = new Users(this.#broker, random.fork('users'), this.#ledger, rules.version === 5);
    this.#judge = new Judge({
      clock: this.#clock,
      broker: this.#broker,
      charger: this.#charger,
      topics: this.#charger.states.paths.filter(
        (path) => !path.startsWith('simulator/') && !path.startsWith('event_log/'),
      ),
      fits: (path, text) =>
        rules.version === 4 || path.length + text.length + PACKET_OVERHEAD < (rules.maxPacket ?? 1e9),
      brokerReachable: () =>
        this.#broker.accepted?.alive === true && this.#brokerNet.quality === 'good' && rules.hampered === 0,
      chargerQuality: () => this.#chargerNet.quality,
      violated,
    });
    this.#stage = {
      clock: this.#clock,
      charger: this.#charger,
      chargerNet: this.#chargerNet,
      broker: this.#broker,
      brokerNet: this.#brokerNet,
      users,
      qos: this.#config.values['mqtt.qos'],
      random: random.fork('faults'),
      violated,
      edges: () => this.#judge.edges + (this.#farewell ? 1 : 0),
      isCalm: () => this.#judge.isCalm && !this.#running.some(({ paused }) => paused),
      killProgram: (ms) => this.#kill(ms),
      pauseProgram: (ms) => this.#pause(ms),
    };
  }

  get outcome(): Outcome {
    return {
      seed: this.#options.seed,
      violations: [...this.#violations],
      trace: this.#trace,
      lasted: this.#clock.now(),
    };
  }

  async run(): Promise<void> {
    const plan = this.#random.fork('plan');
    const clock = this.#clock;
    if (plan.maybe(0.85)) this.#charger.boot(false);
    else {
      clock.after(plan.int(500, 8_000), () => {
        // A fault may have started it before: it does not start again with all its connections.
        if (this.#charger.condition === 'off') this.#charger.boot(true);
      });
    }
    if (plan.maybe(0.2)) this.#stage.users.leaveRetained();
    for (const slot of this.#programs.keys()) this.#start(slot);
    const active = plan.int(1_000, 9_000);
    const all = this.#options.faults ?? [...FAULTS.keys()];
    const names = this.#isPair ? FAULTS_OF_PAIR.filter((name) => all.includes(name)) : all;
    for (let n = names.length > 0 ? plan.int(0, 4) : 0; n > 0; n--) {
      const name = plan.pick(names);
      clock.after(plan.between(0, active), () => this.#fault(name));
    }
    for (let n = plan.int(1, 8); n > 0; n--) {
      clock.after(plan.between(0, active + 6_000), () => this.#stage.users.ask());
    }
    for (let n = plan.int(0, 5); n > 0; n--) {
      clock.after(plan.between(0, active + 6_000), () => change(this.#stage));
    }
    clock.every(1_000, () => this.#judge.look());
    this.#quietAt = active;
    if (plan.maybe(0.1)) await clock.run(plan.between(0, active));
    else await this.#rest();
    await this.#end();
  }

  /** Until everything has been calm for long enough; then all must be right. */
  async #rest(): Promise<void> {
    while (this.#clock.now() < this.#restAt && this.#violations.size === 0)
      await this.#clock.run(this.#restAt);
    if (this.#violations.size > 0) return;
    this.#judge.atRest();
    this.#ledger.complain(this.#broker.accepted, REST_MS);
    const last = this.#stage.users.askAtRest();
    await this.#clock.run(this.#clock.now() + ANSWER_MS);
    if (last.executions.length === 0) this.violated('at rest a write is not carried out');
    else if (last.answered && this.#broker.accepted?.version === 5 && last.answers[0]?.status !== 'ok') {
      this.violated(`at rest a write is answered ${last.answers[0]?.text}`);
    }
    for (const { sockets, timers } of this.#running) {
      if (sockets > 4) this.violated(`${sockets} connections are open`);
      if (timers > 100) this.violated(`${timers} timers are running`);
    }
    if (this.#logged > MAX_LINES) this.violated(`it has written ${this.#logged} lines into its log`);
  }

  get #isPair(): boolean {
    return this.#programs.length > 1;
  }

  #olderOf(process: object | undefined): readonly BrokerConnection[] {
    return this.#older.get(process) ?? [];
  }

  get #running(): Program[] {
    return this.#programs.filter((program) => program !== undefined);
  }

  get #restAt(): number {
    const { version, toNewer } = this.#broker.rules;
    const last = Math.max(this.#quietAt, this.#judge.edgeAt);
    // A broker that does not answer MQTT 5 in words is found out by trying twice, from when it can be reached.
    const isMute = version === 4 && toNewer !== 'connack';
    const heard = isMute ? (this.#heardAt ?? last + SILENT_START_MS) : 0;
    return Math.max(heard, last) + Math.max(REST_MS, this.#firstRound + RETRY_MS);
  }

  /** How long the first round of polling takes before which nobody calls the charger online, ms. */
  get #firstRound(): number {
    const { offersPush, service } = this.#charger.habits;
    const isPolled = !offersPush || this.#config.values['charger.transport'] === 'poll';
    return isPolled ? ROWS * (service * this.#programs.length + LATENCY_MS) : 0;
  }

  async #end(): Promise<void> {
    const running = this.#running;
    if (running.length === 0) return;
    const heard = this.#broker.accepted?.works === true && this.#brokerNet.quality === 'good';
    const begun = this.#clock.now();
    const left = new Set(running);
    for (const program of running) {
      program.resume(true);
      program.ended.then(
        () => left.delete(program),
        (error: unknown) => this.violated(`it ended with ${String(error)}`),
      );
    }
    this.#farewell = true;
    // The farewell then takes as long as it may, and whatever else the program wants to say has time for it.
    if (this.#random.fork('farewell').maybe(0.2)) this.#stage.broker.rules.losesAcks = true;
    for (const program of running) program.stop();
    while (left.size > 0 && this.#clock.now() < begun + FAREWELL_MS)
      await this.#clock.run(this.#clock.now() + 100);
    if (left.size > 0) return this.violated(`it had not ended ${seconds(FAREWELL_MS)} s after SIGTERM`);
    await this.#clock.run(this.#clock.now() + 2_000);
    const state = this.#broker.textOf(`${PREFIX}/bridge/state`);
    if (heard && this.#broker.rules.hampered === 0 && state !== 'offline') {
      this.violated(`after its end bridge/state is ${state}`);
    }
    for (const program of running) {
      if (program.timers > 0) this.violated(`${program.timers} timers have outlived it`);
      if (program.sockets > 0) this.violated(`${program.sockets} connections have outlived it`);
    }
  }

  #start(slot: number): void {
    // A new process does not know what worked for the one before.
    this.#version = 4;
    this.#heardAt = undefined;
    const program = new Program({
      clock: this.#clock,
      chargerNet: this.#chargerNet,
      brokerNet: this.#brokerNet,
      config: this.#configs[slot] ?? this.#config,
      random: this.#random.fork(slot === 0 ? 'program' : `program ${slot}`),
      log: (level, text) => {
        if (level !== 'debug') this.#logged += 1;
        if (this.#options.trace) this.#note(`${this.#isPair ? `${slot} ` : ''}log ${level}: ${text}`);
      },
    });
    this.#programs[slot] = program;
    program.ended.catch((error: unknown) => {
      if (program === this.#programs[slot])
        this.violated(`the program ended with ${error instanceof Error ? error.stack : error}`);
    });
  }

  #fault(name: string): void {
    if (this.#farewell) return;
    if (this.#options.trace) this.#note(`FAULT ${name}`);
    this.#happened += 1;
    const lasts = FAULTS.get(name)?.(this.#stage) ?? 0;
    this.#quietAt = Math.max(this.#quietAt, this.#clock.now() + lasts);
    if (name !== 'stall' && name !== 'hurried')
      this.#cutOffUntil = Math.max(this.#cutOffUntil, this.#clock.now() + lasts);
    this.#judge.edge();
    if (lasts > 0) this.#clock.after(lasts, () => this.#judge.edge());
  }

  #kill(ms: number): void {
    const slot = this.#victim();
    this.#takesOver(Number.POSITIVE_INFINITY);
    this.#programs[slot]?.kill();
    this.#programs[slot] = undefined;
    this.#clock.after(ms, () => {
      if (!this.#programs[slot] && !this.#farewell) this.#start(slot);
    });
  }

  #pause(ms: number): void {
    const program = this.#programs[this.#victim()];
    if (!program || program.paused) return;
    this.#takesOver(ms);
    program.pause();
    const timersFirst = this.#stage.random.maybe(0.5);
    this.#clock.after(ms, () => program.resume(timersFirst));
  }

  /** The place of the process that something happens to: of two rather the one that works. */
  #victim(): number {
    const works = this.#programs.findIndex(
      (program) => program !== undefined && program === this.#broker.accepted?.process,
    );
    if (!this.#isPair || works < 0) return 0;
    return this.#stage.random.maybe(0.7) ? works : 1 - works;
  }

  /** The one that works, or the other one, goes for `ms`: ten seconds later one of them works, if nothing else happens. */
  #takesOver(ms: number): void {
    const isReady = this.#running.length > 1 && !this.#running.some(({ paused }) => paused);
    if (!isReady || ms < TAKE_OVER_MS || !this.#judge.isCalm) return;
    this.#happened += 1;
    const happened = this.#happened;
    this.#clock.after(TAKE_OVER_MS, () => {
      if (this.#farewell || happened !== this.#happened) return;
      const state = this.#broker.textOf(`${PREFIX}/bridge/state`);
      if (state !== 'online' || !this.#broker.accepted?.works)
        this.violated(
          `bridge/state is ${state} ${seconds(TAKE_OVER_MS)} s after the one that worked has gone`,
        );
    });
  }

  #published(message: Published): void {
    const { from, topic } = message;
    if (!(from instanceof BrokerConnection)) return;
    const text = message.payload.toString();
    if (topic === `${PREFIX}/bridge/state` && text === 'online') {
      if (!from.hasAnswered(`${PREFIX}/evse/external_current_update`)) {
        this.violated('it says online before the broker has answered its subscriptions');
      }
    }
    if (
      /"status":"/.test(text) &&
      topic !== `${PREFIX}/bridge/response` &&
      !topic.startsWith('home/answers/')
    ) {
      this.violated(`it has answered on ${topic}`);
    }
    if (topic.startsWith(`${PREFIX}/`))
      this.#judge.shows(topic.slice(PREFIX.length + 1), text, from.sentAt, from.process);
    if (topic === `${PREFIX}/evse/low_level_state` && text !== '') {
      if (from.version === 5 && message.expiry === undefined) this.violated(`${topic} would never expire`);
    }
    if ((message.correlation?.length ?? 0) > MAX_CORRELATION)
      this.violated('it sends large correlation data back');
    if (
      this.#farewell &&
      message.topic === `${PREFIX}/bridge/state` &&
      message.payload.toString() === 'offline'
    ) {
      this.#gone.add(from.process);
    } else if (this.#gone.has(from.process)) {
      this.violated(`after its farewell it published ${message.topic}`);
    }
    const answer = /^home\/answers\/(\d+)$/.exec(message.topic);
    if (!answer) return;
    const receipt = JSON.parse(message.payload.toString()) as Record<string, unknown>;
    this.#ledger.answered(Number(answer[1]), {
      status: String(receipt.status),
      code: receipt.code === undefined ? undefined : String(receipt.code),
      unchanged: receipt.unchanged === true,
      applied: receipt.applied !== false,
      text: message.payload.toString(),
    });
  }

  /** A broker that has spoken MQTT 5 and could again is not to be spoken to in an older version. */
  #connected(version: 4 | 5): void {
    this.#heardAt ??= this.#clock.now();
    if (version < this.#version && this.#broker.rules.version === 5)
      this.violated(`it has gone back to MQTT ${version}`);
  }

  /** Who was thrown out waits until the other one is gone, and for longer where it may have missed that. */
  #standsBy(clientId: string): void {
    this.#standbys = clientId === CLIENT_ID ? 0 : this.#standbys + 1;
    if (this.#standbys === 0) return;
    const mayHaveMissed = this.#standbys > 1 || !this.#broker.rules.retains;
    const waits = STANDBY_MS + (mayHaveMissed ? STANDBY_BLIND_MS : 0);
    this.#quietAt = Math.max(this.#quietAt, this.#clock.now() + waits);
  }

  violated(what: string): void {
    if (this.#options.trace) this.#note(`VIOLATED ${what}`);
    this.#violations.add(`${seconds(this.#clock.now())} ${what}`);
  }

  #note(text: string): void {
    this.#trace.push(`${seconds(this.#clock.now()).padStart(8)} ${text}`);
  }
}

/**
 * While a world runs, nobody may wait for the machine's clock: it would not run the same way twice. MQTT.js ends a
 * stream of its own with a timer of 0 ms, and it and ws start timers that never run because ours come first.
 */
function forbidTimers(violated: (what: string) => void): () => void {
  const { setTimeout, setInterval } = globalThis;
  const guard =
    <T>(start: (run: () => void, ms?: number, ...rest: unknown[]) => T) =>
    (run: () => void, ms = 0, ...rest: unknown[]): T => {
      if (ms > 0 && ms < 30_000)
        violated(`somebody waits ${ms} ms by the machine's clock: ${new Error().stack}`);
      return start(run, ms, ...rest);
    };
  Object.assign(globalThis, { setTimeout: guard(setTimeout), setInterval: guard(setInterval) });
  return () => Object.assign(globalThis, { setTimeout, setInterval });
}
