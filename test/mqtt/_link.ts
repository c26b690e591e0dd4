import type { ExecutionContext } from 'ava';
import type { Failure } from '../../src/mqtt/link.js';
import type { MqttOptions } from '../../src/mqtt/mqtt-options.js';
import type { MqttJsLink } from '../../src/mqtt/mqttjs-link.js';
import { testLink } from '../_bridge.js';
import { FakeClock, FakeLog, settle } from '../_fakes.js';
import { until } from '../_until.js';

export const WILL = { topic: 'warp/bridge/state', payload: 'offline', retain: true, qos: 1 } as const;

/** A link on a clock of the test, with everything that it tells. */
export class LinkSetup {
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly failures: Failure[] = [];
  readonly link: MqttJsLink;
  ups = 0;
  readonly #stop = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  ended = false;

  constructor(t: ExecutionContext, port: number, options: Partial<MqttOptions> = {}) {
    this.link = testLink(port, this.clock, this.log, { will: WILL, chance: () => 0, ...options });
    this.link.onDown((failure) => this.failures.push(failure));
    this.link.onUp(() => {
      this.ups += 1;
    });
    t.teardown(() => this.stop());
  }

  start(): this {
    this.#ended = this.link.run(this.#stop.signal).finally(() => {
      this.ended = true;
    });
    return this;
  }

  /** Stops the link, which says farewell. */
  async stop(): Promise<void> {
    this.abort();
    await this.passUntil(() => this.ended, 'the end', 50);
    await this.#ended;
  }

  abort(): void {
    if (this.#ended !== undefined && !this.#stop.signal.aborted) this.#stop.abort();
  }

  /** Lets time pass in steps of `ms` until the condition is true: what comes over a socket has its turn between. */
  passUntil(condition: () => boolean, what: string, ms = 100): Promise<void> {
    return until(
      async () => {
        if (condition()) return true;
        if (ms === 0) await this.clock.pass(0);
        else await this.pass(ms);
        return condition();
      },
      () => `${what}; log: ${this.log.lines.map(({ text }) => text).join(' | ')}`,
    );
  }

  /** Lets `ms` pass, with turns for what comes over the sockets: the broker of the test is in this process. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      await this.clock.pass(Math.min(left, 1_000));
      for (let turn = 0; turn < 4; turn++) await settle();
    }
  }

  /** Until the link is up, with hardly any time passing. */
  isUp(): Promise<void> {
    return this.passUntil(() => this.link.up, 'the link to come up', 1);
  }
}
