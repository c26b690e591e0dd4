import type { MqttClient } from 'mqtt';
import { pause } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import type { Message } from './link.js';
import type { Outbox } from './outbox.js';

/** How long the farewell may take at a clean stop, ms. */
const FAREWELL_TIMEOUT_MS = 2_000;

/** DISCONNECT code that asks the broker for the last will (MQTT 5, 3.14.2.1). */
const WITH_WILL = 4;

/** The DISCONNECT packet of a normal end, the same in both versions (MQTT 5, 3.14). */
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

/** Ends a connection from our side, with or without the last will, after everything published has been sent. */
export class MqttJsFarewell {
  readonly #options: FarewellOptions;
  #hasBegun = false;

  constructor(options: FarewellOptions) {
    this.#options = options;
  }

  /** Whether the end has begun: a message that comes from now on could not be answered any more. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * Ends the connection, with the will as our last message if the broker has accepted the connection, else at once. If
   * the broker does not accept that message from us, it is asked to send the will itself.
   */
  async say(): Promise<void> {
    const { clock, will, client, cut } = this.#options;
    const outbox = this.#options.outbox();
    this.#hasBegun = true;
    if (!outbox) return cut();
    this.#cutInTime();
    // Writes that are given up are answered in this turn of the event loop: those answers must still go out.
    await pause(clock, 0, new AbortController().signal);
    if (this.#options.outbox() !== outbox) return;
    const isTaken = !will || (await outbox.last(will));
    const reason = isTaken ? {} : { reasonCode: WITH_WILL };
    // While a packet is unacknowledged, end() would wait on the machine's clock, not on ours.
    const endIfIdle = () => {
      if (Object.keys(client.outgoing).length === 0) client.end(false, reason);
    };
    client.on('packetreceive', () => queueMicrotask(endIfIdle));
    endIfIdle();
  }

  /** Ends the connection without the will. Nothing is received or sent any more. */
  leave(): void {
    const { client, cut } = this.#options;
    const outbox = this.#options.outbox();
    this.#hasBegun = true;
    this.#cutInTime();
    outbox?.flush();
    outbox?.close();
    // end() would wait for acknowledgements; if the time limit then cut the connection, the broker would send the will.
    client.stream.write(DISCONNECT, () => cut());
  }

  #cutInTime(): void {
    const { clock, ended, cut } = this.#options;
    const cancel = clock.after(FAREWELL_TIMEOUT_MS, cut);
    void ended.then(cancel);
  }
}
