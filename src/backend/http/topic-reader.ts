import type { Log } from '../../base/log.js';
import type { Client } from './client.js';
import type { Recognition } from './recognition.js';
import { fromStatus, RequestFailed } from './request-failed.js';
import type { StateOrdering } from './state-ordering.js';
import type { Target } from './target.js';

export interface TopicReaderOptions {
  readonly target: Target;
  readonly client: Client;
  readonly ordering: StateOrdering;
  readonly recognition: Recognition;
  readonly log: Log;
}

/**
 * The result of reading a topic: its state, or that the charger has no such topic, or a failure that says nothing about
 * the topic. `credible`: whether a charger could have answered so.
 */
export type TopicReading =
  | { readonly kind: 'state'; readonly text: string; readonly credible: boolean }
  | { readonly kind: 'absent'; readonly credible: boolean }
  | { readonly kind: 'failed'; readonly failure: RequestFailed };

/** Reads one topic and hands its state on. */
export class TopicReader {
  readonly #options: TopicReaderOptions;

  constructor(options: TopicReaderOptions) {
    this.#options = options;
  }

  /**
   * Reads `path`, which must be a topic with a state: a GET on a command would carry it out (charger-wire 4.1). The
   * answer is passed on only if the device has proved to be a charger.
   */
  async read(path: string): Promise<TopicReading> {
    const { client, ordering, recognition, target, log } = this.#options;
    const question = ordering.beginRead(path);
    try {
      const { status, text } = await client.get(path);
      log.debug(`GET ${path}: ${status}`);
      if (status === 200) {
        const credible = recognition.told(path, text);
        if (recognition.proven) ordering.answered(question, text);
        return { kind: 'state', text, credible };
      }
      if (!isAboutTopic(status)) return { kind: 'failed', failure: fromStatus(status, target) };
      const credible = !ordering.knows(path);
      if (!credible) recognition.missed(path);
      return { kind: 'absent', credible };
    } catch (error) {
      if (!(error instanceof RequestFailed)) throw error;
      log.debug(`GET ${path}: ${error.message}`);
      return { kind: 'failed', failure: error };
    } finally {
      ordering.drop(question);
    }
  }
}

/** 4xx that say something about one topic, as against the charger (401, 403) or the moment (408, 429). */
const isAboutTopic = (status: number): boolean =>
  status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);
