import type { Backend } from '../backend/backend.js';
import { pause } from '../base/backoff.js';
import { type Clock, isoTime } from '../base/clock.js';
import { Unavailable } from '../base/errors.js';
import { includes, type Json } from '../base/json.js';
import type { Log } from '../base/log.js';
import { isController, isStatePath } from '../topics/namespaces.js';
import { withoutSecrets } from '../topics/secrets.js';
import type { Topic, WriteStep } from '../topics/topic.js';
import { type WriteTarget, writeTarget } from '../topics/write-target.js';
import type { Charger } from './charger.js';
import { Confirmation, groupOf } from './confirmation.js';
import { matcher } from './globs.js';
import { wantedValue } from './payload.js';
import { unknownTopic } from './unknown-topic.js';
import { failed, type Outcome, type Waiting, type Write } from './write.js';
import { type Permit, type Policy, permitOf } from './write-policy.js';
import { WriteQueue } from './write-queue.js';
import { WriteSteps } from './write-steps.js';

export interface WriteDoorOptions {
  readonly charger: Pick<Charger, 'topics' | 'store' | 'connection' | 'read' | 'watch' | 'tellOwn'>;
  readonly backend: Backend;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  /** Whether writes to `evse/*` topics without a row are forwarded. */
  readonly passthrough: boolean;
  /** Globs of topics without a row to which writes are forwarded. Default: none. */
  readonly forward?: readonly string[];
  /** The flash budget holds a write back. */
  readonly onWaiting: (receipt: Waiting) => void;
}

/** How long a value that the charger has accepted counts as the present one without having been reported, ms. */
const REPORT_WITHIN_MS = 2_500;

const WEARS_FLASH =
  "it is written often, and the charger's flash wears: use evse/external_current for frequent changes";

/** The longest time that a stop waits for the last steps of a command, ms. */
const FINISH_WITHIN_MS = 3_000;

const STOPPING = 'the bridge is stopping';

const UNEXPLAINED = 'the charger took it, but does not show it';

/** The steps that every write to a charger has to pass, from the topic to the check whether it has had an effect. */
export class WriteDoor {
  readonly #options: WriteDoorOptions;
  readonly #queue: WriteQueue;
  /** Values that were sent and not yet reported, by topic; the latest last. */
  readonly #sent = new Map<string, { readonly value: Json; readonly at: number }>();
  readonly #confirmation: Confirmation;
  readonly #permit: Permit;
  readonly #forwards: (path: string) => boolean;
  readonly #steps: WriteSteps;
  #stopping = false;

