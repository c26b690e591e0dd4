import { type Ending, NoAnswerToConnect, SaidByBroker } from './connect-errors.js';

/** Connections that end without a word before 3.1.1 is tried: one may be a broker or a proxy that is just starting. */
const ENDINGS_WITHOUT_A_WORD = 2;

const UNSUPPORTED_VERSION = 132;

/** How long a connection may take until the broker has accepted it, ms; the shorter time where it was silent before. */
const CONNECT_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_AFTER_SILENCE_MS = 5_000;

/**
 * Which version of MQTT the next connection speaks (contract 2). 3.1.1 is second best: it loses answers on response
 * topics and the protection from retained writes. So it is spoken only where the broker refuses 5 in words, or
 * where 5 never worked and the broker closes or stays silent; and never again once 5 has worked. A broker that is just
 * starting does that too: so when it takes 3.1.1 at last, it is asked for 5 once more.
 */
export class ProtocolChoice {
  readonly #wanted: 4 | 5;
  #version: 4 | 5;
  #worked5 = false;
  #withoutAWord = 0;
  #enough = ENDINGS_WITHOUT_A_WORD;
  #isInDoubt = false;
  #why = '';

  constructor(wanted: 4 | 5) {
    this.#wanted = wanted;
    this.#version = wanted;
  }

  get version(): 4 | 5 {
    return this.#version;
  }

  get connectTimeoutMs(): number {
    return (this.#withoutAWord > 0 || this.#enough === 1) && this.#version === 5
      ? CONNECT_TIMEOUT_AFTER_SILENCE_MS
      : CONNECT_TIMEOUT_MS;
  }

  /** What to say of a connection in the version chosen now: nothing if it is the wanted one. */
  get note(): string {
    return this.#version === this.#wanted ? '' : this.#why;
  }

  /** The broker has accepted a connection; says whether to end it and to try 5 once more. */
  accepted(): boolean {
    if (this.#version === 5) {
      this.#worked5 = true;
      return false;
    }
    // From now on one try of 5 at each connection will do.
    this.#enough = 1;
    return this.#isInDoubt;
  }

  /** Takes note of how a connection ended; says whether to try again at once, with another version. */
  ended({ accepted, error }: Ending): boolean {
    if (this.#wanted === 4) return false;
    if (accepted || this.#version === 4) {
      const triesAgain = accepted && this.#isInDoubt;
      this.#version = 5;
      this.#withoutAWord = 0;
      this.#isInDoubt = false;
      return triesAgain;
    }
    if (this.#worked5) return false;
    if (error instanceof SaidByBroker && error.code === UNSUPPORTED_VERSION) {
      return this.#fallBack('the broker does not speak MQTT 5', false);
    }
    if (!isWithoutAWord(error)) return false;
    this.#withoutAWord += 1;
    return this.#withoutAWord >= this.#enough && this.#fallBack('the broker did not answer MQTT 5', true);
  }

  #fallBack(why: string, isSilence: boolean): true {
    this.#version = 4;
    // One word is enough; silence, the first time, is not.
    this.#isInDoubt = isSilence && this.#enough > 1;
    this.#why = `, ${why}`;
    return true;
  }
}

/** Whether there was a broker, or something in its place, that took the connection and said nothing. */
function isWithoutAWord(error: Ending['error']): boolean {
  return error === undefined || error instanceof NoAnswerToConnect || error.code === 'ECONNRESET';
}
