import type { Json } from '../../src/base/json.js';
import { Controller } from '../../src/model/controller.js';
import type { Registry } from '../../src/topics/index.js';
import {
  ChargerConnection,
  type ConnectionHandler,
  type HttpReply,
  type HttpRequest,
} from './_charger-connection.js';
import { PushClients } from './_charger-push.js';
import type { Network, SimSocket } from './_net.js';
import type { SeededRandom } from './_seeded-random.js';
import type { SimClock } from './_sim-clock.js';
import { States } from './_states.js';

/** How this charger's firmware goes about things; drawn once per world. */
export interface Habits {
  /** Bytes of a frame of the first dump, and ms between two of them. */
  readonly dumpFrame: number;
  readonly dumpGap: number;
  /** A change during the dump is lost to the client that gets it (charger-wire 5). */
  readonly losesInDump: boolean;
  readonly offersPush: boolean;
  /** ms that a request takes. */
  readonly service: number;
  /** ms after the start in which the web server is there and the topics are not, and what it says. */
  readonly booting: number;
  readonly bootStatus: 401 | 403 | 404 | 500;
  /** Characters of a topic that the program does not know; 0 where there is none. */
  readonly bulk: number;
}

/** What is the matter with the charger. Only a `well` one tells the truth. */
export type Condition = 'well' | 'frozen' | 'no_controller' | 'stalled' | 'off' | 'booting' | 'stranger';

export interface Executed {
  readonly at: number;
  readonly path: string;
  readonly value: Json;
  /** When the program sent it. */
  readonly sentAt: number;
  /** Whether the controller has got it: one that is away gets nothing, and the answer is the same. */
  readonly effective: boolean;
  /** The process that sent it. */
  readonly process: object | undefined;
}

type Sender = Pick<Executed, 'sentAt' | 'process'>;

export interface ChargerListener {
  executed(command: Executed): void;
  /** The condition has changed. */
  changed(condition: Condition): void;
  trace(text: () => string): void;
}

/** What another device at the charger's address answers to everything. */
const STRANGERS: readonly string[] = ['<html><title>Router</title></html>', 'null', '[]', '{}', '"ok"'];

const NO_UTF8 = Buffer.concat([
  Buffer.from('{"topic":"wifi/scan_results","payload":["'),
  Buffer.from([0xc3, 0x28, 0xff]),
  Buffer.from('"]}\n'),
]);

/** Commands of other generations, which have no topic to be read. */
const FURTHER_COMMANDS: readonly string[] = ['evse/trigger_dc_fault_test'];

/** How long a request waits for the main loop, ms (charger-wire 4.5). */
const LOOP_WAIT_MS = 10_000;

/** The modelled charge controller behind a network processor that keeps the rules of the real firmware. */
export class SimCharger implements ConnectionHandler {
  readonly clock: SimClock;
  readonly states: States;
  readonly controller: Controller;
  readonly habits: Habits;
  readonly connections = new Set<ChargerConnection>();
  readonly #topics: Registry;
  readonly #network: Network;
  readonly #random: SeededRandom;
  readonly #listener: ChargerListener;
  readonly #push: PushClients;
  #condition: Condition = 'off';
  #stranger = '';
  #busyUntil = 0;
  #stalledUntil = 0;
  #losesAnswers = 0;
  #doubles = 0;
  #refusing: string | undefined;
  #overtaken:
    | { readonly path: string; readonly ms: number; readonly act: (controller: Controller) => void }
    | undefined;
  #scans = 0;
  #bootedAt = 0;
  #boots = 0;
  requests = 0;

