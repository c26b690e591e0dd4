import type { Clock } from '../../base/clock.js';
import type { Json } from '../../base/json.js';
import type { Backend, Sink } from '../backend.js';
import type { Exchange, WireTap } from '../wire-tap.js';
import type { Blanking } from './blanking.js';
import type { RecordingFile } from './recording-file.js';

export interface RecorderOptions {
  readonly file: RecordingFile;
  readonly blanking: Blanking;
  readonly clock: Clock;
  /** The charger's address as messages show it; it is blanked out there. */
  readonly address: string;
}

/** Records what a charger sends and what is sent to it, without private data. */
export class ChargerRecorder implements WireTap {
  readonly #options: RecorderOptions;
  readonly #begin: number;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#begin = options.clock.now();
  }

  state(topic: string, text: string): void {
    const { file, blanking } = this.#options;
    file.add({ at: this.#at, type: 'state', topic, text: blanking.state(topic, text) });
  }

  online(transport: string): void {
    this.#options.file.add({ at: this.#at, type: 'online', transport });
  }

  offline(why: string, transport?: string): void {
    const { file, blanking, address } = this.#options;
    const way = transport === undefined ? {} : { transport };
    file.add({ at: this.#at, type: 'offline', why: blanking.message(why, address), ...way });
  }

  frame(bytes: number): void {
    this.#options.file.add({ at: this.#at, type: 'frame', bytes });
  }

  exchange({ method, path, body, status, text }: Exchange): void {
    const { file, blanking, address } = this.#options;
    const said = status !== 200 && blanking.isHarmless(path) ? blanking.message(text, address) : '';
    file.add({
      at: this.#at,
      type: 'request',
      method,
      path,
      ...(body === undefined ? {} : { body: blanking.written(path, body) }),
      status: status ?? null,
      ...(said === '' ? {} : { text: said }),
    });
  }

  close(): Promise<void> {
    return this.#options.file.close(this.#at);
  }

  get #at(): number {
    return Math.round(this.#options.clock.now() - this.#begin);
  }
}

/** A backend whose charger is recorded while it runs. */
export class RecordingBackend implements Backend {
  readonly #backend: Backend;
  readonly #recorder: ChargerRecorder;

  constructor(backend: Backend, recorder: ChargerRecorder) {
    this.#backend = backend;
    this.#recorder = recorder;
  }

  async run(sink: Sink, signal: AbortSignal): Promise<void> {
    const recorder = this.#recorder;
    const recorded: Sink = {
      state(path, text, value) {
        recorder.state(path, text);
        sink.state(path, text, value);
      },
      wants: (path) => sink.wants(path),
      online(transport) {
        recorder.online(transport);
        sink.online(transport);
      },
      offline(why, transport) {
        recorder.offline(why, transport);
        sink.offline(why, transport);
      },
    };
    try {
      await this.#backend.run(recorded, signal);
    } finally {
      await recorder.close();
    }
  }

  write(path: string, value: Json): Promise<void> {
    return this.#backend.write(path, value);
  }

  read(path: string): Promise<boolean> {
    return this.#backend.read(path);
  }
}
