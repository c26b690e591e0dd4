import { type Ending, NoAnswerToConnect, SaidByBroker } from './connect-errors.js';

/** So many connections end without a reason before 3.1.1 is tried: at one, a broker or proxy may just be starting. */
const ENDINGS_WITHOUT_A_WORD = 2;

const UNSUPPORTED_VERSION = 132;

/** How long a connection may take until the broker has accepted it, ms; the shorter time if it was silent before. */
const CONNECT_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_AFTER_SILENCE_MS = 5_000;

/**
 * Chooses the version of MQTT for the next connection (contract 2). 3.1.1 is second best: it has no response topics,
 * and less protection from retained writes. So it is used only if the broker refuses 5 with a reason code, or if 5 has
 * never worked and the broker closes the connection or stays silent. Once 5 has worked, 3.1.1 is not used any more. A
 * broker that is just starting is silent, too: so when it has accepted 3.1.1 after silence, 5 is tried once more.
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

  /** Why the version is not the one that the settings want, as the end of a log line; else empty. */
  get note(): string {
    return this.#version === this.#wanted ? '' : this.#why;
  }

  /** The broker has accepted a connection. Returns whether to end it and to try 5 once more. */
  accepted(): boolean {
    if (this.#version === 5) {
      this.#worked5 = true;
      return false;
    }
    // The broker speaks 3.1.1: from now on one silent try of 5 before each connection is enough.
    this.#enough = 1;
    return this.#isInDoubt;
  }

  /** Takes note of how a connection ended. Returns whether to try again at once, with another version. */
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
    // A reason code is certain. Silence is not, the first time: so 5 is tried again after 3.1.1 was accepted.
    this.#isInDoubt = isSilence && this.#enough > 1;
    this.#why = `, ${why}`;
    return true;
  }
}

/** Whether something accepted the TCP connection and then ended it, or stayed silent, without a reason code. */
function isWithoutAWord(error: Ending['error']): boolean {
  return error === undefined || error instanceof NoAnswerToConnect || error.code === 'ECONNRESET';
}
