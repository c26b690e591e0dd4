import type { Chance } from '../../base/backoff.js';
import type { Clock } from '../../base/clock.js';
import { Unavailable } from '../../base/errors.js';
import type { Json } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import type { Registry } from '../../topics/index.js';
import type { Backend, Sink } from '../backend.js';
import { Client } from './client.js';
import { type Connect, connectSocket } from './connect.js';
import { ConnectionMonitor } from './connection-monitor.js';
import { DigestLogin } from './digest.js';
import { FirmwareCompat } from './firmware-compat.js';
import { Poller } from './poller.js';
import { PushConnection } from './push-connection.js';
import { StateOrdering } from './state-ordering.js';
import type { Target } from './target.js';
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
}

/** ms between two looks whether the charger has gone silent. */
const WATCH_MS = 500;

/** A real charger over its own HTTP and WebSocket API (charger-wire 4 and 5). */
export class HttpBackend implements Backend {
  readonly #options: HttpBackendOptions;
  #writer: Writer | undefined;
  #compat: FirmwareCompat | undefined;

  constructor(options: HttpBackendOptions) {
    this.#options = options;
  }

  /** Lives until the signal; then every socket and timer of it has ended. */
  async run(sink: Sink, signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const end = () => ending.abort();
    if (signal.aborted) return;
    signal.addEventListener('abort', end, { once: true });
    this.#compat = new FirmwareCompat(sink);
    const { parts, stop } = this.#assemble(this.#compat, ending.signal);
    // A fault of one part is a bug: it ends the others and comes out of here.
    const results = await Promise.allSettled(parts.map((part) => part.run(ending.signal).finally(end)));
    signal.removeEventListener('abort', end);
    stop();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** Sends `value`. Throws Refused or Unavailable. */
  async write(path: string, value: Json): Promise<void> {
    if (!this.#writer) throw new Unavailable('the charger is not connected');
    await this.#writer.write(path, this.#compat?.encode(path, value) ?? value);
  }

  async read(path: string): Promise<boolean> {
    return this.#writer?.read(path) ?? false;
  }

  #assemble(sink: Sink, signal: AbortSignal) {
    const {
      target,
      topics,
      clock,
      log,
      transport,
      pollInterval,
      connect = connectSocket,
      chance,
    } = this.#options;
    const digest = target.login && new DigestLogin(target.login.username, target.login.password);
    const monitor = new ConnectionMonitor(sink, clock, signal);
    const ordering = new StateOrdering(sink, signal);
    const onStray = () => {
      poller?.scheduleResync();
      push?.scheduleResync();
    };
    const client = new Client({ target, connect, digest, clock, signal, onStray });
    const common = { target, client, topics, clock, log, monitor, ordering, chance };
    const poller =
      transport === 'websocket'
        ? undefined
        : new Poller({ ...common, interval: pollInterval, onFound: () => push?.retry() });
    // The policy: where push covers, nobody polls; while it does not, polling stands in.
    const choosePolling = () => poller?.activate(push === undefined || !push.covers);
    const push =
      transport === 'poll'
        ? undefined
        : new PushConnection({
            ...common,
            connect,
            digest,
            backedUp: poller !== undefined,
            onChange: choosePolling,
          });
    const writer = new Writer(common);
    const cancelWatch = clock.every(WATCH_MS, () => monitor.checkTimeout());
    this.#writer = writer;
    choosePolling();
    return {
      parts: [poller, push].filter((part) => part !== undefined),
      stop: () => {
        this.#writer = undefined;
        cancelWatch();
        client.close();
      },
    };
  }
}