  constructor(options: WriteDoorOptions) {
    const { charger, backend, clock, log, policy } = options;
    this.#options = options;
    this.#confirmation = new Confirmation({ charger, clock, readAnew: (path) => backend.read(path) });
    this.#permit = permitOf(policy);
    this.#steps = new WriteSteps({
      clock,
      log,
      send: (step) => this.#sendStep(step),
      tell: ({ underway }, since) => {
        if (underway) charger.tellOwn(underway, { since: since === undefined ? null : isoTime(since) });
      },
    });
    this.#forwards = matcher(options.forward ?? []);
    this.#queue = new WriteQueue({
      clock,
      flashInterval: policy.flashInterval,
      onFlashWait: (path, ms) =>
        log.warn(`a write to ${path} waits ${Math.ceil(ms / 1_000)} s: ${WEARS_FLASH}`),
    });
  }

  /** Carries out a write. All up to the queue happens before this returns, so that writes keep the order of the calls. */
  async answer(write: Write): Promise<Outcome> {
    let topic = write.path;
    try {
      const { row, inside } = this.#lookUp(topic);
      topic = row.path;
      this.#permit(row, write.retained);
      const value = wantedValue(row, write.payload, this.#currentValue(topic), inside);
      this.#demandOnline();
      const told = withoutSecrets(row.command, value);
      const waiting = { topic, status: 'waiting', value: told, hint: WEARS_FLASH } as const;
      if (this.#alreadySet(row, value)) return { topic, status: 'ok', value: told, unchanged: true };
      this.#confirmation.supersede(row);
      await this.#queue.push({
        path: topic,
        value,
        flash: row.command?.flash === true,
        group: groupOf(row),
        expiresAt: write.expiresAt,
        send: () => this.#carryOut(row, value),
        onWait: (ms) => this.#tellToWait(write, { ...waiting, seconds: Math.ceil(ms / 1_000) }),
      });
      const isTold = !this.#sent.has(topic);
      const applied = this.#queue.busy(topic) || (await this.#confirmation.confirm(row, value, { isTold }));
      if (applied) return { topic, status: 'ok', value: told };
      return { topic, status: 'ok', value: told, applied, hint: row.command?.hint ?? UNEXPLAINED };
    } catch (error) {
      return failed(topic, error);
    }
  }

  /** Whether writes to `path` may be offered: it has a command, or it is an unknown topic that may be forwarded. */
  isWritable(path: string): boolean {
    const row = this.#options.charger.topics.get(path);
    if (row) return row.command !== undefined;
    if (this.#options.passthrough && this.#options.charger.store.has(path) && isController(path)) return true;
    return isStatePath(path) && this.#forwards(path);
  }

  /** Whether the settings let anybody write `row`. */
  isPermitted(row: Topic): boolean {
    try {
      this.#permit(row, false);
      return true;
    } catch {
      return false;
    }
  }

  /** The charger has reported `path`: that is now its newest value, not the one that was sent. */
  shown(path: string): void {
    this.#sent.delete(path);
  }

  /** Answers all writes that wait with `offline`, for the reason `why`. */
  abandon(why: string): void {
    this.#queue.fail(new Unavailable(why));
    this.#confirmation.stop(why);
  }

  /** Goes on with the command `row`, whose first step an earlier process sent `elapsedMs` ago; it did not send them all. */
  resume({ command }: Topic, elapsedMs: number): void {
    if (command) this.#steps.resume(command, elapsedMs);
  }

  /** Whether a command of several writes has begun and not ended. */
  get isUnderway(): boolean {
    return this.#steps.isUnderway;
  }

  /** Refuses new writes, and sends the last steps of commands that have begun, for at most `FINISH_WITHIN_MS`. */
  async finish(): Promise<void> {
    this.#stopping = true;
    this.#queue.fail(new Unavailable(STOPPING));
    const ending = new AbortController();
    await Promise.race([this.#steps.finish(), pause(this.#options.clock, FINISH_WITHIN_MS, ending.signal)]);
    ending.abort();
  }

  /** Nothing is sent any more. */
  stop(): void {
    this.abandon(STOPPING);
    this.#steps.stop();
  }

  #lookUp(path: string): WriteTarget {
    const target = writeTarget(this.#options.charger.topics, path);
    if (target) return target;
    if (this.isWritable(path)) return { row: { path, doc: '' }, inside: [] };
    throw unknownTopic(path, this.#options.charger.topics);
  }

  #demandOnline(): void {
    if (this.#stopping) throw new Unavailable(STOPPING);
    if (!this.#options.charger.connection.online)
      throw new Unavailable(`the charger is offline: ${this.#options.charger.connection.why}`);
  }

  #tellToWait({ onWaiting }: Write, receipt: Waiting): void {
    onWaiting?.(receipt);
    this.#options.onWaiting(receipt);
  }

  #alreadySet(row: Topic, value: Json): boolean {
    const { command } = row;
    if (!command?.flash || command.actsWhenEqual || this.#queue.busy(row.path)) return false;
    return includes(this.#currentValue(row.path), value);
  }

  /** The newest value of `path`: on its way, just taken, or reported. */
  #currentValue(path: string): Json | undefined {
    const wanted = this.#queue.latest(path);
    if (wanted !== undefined) return wanted;
    const sent = this.#sent.get(path);
    if (sent && this.#options.clock.now() - sent.at < REPORT_WITHIN_MS) return sent.value;
    return this.#options.charger.read(path);
  }

  async #carryOut({ path, command }: Topic, value: Json): Promise<void> {
    this.#demandOnline();
    if (command?.steps) return this.#steps.begin(command, (step) => this.#send(step.path, step.value));
    await this.#send(path, value);
    this.#steps.overtake(path);
  }

  /** The policy has permitted the command, so it is not asked again for the later steps. */
  #sendStep({ path, value }: WriteStep): Promise<void> {
    const row = this.#options.charger.topics.get(path) ?? { path, doc: '' };
    return this.#queue.push({
      path,
      value,
      flash: false,
      group: groupOf(row),
      expiresAt: undefined,
      send: async () => {
        // A bridge that is stopping still sends the last steps of a command.
        if (!this.#stopping) this.#demandOnline();
        return this.#send(path, value);
      },
      onWait: () => {},
    });
  }

  async #send(path: string, value: Json): Promise<void> {
    this.#noteSent(path, value);
    try {
      await this.#options.backend.write(path, value);
    } catch (error) {
      this.#sent.delete(path);
      throw error;
    }
    if (this.#sent.has(path)) this.#noteSent(path, value);
  }

  /** Also forgets what was sent too long ago to matter: strangers choose how many topics there are. */
  #noteSent(path: string, value: Json): void {
    const now = this.#options.clock.now();
    this.#sent.delete(path);
    this.#sent.set(path, { value, at: now });
    for (const [other, { at }] of this.#sent) {
      if (now - at < REPORT_WITHIN_MS) return;
      this.#sent.delete(other);
    }
  }
}
