/**
 * The pings of one connection. A broker answers in order: when it answers a ping, it has already answered all packets
 * that it got before that ping.
 */
export class Pings {
  readonly #send: () => void;
  readonly #waiting: { readonly number: number; readonly then: () => void }[] = [];
  #sent = 0;
  #answered = 0;

  /** `send` sends a PINGREQ. */
  constructor(send: () => void) {
    this.#send = send;
  }

  /** Sends a ping, and calls `then` when its answer has come. */
  ask(then: () => void): void {
    this.#waiting.push({ number: this.#sent + 1, then });
    this.#send();
  }

  /** A PINGREQ was sent: by `ask`, or by the keep-alive of MQTT.js. */
  sent(): void {
    this.#sent += 1;
  }

  /** A PINGRESP has come. */
  answered(): void {
    this.#answered += 1;
    while (this.#waiting[0] && this.#waiting[0].number <= this.#answered) this.#waiting.shift()?.then();
  }
}
