import type { ExecutionContext } from 'ava';
import type { Sink } from '../../../src/backend/backend.js';
import type { Connect } from '../../../src/backend/http/connect.js';
import { HttpBackend, type HttpBackendOptions } from '../../../src/backend/http/index.js';
import type { TargetOptions } from '../../../src/backend/http/target.js';
import { chargerTopics, type Registry, registry } from '../../../src/topics/index.js';
import { FakeClock, FakeLog } from '../../_fakes.js';
import { until } from '../../_until.js';
import { ScriptedCharger, type ServerOptions } from './_server.js';
import { testTarget } from './_target.js';

const NAMES = [
  'evse/state',
  'evse/slots',
  'evse/button_state',
  'evse/low_level_state',
  'evse/external_current',
  'evse/global_current',
  'evse/external_defaults',
  'evse/start_charging',
  'info/name',
];

/** Some rows of the registry: three fast topics, the counters, one that is rare, an action, and three others. */
export function someTopics(): Registry {
  const all = chargerTopics();
  const rows = NAMES.map((name) => all.get(name)).filter((row) => row !== undefined);
  return registry(rows);
}

/** The examples of these topics as a charger's states. */
export function someStates(): Record<string, unknown> {
  const rows = [...someTopics().values()].filter((row) => row.state);
  return {
    'event_log/boot_id': { boot_id: 77 },
    ...Object.fromEntries(rows.map((row) => [row.path, row.state?.example])),
  };
}

/** Remembers what a backend tells. */
export class RecordingSink implements Sink {
  readonly states: [path: string, text: string][] = [];
  readonly connections: string[] = [];
  readonly latest = new Map<string, string>();
  /** Topics without a row that nobody wants. */
  readonly unwanted = new Set<string>();

  state(path: string, text: string): void {
    this.states.push([path, text]);
    this.latest.set(path, text);
  }

  wants(path: string): boolean {
    return !this.unwanted.has(path);
  }

  online(transport: string): void {
    this.connections.push(`online ${transport}`);
  }

  offline(why: string, transport?: string): void {
    this.connections.push(`offline ${why}${transport === undefined ? '' : ` (but ${transport})`}`);
  }

  get connection(): string | undefined {
    return this.connections.at(-1);
  }

  /** The texts told for one topic, in order. */
  told(path: string): string[] {
    return this.states.filter(([at]) => at === path).map(([, text]) => text);
  }
}

export interface Rig {
  readonly server: ScriptedCharger;
  readonly backend: HttpBackend;
  readonly sink: RecordingSink;
  readonly clock: FakeClock;
  readonly log: FakeLog;
  readonly signal: AbortSignal;
  /** From now on connections are made by this. */
  readonly connectBy: (connect: Connect) => void;
  /** Ends the backend and resolves when run() has. */
  readonly stop: () => Promise<void>;
}

interface RigOptions extends Partial<HttpBackendOptions>, Partial<TargetOptions> {
  readonly server?: ServerOptions;
  readonly states?: Record<string, unknown>;
  /** Called before the backend starts. */
  readonly prepare?: (server: ScriptedCharger) => void;
}

/**
 * A backend running against a scripted charger, on a clock that the test holds. The connections are in memory, but for
 * TLS, so that nothing depends on how busy the machine is.
 */
export async function start(t: ExecutionContext, options: RigOptions = {}): Promise<Rig> {
  const {
    server: serverOptions,
    states,
    prepare,
    username,
    password,
    timeout = 5_000,
    rejectUnauthorized = true,
    ...more
  } = options;
  const server = new ScriptedCharger(states ?? someStates(), serverOptions);
  const inMemory = serverOptions?.tls === undefined;
  if (inMemory) server.startInMemory();
  else await server.start();
  prepare?.(server);
  let { connect } = server;
  const connectBy = (other: Connect) => {
    connect = other;
  };
  const sink = new RecordingSink();
  const clock = new FakeClock();
  const log = new FakeLog();
  const backend = new HttpBackend({
    target: testTarget(server.url, { username, password, timeout, rejectUnauthorized }),
    transport: 'auto',
    pollInterval: 1_000,
    topics: someTopics(),
    clock,
    log,
    connect: inMemory ? (target) => connect(target) : undefined,
    ...more,
  });
  const ending = new AbortController();
  const running = backend.run(sink, ending.signal);
  const stop = async () => {
    ending.abort();
    await running;
  };
  t.teardown(async () => {
    await stop();
    await server.stop().catch(() => {});
  });
  return { server, backend, sink, clock, log, signal: ending.signal, connectBy, stop };
}

/** Waits until the sink was told this connection last. */
export const connected = ({ sink }: Rig, what: string): Promise<void> =>
  until(
    () => sink.connection?.startsWith(what) === true,
    () => `${what}; connections were ${JSON.stringify(sink.connections)}`,
  );

/** Steps after which `passUntil` gives up. */
const MAX_STEPS = 20_000;

/** Lets time pass in steps of `step` ms until `condition`; after each everything that is on its way arrives. */
export async function passUntil(
  { clock }: { clock: FakeClock },
  condition: () => boolean,
  what: string,
  step = 50,
): Promise<void> {
  for (let steps = 0; !condition(); steps++) {
    if (steps === MAX_STEPS) throw new Error(`waited in vain for ${what}`);
    await clock.pass(step);
    await turns();
  }
}

/**
 * With push: lets the audit read everything once, as it does after each dump, and forgets its requests. The next one
 * comes 10 s later.
 */
export async function audited(rig: Rig): Promise<void> {
  const { server, sink } = rig;
  const read = () => new Set(server.asked('GET')).size;
  await passUntil(rig, () => read() === sink.latest.size, 'the audit');
  server.beat();
  await turns();
  server.requests.length = 0;
}

/** Turns of the event loop in which everything that is on its way in memory arrives. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise<void>((done) => setImmediate(done));
}
