import type { Chance } from '../../base/backoff.js';
import type { Cancel, Clock } from '../../base/clock.js';
import { Unavailable } from '../../base/errors.js';
import type { Json } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import type { Registry } from '../../topics/index.js';
import type { Backend, Sink } from '../backend.js';
import type { WireTap } from '../wire-tap.js';
import { Audit } from './audit.js';
import { Client } from './client.js';
import { type Connect, connectSocket, connectWithin } from './connect.js';
import { ConnectionMonitor } from './connection-monitor.js';
import { ControllerWatch } from './controller-watch.js';
import { DigestLogin } from './digest.js';
import { FirmwareCompat } from './firmware-compat.js';
import { Poller } from './poller.js';
import { PushConnection } from './push-connection.js';
import { Recognition } from './recognition.js';
import { RequestFailed } from './request-failed.js';
import { StateOrdering } from './state-ordering.js';
import { isPlainPath, type Target } from './target.js';
import { TopicReader } from './topic-reader.js';
import { Writer } from './writer.js';

export interface HttpBackendOptions {
  readonly target: Target;
  /** `auto`: push, and polling while there is none; or only one of the two. */
  readonly transport: 'auto' | 'websocket' | 'poll';
  /** ms between two reads of a fast topic while polling. */
  readonly pollInterval: number;
  readonly topics: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** How connections are opened; by default over the machine's network. */
  readonly connect?: Connect | undefined;
  /** For the times between tries; by default Math.random. */
  readonly chance?: Chance | undefined;
  /** Is told of requests and frames. */
  readonly tap?: WireTap | undefined;
}

/**
 * ms between two checks whether the charger is silent and whether its controller works; the shorter one is used while
 * `online` waits for the controller. They are not shorter, because each check wakes the process.
 */
const WATCH_MS = 1_000;
const URGENT_WATCH_MS = 250;

/** The longest time to open a connection, ms; it does not depend on the timeout of requests. */
const CONNECT_MS = 5_000;

/** A real charger over its own HTTP and WebSocket API (charger-wire 4 and 5). */
export class HttpBackend implements Backend {
  readonly #options: HttpBackendOptions;
  #parts: Assembly | undefined;

  constructor(options: HttpBackendOptions) {
    this.#options = options;
  }

  /** Runs until `signal` aborts; when it resolves, all its sockets and timers have ended. */
  async run(sink: Sink, signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const end = () => ending.abort();
    if (signal.aborted) return;
    signal.addEventListener('abort', end, { once: true });
    const parts = assemble(this.#options, sink, ending.signal);
    this.#parts = parts;
    // If a part rejects, that is a bug: the other parts are ended, and `run` rejects with the same error.
    const runs = parts.running.map((part) => part.run(ending.signal).finally(end));
    const results = await Promise.allSettled(runs);
    signal.removeEventListener('abort', end);
    this.#parts = undefined;
    parts.stop();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** Sends `value`. Throws Refused or Unavailable. */
  async write(path: string, value: Json): Promise<void> {
    if (!this.#parts) throw new Unavailable('the charger is not connected');
    const { writer, compat } = this.#parts;
    await writer.write(path, compat.encode(path, value));
  }

  async read(path: string): Promise<boolean> {
    const reading = await this.#parts?.reader.read(path);
    return reading?.kind === 'state';
  }
}

type Assembly = ReturnType<typeof assemble>;

/**
 * Connects the parts. States come from push, from polling and from the audit. All of them pass `ordering`, then
 * `compat`, and go to the sink and to `controller`. Only `monitor` says whether the charger is online.
 */
function assemble(options: HttpBackendOptions, sink: Sink, signal: AbortSignal) {
  const { target, topics, clock, log, transport, pollInterval, chance, tap } = options;
  const connect = connectWithin(CONNECT_MS, options.connect ?? connectSocket, clock);
  const digest = target.login && new DigestLogin(target.login.username, target.login.password);
  const recognition = new Recognition(topics);
  const compat = new FirmwareCompat(() => monitor.update());
  let cancelUrgent: Cancel = () => {};
  const controller = new ControllerWatch({
    clock,
    ask: (path) => reader.read(path),
    onVerdict(before) {
      cancelUrgent();
      cancelUrgent = controller.verdict === 'pending' ? clock.every(URGENT_WATCH_MS, look) : () => {};
      // What was reported while the controller was missing or hung may be wrong.
      if (before instanceof RequestFailed) monitor.renew();
      monitor.update();
    },
  });
  const monitor = new ConnectionMonitor({
    sink,
    clock,
    signal,
    obstacle: () => compat.fault ?? controller.verdict,
    onFound: () => push?.retry(),
    onAway() {
      recognition.reset();
      controller.reset();
    },
  });
  const ordering = new StateOrdering((path, text, value) => {
    if (!compat.accepts(path, text)) return;
    sink.state(path, text, value);
    controller.state(path, text, value);
  }, signal);
  const onDoubt = () => {
    poller?.scheduleResync();
    audit.doubt();
  };
  const client = new Client({ target, connect, digest, clock, signal, tap, onStray: onDoubt });
  const reader = new TopicReader({ target, client, ordering, recognition, log });
  /** Topics that the charger has reported and the bridge uses. Each of them has a state, so a GET does no harm. */
  const known = () =>
    [...ordering.known].filter((path) => isPlainPath(path) && (topics.has(path) || sink.wants(path)));
  const withoutRow = () => known().filter((path) => !topics.has(path));
  const common = { target, topics, clock, log, chance, monitor, recognition, ordering };
  const poller =
    transport === 'websocket'
      ? undefined
      : new Poller({ ...common, reader, interval: pollInterval, others: withoutRow });
  const audit = new Audit({ reader, clock, chance, topics: known });
  // The policy: where push covers, nobody polls; while it does not, polling stands in.
  const choosePolling = () => {
    poller?.activate(push === undefined || !push.covers);
    if (!push?.live) audit.end();
  };
  const push =
    transport === 'poll'
      ? undefined
      : new PushConnection({
          ...common,
          connect,
          digest,
          tap,
          backedUp: poller !== undefined,
          wants: (path) => topics.has(path) || sink.wants(path),
          forwards: (path) => sink.wants(path),
          onChange: choosePolling,
          onDump: () => audit.begin(),
          onDoubt,
        });
  const writer = new Writer({ target, client, topics, log });
  const look = () => {
    monitor.checkTimeout();
    if (monitor.answers) controller.check();
  };
  const cancelWatch = clock.every(WATCH_MS, look);
  choosePolling();
  return {
    reader,
    writer,
    compat,
    running: [poller, push, push && audit].filter((part) => part !== undefined),
    stop: () => {
      cancelWatch();
      cancelUrgent();
      client.close();
    },
  };
}
