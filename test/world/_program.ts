import type { Cancel, Clock } from '../../src/base/clock.js';
import type { Fields, Log, LogLevel } from '../../src/base/log.js';
import type { Close } from '../../src/charger/outlet.js';
import { assembleCharger, startCharger } from '../../src/commands/charger-run.js';
import { linkOptions } from '../../src/commands/wiring-broker.js';
import type { Config } from '../../src/config/index.js';
import type { Network, SimSocket } from './_net.js';
import type { SeededRandom } from './_seeded-random.js';
import type { SimClock } from './_sim-clock.js';

export interface ProgramOptions {
  readonly clock: SimClock;
  readonly chargerNet: Network;
  readonly brokerNet: Network;
  readonly config: Config;
  readonly random: SeededRandom;
  readonly log: (level: LogLevel, text: string) => void;
}

/** The program in one process of its own: what it started ends with it. */
export class Program {
  readonly #world: SimClock;
  readonly #clock: ProcessClock;
  readonly #sockets = new Set<SimSocket>();
  readonly #stop = new AbortController();
  #killed = false;
  /** Settles when everything has ended by itself. */
  readonly ended: Promise<void>;

  constructor(options: ProgramOptions) {
    this.#world = options.clock;
    this.#clock = new ProcessClock(options.clock);
    this.ended = this.#run(options);
  }

  /** Timers that have not run. */
  get timers(): number {
    return this.#clock.waiting;
  }

  /** Connections that are open. */
  get sockets(): number {
    return this.#sockets.size;
  }

  /** Asks the program to end. */
  stop(): void {
    this.#stop.abort();
  }

  /** The process stands still, as with SIGSTOP, until it is told to go on. */
  pause(): void {
    this.#clock.pause();
    for (const socket of this.#sockets) socket.hold();
  }

  /** It goes on: with what has come meanwhile, or with the timers that are overdue. */
  resume(timersFirst: boolean): void {
    if (!this.#clock.paused) return;
    const arrived = [...this.#sockets].flatMap((socket) => [...socket.release()]);
    const overdue = this.#clock.resume();
    for (const run of timersFirst ? [...overdue, ...arrived] : [...arrived, ...overdue]) {
      this.#world.after(0, () => {
        if (!this.#killed) run();
      });
    }
  }

  get paused(): boolean {
    return this.#clock.paused;
  }

  /** Ends the process at once. */
  kill(): void {
    this.#killed = true;
    this.#clock.halt();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#stop.abort();
    this.ended.catch(() => {});
  }

  async #run({ config, chargerNet, brokerNet, random, log: tell }: ProgramOptions): Promise<void> {
    const { values } = config;
    const [one] = config.chargers;
    if (!one) throw new Error('the configuration has no charger');
    const clock = this.#clock;
    const log = new WorldLog((level, text) => {
      if (!this.#killed) tell(level, text);
    });
    const chance = () => random.next();
    const address = { protocol: 'mqtt', host: 'broker', port: 1883 } as const;
    const mqtt = {
      ...linkOptions(one, false, values, address, log, chance),
      clock,
      openStream: () => this.#dial(brokerNet),
    };
    const reserved = [one.prefix, values['homeassistant.prefix']];
    const about = { version: '1', started: 'now', reserved, log };
    const connect = () => this.#dial(chargerNet);
    const charger = await assembleCharger(one, values, mqtt, about, { clock, chance, connect });
    const closes: Close[] = [];
    await Promise.all(await startCharger(charger, values, this.#stop.signal, closes));
    for (const close of closes) await close();
  }

  #dial(network: Network): SimSocket {
    const socket = network.dial();
    socket.owner = this;
    if (this.#killed) socket.vanish();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}

/** The world's clock as one process has it: it stops with the process. */
class ProcessClock implements Clock {
  readonly #clock: SimClock;
  readonly #cancels = new Set<Cancel>();
  #halted = false;
  /** Timers that are overdue because the process stands still. */
  #overdue: Set<() => void> | undefined;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#cancels.size;
  }

  now(): number {
    return this.#clock.now();
  }

  date(): number {
    return this.#clock.date();
  }

  after(ms: number, run: () => void): Cancel {
    const cancel = this.#clock.after(ms, () => {
      if (this.#overdue) this.#overdue.add(fire);
      else fire();
    });
    const end = this.#keep(cancel);
    const fire = () => {
      if (this.#cancels.delete(end)) run();
    };
    return end;
  }

  every(ms: number, run: () => void): Cancel {
    const cancel = this.#clock.every(ms, () => {
      if (this.#overdue) this.#overdue.add(fire);
      else run();
    });
    const end = this.#keep(cancel);
    const fire = () => {
      if (this.#cancels.has(end)) run();
    };
    return end;
  }

  get paused(): boolean {
    return this.#overdue !== undefined;
  }

  pause(): void {
    this.#overdue ??= new Set();
  }

  /** The timers that are overdue, in their order. */
  resume(): (() => void)[] {
    const overdue = [...(this.#overdue ?? [])];
    this.#overdue = undefined;
    return overdue;
  }

  halt(): void {
    this.#halted = true;
    for (const cancel of [...this.#cancels]) cancel();
  }

  #keep(cancel: Cancel): Cancel {
    const end = () => {
      cancel();
      this.#cancels.delete(end);
    };
    if (this.#halted) cancel();
    else this.#cancels.add(end);
    return end;
  }
}

class WorldLog implements Log {
  readonly #tell: (level: LogLevel, text: string) => void;
  readonly error = this.#at('error');
  readonly warn = this.#at('warn');
  readonly info = this.#at('info');
  readonly debug = this.#at('debug');

  constructor(tell: (level: LogLevel, text: string) => void) {
    this.#tell = tell;
  }

  child(): Log {
    return this;
  }

  #at(level: LogLevel) {
    return (text: string, _fields?: Fields) => this.#tell(level, text);
  }
}
