import type { Clock } from '../../base/clock.js';
import { Refused, Unavailable } from '../../base/errors.js';
import type { Json } from '../../base/json.js';
import type { Log } from '../../base/log.js';
import type { Controller } from '../../model/controller.js';
import type { Scenario } from '../../model/scenario.js';
import type { Registry } from '../../topics/index.js';
import type { Backend, Sink } from '../backend.js';
import type { FlashFile } from './flash-file.js';

export interface ModelBackendOptions {
  readonly controller: Controller;
  readonly topics: Registry;
  readonly clock: Clock;
  readonly log: Log;
  /** The model's clock runs this many times faster. */
  readonly timeScale: number;
  /** Where the model's flash is kept; without it the settings are lost when the process ends. */
  readonly flash?: Pick<FlashFile, 'save' | 'written'>;
  /** Moves the world around the model. */
  readonly scenario?: Scenario;
}

/** ms between two steps of the model. Each catches up with the clock, so this only limits how late a state is reported. */
const TICK_MS = 100;

/** The built-in charge controller as a backend: a Controller on a Clock, read and written through the rows. */
export class ModelBackend implements Backend {
  readonly #options: ModelBackendOptions;
  #sink: Sink | undefined;
  #origin = 0;
  #polls = -1;
  #saved = 0;

  constructor(options: ModelBackendOptions) {
    this.#options = options;
  }

  run(sink: Sink, signal: AbortSignal): Promise<void> {
    const { clock, log, controller, flash } = this.#options;
    if (signal.aborted) return Promise.resolve();
    log.warn(
      'this is the built-in model of a charger: nothing real is switched; set CHARGER_URL for a charger',
    );
    if (!flash)
      log.info(
        'its settings and its meter reading are lost when the program ends; set MODEL_STATE_FILE to keep them',
      );
    this.#origin = clock.now();
    this.#saved = controller.flashWrites;
    this.#sink = sink;
    this.#advance();
    this.#report(sink);
    sink.online('model');
    return new Promise((resolve, reject) => {
      const stop = clock.every(TICK_MS, () => {
        try {
          this.#advance();
          this.#report(sink);
        } catch (error) {
          stop();
          reject(error);
        }
      });
      signal.addEventListener(
        'abort',
        () => {
          stop();
          this.#sink = undefined;
          controller.meter.keep();
          this.#save();
          (flash?.written() ?? Promise.resolve()).then(resolve, reject);
        },
        { once: true },
      );
    });
  }

  async write(path: string, value: Json): Promise<void> {
    if (!this.#sink) throw new Unavailable('the model is not running');
    this.#advance();
    // The row's schema has checked `value`: that is what a Command's `write` is typed for.
    const refusal: unknown = this.#options.topics
      .get(path)
      ?.command?.write?.(this.#options.controller, value as never);
    this.#save();
    if (typeof refusal === 'string') throw new Refused('rejected', refusal);
  }

  async read(path: string): Promise<boolean> {
    const state = this.#options.topics.get(path)?.state;
    if (!this.#sink || !state?.read) return false;
    this.#advance();
    this.#sink.state(path, JSON.stringify(state.read(this.#options.controller)));
    return true;
  }

  #advance(): void {
    const { clock, controller, scenario, timeScale } = this.#options;
    const now = (clock.now() - this.#origin) * timeScale;
    scenario?.step(controller, now);
    controller.tick(now);
  }

  #report(sink: Sink): void {
    const { controller, topics } = this.#options;
    if (controller.polls === this.#polls) return;
    this.#polls = controller.polls;
    for (const { path, state } of topics.values()) {
      if (state?.read) sink.state(path, JSON.stringify(state.read(controller)));
    }
    this.#save();
  }

  #save(): void {
    const { controller, flash } = this.#options;
    if (controller.flashWrites === this.#saved) return;
    this.#saved = controller.flashWrites;
    flash?.save(controller.flashImage());
  }
}
