import type { MqttClient } from 'mqtt';
import { pause } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import type { Message } from './link.js';
import type { Outbox } from './outbox.js';

/** How long the farewell may take at a clean stop, ms. */
const FAREWELL_TIMEOUT_MS = 2_000;

/** DISCONNECT code that asks the broker for the last will (MQTT 5, 3.14.2.1). */
const WITH_WILL = 4;

/** The packet of a client that leaves as it wants, in each version (MQTT 5, 3.14). */
const DISCONNECT = Buffer.from([0xe0, 0]);

export interface FarewellOptions {
  readonly clock: Clock;
  readonly will: Message | undefined;
  readonly client: MqttClient;
  /** Sends what is published; undefined while the broker has not accepted us, and after the end. */
  readonly outbox: () => Outbox | undefined;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<unknown>;
  /** Closes the connection at once. */
  readonly cut: () => void;
}

/** How this side ends a connection: the broker first gets what was published, and sends the will or does not. */
export class MqttJsFarewell {
  readonly #options: FarewellOptions;
  #hasBegun = false;

  constructor(options: FarewellOptions) {
    this.#options = options;
  }

  /** What is received from then on could not be answered any more. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * Ends the connection: with the will as the last message if the broker has accepted us, else at once. What the broker
   * does not take from us it is asked to send itself.
   */
  async say(): Promise<void> {
    const { clock, will, client, cut } = this.#options;
    const outbox = this.#options.outbox();
    this.#hasBegun = true;
    if (!outbox) return cut();
    this.#cutInTime();
    // The answers to writes that are given up are made in this turn.
    await pause(clock, 0, new AbortController().signal);
    if (this.#options.outbox() !== outbox) return;
    const isTaken = !will || (await outbox.last(will));
    const reason = isTaken ? {} : { reasonCode: WITH_WILL };
    // With something unacknowledged end() waits a little longer, by the machine's clock.
    const endIfIdle = () => {
      if (Object.keys(client.outgoing).length === 0) client.end(false, reason);
    };
    client.on('packetreceive', () => queueMicrotask(endIfIdle));
    endIfIdle();
  }

  /** Takes nothing more, and ends the connection without the will. */
  leave(): void {
    const { client, cut } = this.#options;
    const outbox = this.#options.outbox();
    this.#hasBegun = true;
    this.#cutInTime();
    outbox?.flush();
    outbox?.close();
    // end() would wait for acknowledgements, and its end by the time limit would bring the will.
    client.stream.write(DISCONNECT, () => cut());
  }

  #cutInTime(): void {
    const { clock, ended, cut } = this.#options;
    const cancel = clock.after(FAREWELL_TIMEOUT_MS, cut);
    void ended.then(cancel);
  }
}
