import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.js';
import { messageOf } from '../base/errors.js';
import { type Json, membersOf, parseJson } from '../base/json.js';
import { listen } from '../base/listen.js';
import type { Log } from '../base/log.js';
import type { Charger } from '../charger/charger.js';
import { MAX_WRITE } from '../charger/payload.js';
import { chargerTopics } from '../topics/index.js';
import { Commands } from './api/commands.js';
import { ExternalSwitch } from './api/legacy-external-control.js';
import { Routes } from './api/routes.js';
import { States } from './api/states.js';
import { type Answer, type Request, textAnswer } from './http/answer.js';
import { DigestServer } from './http/digest-server.js';
import { createHttp, refuse } from './http/http-server.js';
import { Sockets } from './http/sockets.js';
import { LOOP_WAIT, MainLoop } from './main-loop.js';
import { NetworkProcessor } from './network-processor.js';
import { Pages } from './pages.js';
import { type Firmware, type Profile, profileOf } from './profile.js';
import { PushServer } from './push-server.js';
import { type Fault, WorldApi } from './world-api.js';

export interface SimulatorOptions {
  /** The modelled charger, running; it must pass on all its topics. */
  readonly charger: Charger;
  /** Hands a value to the model as the firmware takes it: what it does not like it ignores. */
  readonly write: (path: string, value: Json) => Promise<void>;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Log;
  /** With both, every request has to log in by digest. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Default 2.8.9. */
  readonly firmware?: Firmware | undefined;
}

export interface Simulator {
  readonly port: number;
  close(): Promise<void>;
}

/** How long a restart takes, and a stall lasts, unless a fault says otherwise, ms. */
const DOWNTIME = 5_000;
const STALL = 15_000;

/** 16 random bytes in base64 (RFC 6455, 4.1). */
const WEBSOCKET_KEY = /^[A-Za-z0-9+/]{22}==$/;

/** Pages that need no login (charger-wire 4.4). */
const EXEMPT = ['/', '/login_state'];

/**
 * Serves the modelled charger through the charger's own HTTP and WebSocket API, and the world around it under
 * `/simulator/` (charger-wire 10, contract 1 and 5). Rejects when it can't listen.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const simulator = new SimulatedCharger(options);
  const { host, port: wanted } = options;
  const port = await listen(simulator.server, {
    host,
    port: wanted,
    what: 'the simulated charger',
    settings: 'SIMULATE_HOST and SIMULATE_PORT',
  });
  simulator.start();
  return {
    port,
    close: () => simulator.close(),
  };
}

/** Everything that makes up the simulated charger, joined. */
class SimulatedCharger {
  readonly server: Server;
  readonly #options: SimulatorOptions;
  readonly #profile: Profile;
  readonly #states: States;
  readonly #commands: Commands;
  readonly #routes: Routes;
  readonly #pages: Pages;
  readonly #controls: WorldApi;
  readonly #processor: NetworkProcessor;
  readonly #push: PushServer;
  readonly #loop: MainLoop;
  readonly #sockets = new Sockets();
  readonly #digest: DigestServer | undefined;

