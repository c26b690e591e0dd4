import type { Cancel, Clock } from '../../base/clock.js';
import type { Log } from '../../base/log.js';
import type { Incoming, Link } from '../../mqtt/link.js';
import type { Topic } from '../../topics/topic.js';

export interface OverwriteGuardOptions {
  readonly prefix: string;
  readonly qos: 0 | 1;
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
}

/** Between two repairs of one topic, ms: two programs that both insist must not busy the broker. */
const REPAIR_INTERVAL_MS = 10_000;

/** Notices when somebody publishes on a topic that is ours to publish, and puts the truth back (contract 4.10). */
export class OverwriteGuard {
  readonly #options: OverwriteGuardOptions;
  readonly #warned = new Set<string>();
  readonly #repairs = new Map<string, Cancel>();

  constructor(options: OverwriteGuardOptions) {
    this.#options = options;
  }

  /** Somebody else published `message` on `topic`, whose true payload is `truth`. */
  overwritten(topic: Topic, message: Incoming, truth: string | undefined, repair: () => void): void {
    if (truth !== undefined && Buffer.from(message.payload).equals(Buffer.from(truth))) return;
    if (!this.#warned.has(topic.path)) {
      this.#warned.add(topic.path);
      this.#warn(topic);
    }
    if (this.#repairs.has(topic.path)) return;
    repair();
    const again = this.#options.clock.after(REPAIR_INTERVAL_MS, () => {
      this.#repairs.delete(topic.path);
      repair();
    });
    this.#repairs.set(topic.path, again);
  }

  stop(): void {
    for (const cancel of this.#repairs.values()) cancel();
    this.#repairs.clear();
  }

  #warn({ path, command }: Topic): void {
    const { link, log, prefix, qos } = this.#options;
    const remedy = command ? `to change it, publish to ${prefix}/${path}_update` : 'it can only be read';
    const error = `${prefix}/${path} shows the charger's state and is not for writing; ${remedy}`;
    log.warn(`somebody published on a topic of ours: ${error}`);
    const receipt = { topic: path, status: 'error', code: command ? 'invalid' : 'unknown', error };
    link.publish({
      topic: `${prefix}/bridge/response`,
      payload: JSON.stringify(receipt),
      qos,
      retain: false,
    });
  }
}
