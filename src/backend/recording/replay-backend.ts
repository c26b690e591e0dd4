import { pause } from '../../base/backoff.js';
import type { Clock } from '../../base/clock.js';
import type { Json } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import type { Backend, Sink } from '../backend.js';
import type { RecordingEvent } from './recording-events.js';

export interface ReplayOptions {
  /** What happened, in its order. */
  readonly events: AsyncIterable<RecordingEvent>;
  readonly clock: Clock;
  readonly log: Log;
  /** It is played this many times faster than it was recorded. */
  readonly speed: number;
}

/** Plays a recording: reports the recorded states again, at the recorded times. */
export class ReplayBackend implements Backend {
  readonly #options: ReplayOptions;
  readonly #shown = new Map<string, string>();
  #sink: Sink | undefined;
  #toldWrites = false;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  async run(sink: Sink, signal: AbortSignal): Promise<void> {
    const { events, clock, log, speed } = this.#options;
    this.#sink = sink;
    const begin = clock.now();
    for await (const event of events) {
      await this.#until(begin + event.at / speed, signal);
      if (signal.aborted) break;
      this.#play(event, sink);
    }
    if (!signal.aborted) {
      log.info('the recording has ended; its last states stay');
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.#sink = undefined;
  }

  /** Does nothing but log the first write: a recording can't change. */
  async write(path: string, _value: Json): Promise<void> {
    if (this.#toldWrites) return;
    this.#toldWrites = true;
    this.#options.log.info(`${path} was written: a recording accepts writes and ignores them`);
  }

  async read(path: string): Promise<boolean> {
    const text = this.#shown.get(path);
    if (text === undefined || !this.#sink) return false;
    this.#sink.state(path, text);
    return true;
  }

  #play(event: RecordingEvent, sink: Sink): void {
    switch (event.type) {
      case 'state':
        this.#shown.set(event.topic, event.text);
        sink.state(event.topic, event.text);
        break;
      case 'online':
        sink.online('replay');
        break;
      case 'offline':
        sink.offline(event.why, event.transport === undefined ? undefined : 'replay');
        break;
      default:
    }
  }

  async #until(moment: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const left = moment - clock.now();
    if (left > 0) await pause(clock, left, signal);
  }
}
