import type { Server } from 'node:http';
import type { Chance } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import { messageOf } from '../base/errors.js';
import type { Json } from '../base/json.js';
import { listen } from '../base/listen.js';
import type { Log } from '../base/log.js';
import type { Charger } from '../charger/charger.js';
import { MAX_WRITE } from '../charger/payload.js';
import { FIRST_TYPE, type ModelType } from '../model/generations/model-type.js';
import { generationOfType } from '../topics/availability.js';
import { recordedTopics, simulatedTopics } from '../topics/index.js';
import { models } from '../topics/models.js';
import { Commands } from './api/commands.js';
import { ExternalSwitch } from './api/legacy-external-control.js';
import { routes } from './api/routes.js';
import { States } from './api/states.js';
import { dispatch } from './dispatch.js';
import { faultInjector } from './fault.js';
import { DigestServer } from './http/digest-server.js';
import { createHttp } from './http/http-server.js';
import { Sockets } from './http/sockets.js';
import { MainLoop } from './main-loop.js';
import { NetworkProcessor } from './network-processor.js';
import { pages } from './pages.js';
import { type Firmware, profileOf } from './profile.js';
import { PushServer } from './push-server.js';
import type { WebInterface } from './web-interface.js';
import { worldApi } from './world-api.js';
import { WriteLog } from './write-log.js';

export interface SimulatedChargerOptions {
  /** The modelled charger, running; it must pass on all its topics. */
  readonly charger: Charger;
  /** Writes a value to the model as the firmware does: what the controller does not accept is ignored. */
  readonly write: (path: string, value: Json) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** With both, every request has to log in by digest. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Default 2.8.9. */
  readonly firmware?: Firmware | undefined;
  /** Which charger the model is. */
  readonly type?: ModelType | undefined;
  /** Set if `charger` plays a recording: the kind of charger that was recorded. */
  readonly recorded?: RecordedKind | undefined;
  /** A web interface to be shown at `/`. */
  readonly web?: WebInterface | undefined;
  /** By default the machine's. */
  readonly chance?: Chance | undefined;
}

/** The kind of charger that was recorded. */
export interface RecordedKind {
  /** Release of its firmware. */
  readonly firmware: string;
  /** As in its `info/name`. */
  readonly type: string;
}

export interface SimulatorOptions extends SimulatedChargerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** A simulated charger that listens. */
export interface Simulator {
  readonly port: number;
  close(): Promise<void>;
}

/** A simulated charger that does not listen yet. */
export interface SimulatedCharger {
  /** Takes connections; also those that are handed to it by its event `connection`. */
  readonly server: Server;
  start(): void;
  /** Ends every connection and timer, without waiting for answers that are under way. */
  stop(): void;
}

/**
 * Serves the modelled charger through the charger's own HTTP and WebSocket API, and the world around it under
 * `/simulator/` (charger-wire 10, contract 1 and 5). Rejects when it can't listen.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { server, start, stop } = simulatedCharger(options);
  const { host, port: wanted } = options;
  const what = 'the simulated charger';
  const port = await listen(server, {
    host,
    port: wanted,
    what,
    settings: 'SIMULATE_HOST and SIMULATE_PORT',
  });
  start();
  return {
    port,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      stop();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Makes the parts of the simulated charger, each from those before it, and then connects them. */
export function simulatedCharger(options: SimulatedChargerOptions): SimulatedCharger {
  const { charger, clock, log, username, password, write } = options;
  const { type = FIRST_TYPE, recorded } = options;
  const profile = recorded
    ? profileOf(recorded.firmware, generationOfType(recorded.type))
    : profileOf(options.firmware ?? '2.8.9', models[type].generation);
  const topics = recorded ? recordedTopics() : simulatedTopics(type);
  const asReported = recorded !== undefined;
  const sockets = new Sockets();
  const loop = new MainLoop(clock);
  const processor = new NetworkProcessor(clock, options.chance ?? Math.random);
  const digest =
    username !== undefined && password !== undefined ? new DigestServer(username, password) : undefined;

  const external = new ExternalSwitch({ profile, write, now: (path) => charger.read(path) });
  const states = new States({
    charger,
    topics,
    profile,
    external,
    username: digest && username,
    asReported,
  });
  const reboot = () => processor.restart({ orderly: true, forget: false });
  const commands = new Commands({ topics, states, profile, external, write, reboot });
  const push = new PushServer({
    states,
    profile,
    clock,
    log,
    processor,
    loop,
    sockets,
    isPrompt: asReported,
  });
  const faults = faultInjector({ loop, states, processor, push });

  const writeLog = new WriteLog(clock, log);

  const server = createHttp({
    clock,
    log,
    sockets,
    maxBody: (url) => (url.startsWith('/simulator/') ? MAX_WRITE : profile.maxJson),
    up: () => processor.state !== 'down',
    ...dispatch({
      writeLog,
      profile,
      digest,
      loop,
      processor,
      push,
      pages: pages({ states, profile, push, processor, web: options.web }),
      world: worldApi({ charger, processor, faults }),
      routes: routes({ states, commands, profile, loop }),
    }),
  });

  processor.watch({
    leaving: ({ orderly }) => push.disconnect(orderly && profile.closesAtReboot ? 1001 : undefined),
    gone({ orderly }) {
      sockets.dropAll();
      loop.release();
      // The charge controller restarts too, and slot 8 takes its defaults (charger-wire 10.10).
      if (orderly)
        write('simulator/power_cycle', null).catch((error) =>
          log.error(`the model could not be restarted: ${messageOf(error)}`),
        );
    },
    booted(boot) {
      external.booted();
      commands.booted();
      states.booted(boot);
    },
  });

  return {
    server,
    start() {
      states.start();
      processor.boot(false);
      push.start();
    },
    stop() {
      processor.stop();
      loop.release();
      push.stop();
      states.stop();
      writeLog.stop();
      sockets.dropAll();
    },
  };
}
