import { LogLimiter } from '../../base/log-limiter.js';
import type { Failed, Receipt } from '../../charger/write.js';
import type { Incoming, Message } from '../../mqtt/link.js';
import { mayAnswerTo } from '../../topics/namespaces.js';
import type { BridgeOptions } from './bridge.js';

/** The longest correlation data that is sent back, bytes: a stranger chooses it (contract 4.8). */
const MAX_CORRELATION = 256;

/** The common share of answers to writes on unknown topics: their names are made up by strangers. */
const UNKNOWN = 'unknown';

/** The time between two log summaries for a topic that is written again and again, ms. */
const SUCCESSES_EVERY_MS = 3_600_000;

/** Carries out writes from the broker, answers them and logs them (contract 4). */
export class Writers {
  readonly #options: BridgeOptions;
  readonly #refusals: LogLimiter;
  /** For writes that succeed. An automation may write every few seconds all day, so these are summed up hourly. */
  readonly #successes: LogLimiter;

  constructor(options: BridgeOptions) {
    const { clock, log } = options;
    this.#options = options;
    this.#refusals = new LogLimiter(clock, log);
    this.#successes = new LogLimiter(clock, log, SUCCESSES_EVERY_MS);
  }

  stop(): void {
    this.#refusals.stop();
    this.#successes.stop();
  }

  /** Carries out one write to `path`, logs it and answers it. */
  async write(path: string, message: Incoming): Promise<void> {
    const { charger, clock } = this.#options;
    const { payload, retained, expirySeconds } = message;
    // An empty retained message only clears an earlier one: it is no write.
    if (retained && payload.byteLength === 0) return;
    const told = (receipt: Receipt) => {
      this.#log(path, receipt);
      this.answer(receipt, message);
    };
    const receipt = await charger.write({
      path,
      payload,
      retained,
      onWaiting: told,
      ...(expirySeconds === undefined ? {} : { expiresAt: clock.now() + expirySeconds * 1_000 }),
    });
    told(receipt);
  }

  /** Refuses `message` with `receipt`, without asking the charger. */
  refuse(receipt: Failed, message: Incoming): void {
    this.#log(receipt.topic, receipt);
    this.answer(receipt, message);
  }

  /** Publishes `receipt` on `bridge/response`, and on the response topic of `request` if there is one. */
  answer(receipt: Receipt, request: Incoming): void {
    const { link, prefix } = this.#options;
    const share = receipt.status === 'error' && receipt.code === 'unknown' ? UNKNOWN : receipt.topic;
    link.publish(this.#message(`${prefix}/bridge/response`, receipt, share, false));
    const { responseTopic, correlation, retained } = request;
    // A retained message comes again at each connect; its sender does not wait for an answer any more.
    if (responseTopic === undefined || retained || !this.#mayAnswer(responseTopic, correlation)) return;
    const answer = this.#message(responseTopic, receipt, responseTopic, true);
    link.publish(correlation === undefined ? answer : { ...answer, correlation });
  }

  #mayAnswer(topic: string, correlation: Uint8Array | undefined): boolean {
    const { prefix, reserved = [] } = this.#options;
    return mayAnswerTo(topic, [prefix, ...reserved]) && (correlation?.byteLength ?? 0) <= MAX_CORRELATION;
  }

  #message(topic: string, receipt: Receipt, share: string, toStranger: boolean): Message {
    const folded = (count: number) =>
      JSON.stringify({ ...receipt, folded: count, note: `${count} more answers like it found no room` });
    const answer = { share, folded, toStranger };
    return { topic, payload: JSON.stringify(receipt), qos: this.#options.qos, retain: false, answer };
  }

  #log(path: string, receipt: Receipt): void {
    const { log } = this.#options;
    if (receipt.status === 'error') {
      const kind = receipt.code === 'unknown' ? UNKNOWN : `${path} ${receipt.code}`;
      if (receipt.code === 'superseded') log.debug(`${path}: ${receipt.error}`);
      else this.#refusals.add('warn', kind, `write to ${path} refused (${receipt.code}): ${receipt.error}`);
      return;
    }
    const value = JSON.stringify(receipt.value);
    if (receipt.status === 'waiting') log.debug(`${path}: ${value} waits up to ${receipt.seconds} s`);
    else if (receipt.applied === false) {
      const what = receipt.value === null ? 'it' : value;
      const text = `${path}: the charger took ${what} without effect: ${receipt.hint}`;
      this.#refusals.add('warn', `${path} without effect`, text);
    } else {
      // An action has no value.
      const done = receipt.value === null ? 'sent' : `set to ${value}`;
      const text = `${path} ${done}${receipt.unchanged ? ', as it was' : ''}`;
      this.#successes.add('info', path, text);
    }
  }
}
