import type { Clock } from '../../base/clock.js';
import { Unavailable } from '../../base/errors.js';
import type { Log } from '../../base/log.js';
import type { Registry } from '../../topics/index.js';
import type { Json } from '../../topics/topic.js';
import type { Backend, Sink } from '../backend.js';
import { Client } from './client.js';
import { Reach, Reports } from './connection-monitor.js';
import { Digest } from './digest.js';
import { Dialect } from './firmware-compat.js';
import { Poller } from './poller.js';
import { Push } from './push-connection.js';
import { type TargetOptions, targetOf } from './target.js';
import { Writer } from './writer.js';

export interface HttpOptions extends TargetOptions {
  /** `auto`: push, and polling while there is none; or only one of the two. */
  readonly transport: 'auto' | 'websocket' | 'poll';
  /** ms between two reads of a fast topic while polling. */
  readonly pollInterval: number;
  readonly topics: Registry;
  readonly clock: Clock;
  readonly log: Log;
}

/** ms between two looks whether the charger has gone silent and who keeps the states up to date. */
const WATCH = 500;

/** A real charger over its own HTTP and WebSocket API (wire document 4 and 5). */
export class HttpBackend implements Backend {
  readonly #options: HttpOptions;
  #writer: Writer | undefined;
  #dialect: Dialect | undefined;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** Lives until the signal; then every socket and timer of it has ended. */
  async run(sink: Sink, signal: AbortSignal): Promise<void> {
    const ending = new AbortController();
    const end = () => ending.abort();
    if (signal.aborted) return;
    signal.addEventListener('abort', end, { once: true });
    this.#dialect = new Dialect(sink);
    const { parts, stop } = this.#assemble(this.#dialect, ending.signal);
    // A fault of one part is a bug: it ends the others and comes out of here.
    const results = await Promise.allSettled(parts.map((part) => part.run(ending.signal).finally(end)));
    signal.removeEventListener('abort', end);
    stop();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /** Sends `value`. Throws Refused or Unavailable. */
  async write(path: string, value: Json): Promise<void> {
    if (!this.#writer) throw new Unavailable('the charger is not connected');
    await this.#writer.write(path, this.#dialect?.spoken(path, value) ?? value);
  }

  #assemble(sink: Sink, signal: AbortSignal) {
    const { topics, clock, log, transport, pollInterval } = this.#options;
    const target = targetOf(this.#options);
    const digest = target.login && new Digest(target.login.username, target.login.password);
    const reach = new Reach(sink, clock, signal);
    const reports = new Reports(sink, signal);
    const client = new Client(target, digest, clock, signal, () => {
      poller?.doubt();
      push?.doubt();
    });
    const common = { target, client, topics, clock, log, reach, reports };
    const poller =
      transport === 'websocket'
        ? undefined
        : new Poller({ ...common, interval: pollInterval, onFound: () => push?.retry() });
    const arrange = () => poller?.activate(push === undefined || !push.covers);
    const push =
      transport === 'poll'
        ? undefined
        : new Push({ ...common, digest, backedUp: poller !== undefined, onChange: arrange });
    const writer = new Writer(common);
    const cancelWatch = clock.every(WATCH, () => {
      reach.check();
      arrange();
    });
    this.#writer = writer;
    arrange();
    return {
      parts: [writer, poller, push].filter((part) => part !== undefined),
      stop: () => {
        this.#writer = undefined;
        cancelWatch();
        client.close();
      },
    };
  }
}