  constructor(options: SimulatorOptions) {
    const { charger, clock, log, username, password, write } = options;
    this.#options = options;
    const profile = profileOf(options.firmware ?? '2.8.9');
    this.#profile = profile;
    this.#digest =
      username !== undefined && password !== undefined ? new DigestServer(username, password) : undefined;
    this.#loop = new MainLoop(clock);
    const reboot = () => this.#processor.restart({ orderly: true, forget: false, downtime: DOWNTIME });
    const uptime = () => this.#processor.uptime();
    const external = new ExternalSwitch({ profile, write, now: (path) => charger.store.get(path) });
    const topics = chargerTopics();
    this.#states = new States({ charger, topics, profile, external, username: this.#digest && username });
    this.#commands = new Commands({
      topics,
      states: this.#states,
      profile,
      external,
      write,
      reboot,
    });
    this.#routes = new Routes({
      states: this.#states,
      commands: this.#commands,
      profile,
      mainLoop: () => this.#loop.enter(),
      waits: LOOP_WAIT,
    });
    this.#push = new PushServer({
      states: this.#states,
      profile,
      clock,
      log,
      uptime,
      stalled: () => this.#loop.stalled,
      used: (socket) => this.#sockets.used(socket),
    });
    this.#processor = new NetworkProcessor({
      clock,
      leaving: ({ orderly }) => this.#push.disconnect(orderly && profile.closesAtReboot ? 1001 : undefined),
      gone: ({ orderly }) => {
        this.#sockets.dropAll();
        this.#loop.release();
        if (orderly) this.#restartController();
      },
      booted: (id, last, forget) => {
        external.booted();
        this.#commands.booted();
        this.#states.booted(id, last, forget);
      },
    });
    this.#pages = new Pages({
      title: () => this.#title(),
      firmware: profile.firmware,
      pongs: () => this.#push.pongs(),
      uptime,
      bootId: () => this.#states.get('event_log/boot_id') ?? '',
      reboot,
    });
    this.#controls = new WorldApi({
      charger,
      lasting: () => (this.#loop.stalled ? 'stall' : this.#states.hasController ? 'none' : 'no_controller'),
      fault: (fault) => this.#fault(fault),
      powerLost: (forget) => this.#processor.restart({ orderly: false, forget, downtime: DOWNTIME }),
    });
    this.server = createHttp({
      clock,
      log,
      sockets: this.#sockets,
      maxBody: (url) => (url.startsWith('/simulator/') ? MAX_WRITE : profile.maxJson),
      up: () => this.#processor.state !== 'down',
      admit: (head) => this.#admit(head),
      answer: (request) => this.#answer(request),
      upgrade: (request, socket, head) => void this.#upgrade(request, socket, head),
    });
  }

  start(): void {
    this.#states.start();
    this.#processor.boot(false);
    this.#push.start();
  }

  async close(): Promise<void> {
    this.#processor.stop();
    this.#loop.release();
    this.#push.stop();
    this.#states.stop();
    const closed = new Promise<void>((done) => this.server.close(() => done()));
    this.#sockets.dropAll();
    this.server.closeAllConnections();
    await closed;
  }

  #admit({ method, url, headers }: Omit<Request, 'body'>): Answer | undefined {
    if (!this.#digest || (method === 'GET' && EXEMPT.includes(url))) return undefined;
    if (this.#digest.accepts(method, headers.authorization as string | undefined)) return undefined;
    return { status: 401, headers: { 'WWW-Authenticate': this.#digest.challenge() } };
  }

  async #answer(request: Request): Promise<Answer> {
    if (request.url === '/ws') {
      const status = this.#profile.plainWebSocketStatus;
      return request.method === 'GET'
        ? textAnswer(status, 'only for WebSocket clients')
        : textAnswer(405, 'only for WebSocket clients');
    }
    const loggedIn =
      this.#digest?.accepts(request.method, request.headers.authorization as string | undefined) ?? true;
    const answer =
      this.#pages.answer(request, loggedIn) ??
      (await this.#controls.answer(request)) ??
      (await this.#routes.answer(request));
    this.#tell(request, answer);
    return answer;
  }

  #tell({ method, url, body }: Request, { status, body: said }: Answer): void {
    if (method !== 'PUT' && method !== 'POST') return;
    const { log } = this.#options;
    const sent = Buffer.from(body.subarray(0, 200)).toString();
    if (status === 200) log.info(`${method} ${url} ${sent}`);
    else log.warn(`${method} ${url} ${sent} refused (${status}): ${said ?? ''}`);
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { method = '', url = '', headers } = request;
    const refusal = this.#admit({ method, url, headers }) ?? this.#badHandshake(request);
    if (refusal) return refuse(socket, refusal);
    // The dump needs the main loop, as any read does.
    if (!(await this.#loop.enter()))
      return refuse(socket, textAnswer(500, 'the main loop did not answer in time'));
    if (this.#processor.state !== 'up') return refuse(socket, textAnswer(503, 'shutting down'));
    if (this.#push.full) return refuse(socket, textAnswer(503, 'too many WebSocket clients'));
    this.#push.upgrade(request, socket, head);
  }

  #badHandshake({ method, url, headers }: IncomingMessage): Answer | undefined {
    if (method !== 'GET' || url !== '/ws') return textAnswer(400, 'there is no WebSocket here');
    if (headers.upgrade?.toLowerCase() !== 'websocket')
      return textAnswer(this.#profile.plainWebSocketStatus, 'only for WebSocket clients');
    const key = headers['sec-websocket-key'] ?? '';
    if (headers['sec-websocket-version'] !== '13' || !WEBSOCKET_KEY.test(key))
      return textAnswer(400, 'no good WebSocket handshake');
    return undefined;
  }

  #fault({ mode, duration }: Fault): void {
    if (mode === 'none') {
      this.#loop.release();
      if (!this.#states.hasController) this.#states.setController(true);
    } else if (mode === 'reboot') {
      this.#processor.restart({ orderly: true, forget: false, downtime: duration ?? DOWNTIME });
    } else if (mode === 'stall') this.#loop.stall(duration ?? STALL);
    else if (mode === 'evict') this.#push.evict();
    else this.#states.setController(false);
  }

  /** The charge controller restarts with the network processor, and slot 8 takes its defaults (charger-wire 10.10). */
  #restartController(): void {
    this.#options
      .write('simulator/power_cycle', null)
      .catch((error) => this.#options.log.error(`the model could not be restarted: ${messageOf(error)}`));
  }

  #title(): string {
    const { display_type } = membersOf(parseJson(this.#states.get('info/name') ?? ''));
    return typeof display_type === 'string' ? display_type : 'simulated charger';
  }
}
