/**
 * The pings of one connection. A broker answers in order: what it has to say to what came before a ping, it says
 * before it answers the ping.
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

  /** Sends one, and calls `then` when its answer has come. */
  ask(then: () => void): void {
    this.#waiting.push({ number: this.#sent + 1, then });
    this.#send();
  }

  /** A PINGREQ has gone out, whoever wanted it. */
  sent(): void {
    this.#sent += 1;
  }

  /** A PINGRESP has come. */
  answered(): void {
    this.#answered += 1;
    while (this.#waiting[0] && this.#waiting[0].number <= this.#answered) this.#waiting.shift()?.then();
  }
}