  constructor(
    clock: SimClock,
    network: Network,
    topics: Registry,
    random: SeededRandom,
    habits: Habits,
    listener: ChargerListener,
  ) {
    this.clock = clock;
    this.habits = habits;
    this.#topics = topics;
    this.#network = network;
    this.#random = random;
    this.#listener = listener;
    this.controller = new Controller({ noise: false });
    // The controller has been on for a while: it looks for a vehicle only some seconds after its start.
    this.controller.tick(-20_000);
    this.controller.tick(0);
    this.states = new States(topics, this.controller, () => clock.now());
    this.#push = new PushClients(this, () => clock.now() - this.#bootedAt);
    network.listen((socket) => this.#accept(socket));
    clock.every(250, () => this.#scan());
  }

  get condition(): Condition {
    return this.#condition;
  }

  /** What another device at the address of the charger has answered to everything; undefined if there was none. */
  get wordOfStranger(): string | undefined {
    return this.#stranger === '' ? undefined : this.#stranger;
  }

  /** Starts the network processor; `fresh` takes the time that a start takes. */
  boot(fresh: boolean): void {
    this.#boots += 1;
    this.#bootedAt = this.clock.now();
    this.#network.service = 'open';
    const { states } = this;
    states.frozen = false;
    states.missing = false;
    states.refreshAll();
    states.setOwn('event_log/boot_id', { boot_id: this.#random.int(1, 1 << 30) });
    states.setOwn('info/features', fresh ? ['evse'] : ['evse', 'meter']);
    states.setOwn('info/version', { firmware: '2.8.9+68900000', config: '2.8.9', config_type: 'warp' });
    states.setOwn('info/name', { name: 'warp-Sim', type: 'warp', display_type: 'WARP Charger', uid: 'Sim' });
    states.setOwn('info/display_name', { display_name: 'warp-Sim' });
    states.setOwn('evse/novelty', { value: this.#boots });
    if (this.habits.bulk > 0) states.setOwn('evse/bulk', { text: 'x'.repeat(this.habits.bulk) });
    if (!fresh) {
      this.#become('well');
      return;
    }
    this.#become('booting');
    const boots = this.#boots;
    this.clock.after(this.habits.booting, () => {
      if (boots !== this.#boots || this.#condition !== 'booting') return;
      this.#become('well');
    });
    this.clock.after(this.habits.booting + this.#random.int(0, 3_000), () => {
      if (boots === this.#boots) states.setOwn('info/features', ['evse', 'meter']);
    });
  }

  /** Goes away, orderly or by a cut of its power, and starts again after `downtime` ms. */
  reboot(downtime: number, how: 'orderly' | 'reset' | 'vanish', away: 'refused' | 'silent'): void {
    if (how === 'orderly') for (const client of this.#push.clients) client.close(1001);
    this.clock.after(how === 'orderly' ? 100 : 0, () => {
      this.#become('off');
      this.#boots += 1;
      const boots = this.#boots;
      this.#network.service = away;
      for (const connection of [...this.connections]) {
        if (how === 'vanish') connection.socket.vanish();
        else connection.socket.resetAndDestroy();
      }
      this.controller.powerCycle();
      this.clock.after(downtime, () => {
        if (boots === this.#boots) this.boot(true);
      });
    });
  }

  /** The charge controller is not read any more, or was never found, or another device has the address. */
  fall(condition: 'frozen' | 'no_controller' | 'stranger'): void {
    if (this.#condition !== 'well') return;
    this.states.frozen = condition === 'frozen';
    this.states.missing = condition === 'no_controller';
    this.states.refreshAll();
    if (condition === 'no_controller') this.states.setOwn('info/features', ['meter']);
    if (condition === 'stranger') {
      this.#stranger = this.#random.pick(STRANGERS);
      for (const connection of [...this.connections]) connection.socket.vanish();
    }
    this.#become(condition);
  }

  /** What `fall` did is over. */
  recover(): void {
    if (!['frozen', 'no_controller', 'stranger'].includes(this.#condition)) return;
    this.states.frozen = false;
    this.states.missing = false;
    this.states.refreshAll();
    this.states.setOwn('info/features', ['evse', 'meter']);
    this.#become('well');
  }

  /** The main loop stands still. */
  stall(ms: number): void {
    if (this.#condition !== 'well') return;
    this.#stalledUntil = this.clock.now() + ms;
    this.#become('stalled');
    this.clock.after(ms, () => {
      if (this.#condition === 'stalled') this.#become('well');
    });
  }

  /** The next `count` commands are carried out, and the connection ends before the answer. */
  loseAnswers(count: number): void {
    this.#losesAnswers = count;
  }

  /** Something on the way passes the next answer on twice. */
  doubleAnswer(): void {
    this.#doubles = 1;
  }

  /** A line that is no UTF-8, as a neighbour's network name may make one (findings of real chargers). */
  sayNonsense(): void {
    for (const client of this.#push.clients) client.textBytes(NO_UTF8);
  }

  /** Push connections that are open. */
  get pushClients(): number {
    return this.#push.clients.length;
  }

  /** Whether `process` is one of the push clients. */
  pushesTo(process: object | undefined): boolean {
    return this.#push.clients.some(({ socket }) => socket.peer?.owner === process);
  }

  /** The push clients are thrown out for others. */
  evict(): void {
    for (const client of this.#push.clients) client.drop();
  }

  /** Whether commands are refused. */
  get isRefusing(): boolean {
    return this.#refusing !== undefined;
  }

  /** Commands are refused with this text; undefined takes them again. */
  refuse(text: string | undefined): void {
    this.#refusing = text;
  }

  /** The next answer about `path` takes `ms` more than others, and `act` changes meanwhile what it is about. */
  overtake(path: string, ms: number, act: (controller: Controller) => void): void;
  overtake(path: undefined): void;
  overtake(path: string | undefined, ms = 0, act: (controller: Controller) => void = () => {}): void {
    this.#overtaken = path === undefined ? undefined : { path, ms, act };
  }

  /** Idle connections are forgotten without a word, as by a router. */
  forgetConnections(): void {
    for (const connection of [...this.connections]) connection.socket.vanish();
  }

  /** Another hand: the charger's own page, a button, a vehicle. */
  world(act: (controller: Controller) => void): void {
    if (this.#condition === 'off') return;
    this.#tick();
    act(this.controller);
    this.states.refreshAll();
  }

  request(request: HttpRequest, connection: ChargerConnection): void {
    this.requests += 1;
    const now = this.clock.now();
    const free = Math.max(
      now,
      this.#busyUntil,
      this.#stalledUntil - LOOP_WAIT_MS > now ? now : this.#stalledUntil,
    );
    const at = free + this.habits.service;
    this.#busyUntil = at;
    const sender: Sender = { sentAt: connection.socket.sentAt, process: connection.socket.peer?.owner };
    this.#listener.trace(() => `charger: ${request.method} ${request.path} ${request.body}`);
    this.clock.after(at - now, () => {
      if (connection.closed || connection.socket.destroyed) return;
      const reply = this.#answer(request, sender);
      this.#listener.trace(
        () =>
          `charger: ${request.path}: ${reply ? `${reply.status} ${reply.body.slice(0, 80)}` : 'no answer'}`,
      );
      const overtaken = request.method === 'GET' && this.#overtaken?.path === request.path;
      if (overtaken && this.#overtaken) {
        const { ms, act } = this.#overtaken;
        this.#overtaken = undefined;
        connection.socket.lag(ms);
        this.clock.after(1, () => this.world(act));
      }
      connection.reply(reply);
      if (this.#doubles > 0 && reply) {
        this.#doubles -= 1;
        connection.reply(reply);
      }
    });
  }

  upgrade(connection: ChargerConnection): boolean {
    if (this.#condition === 'stranger') connection.reply({ status: 200, body: this.#stranger });
    else if (this.#condition === 'booting') connection.reply({ status: this.habits.bootStatus, body: '' });
    else if (!this.habits.offersPush) connection.reply({ status: 404, body: 'not found' });
    else {
      const wait = this.habits.service + Math.max(0, this.#stalledUntil - this.clock.now());
      this.clock.after(wait, () => {
        if (this.#condition === 'off' || this.#condition === 'stranger' || connection.closed) return;
        connection.accept();
        this.#push.greet(connection);
      });
    }
    return false;
  }

  pong(connection: ChargerConnection): void {
    this.#push.pong(connection);
  }

  closed(connection: ChargerConnection): void {
    this.connections.delete(connection);
    this.#push.leave(connection);
  }

  #accept(socket: SimSocket): void {
    this.connections.add(new ChargerConnection(socket, this));
  }

  #answer({ method, path, body }: HttpRequest, sender: Sender): HttpReply {
    const condition = this.#condition;
    if (condition === 'stranger') return { status: 200, body: this.#stranger };
    if (condition === 'booting') return { status: this.habits.bootStatus, body: '' };
    if (condition === 'off') return undefined;
    this.#tick();
    if (condition === 'stalled')
      return { status: method === 'GET' ? 500 : 400, body: 'the main loop did not answer' };
    if (method === 'GET') {
      if (this.#isCommand(path)) this.#tell(path, 'GET', sender);
      const text = this.states.text(path);
      return text === undefined ? { status: 404, body: 'not found' } : { status: 200, body: text };
    }
    return this.#execute(path.replace(/_update$/, ''), path.endsWith('_update'), body, sender);
  }

  #isCommand(path: string): boolean {
    return (
      this.#topics.get(path)?.command?.action === true ||
      FURTHER_COMMANDS.includes(path) ||
      path.endsWith('_update')
    );
  }

  #execute(path: string, update: boolean, body: string, sender: Sender): HttpReply {
    const command = this.#topics.get(path)?.command;
    if (path === 'evse/novelty') {
      const value = JSON.parse(body) as Json;
      // It is one of the network processor's own, which needs no controller.
      this.#tell(path, value, sender, true);
      this.states.setOwn(path, value);
      return { status: 200, body: '' };
    }
    if (FURTHER_COMMANDS.includes(path) && !update) {
      this.#tell(path, null, sender);
      return { status: 200, body: '' };
    }
    if (!command?.write || (command.action && update)) return { status: 404, body: 'not found' };
    if (this.#refusing !== undefined) return { status: 400, body: this.#refusing };
    const value = JSON.parse(body) as Json;
    this.#tell(path, value, sender);
    if (this.#condition === 'well') {
      // The world's own rows: their values come from the program, which has checked them.
      command.write(this.controller, value as never);
      this.states.refreshAll();
    }
    if (this.#losesAnswers === 0) return { status: 200, body: '' };
    this.#losesAnswers -= 1;
    return undefined;
  }

  #tell(path: string, value: Json, sender: Sender, effective = this.#condition === 'well'): void {
    this.#listener.executed({ at: this.clock.now(), path, value, ...sender, effective });
  }

  #tick(): void {
    if (this.#condition !== 'frozen' && this.#condition !== 'off') this.controller.tick(this.clock.now());
  }

  #scan(): void {
    if (this.#condition === 'off' || this.#condition === 'stalled' || this.#condition === 'stranger') return;
    this.#tick();
    this.#scans += 1;
    const whole = this.#scans % 4 === 0;
    const changed = this.states.scan(!whole);
    this.#push.scan(whole, changed);
  }

  #become(condition: Condition): void {
    this.#condition = condition;
    this.#listener.trace(() => `charger: is ${condition}`);
    this.#listener.changed(condition);
  }
}
