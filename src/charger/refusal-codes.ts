import type { RefusalCode } from '../base/errors.js';

/** What a refusal means, and what its sender can do. */
export interface RefusalText {
  readonly meaning: string;
  readonly remedy: string;
}

/** Every code of an answer of status `error` (contract 4.8). */
export const refusalTexts: Readonly<Record<RefusalCode, RefusalText>> = {
  invalid: {
    meaning: 'The value is not valid for this topic.',
    remedy: 'The text says what is expected. Currents are in mA: 16 A is 16000.',
  },
  retained: {
    meaning: 'The message has the retain flag, so nobody knows how old it is.',
    remedy:
      'Publish without the flag. To remove the old message from the broker, publish an empty retained one to the same topic.',
  },
  unknown: {
    meaning: 'There is no such topic, this charger does not have it, or it can only be read.',
    remedy: 'The text names the topic that was probably meant. docs/topics.md lists all.',
  },
  read_only: { meaning: 'The bridge refuses every write.', remedy: 'Remove READ_ONLY.' },
  denied: { meaning: 'This topic may not be written.', remedy: 'Add it to WRITABLE_TOPICS.' },
  offline: {
    meaning: 'The charger does not answer. Nothing is kept for later.',
    remedy: 'The text says why; so do bridge/info and the log. Send it again when bridge/charger is online.',
  },
  rejected: {
    meaning: 'The charger refused it.',
    remedy: 'The text has the reason in the words of the charger.',
  },
  superseded: {
    meaning: 'A newer value for the same topic arrived before this one was sent.',
    remedy: 'Nothing. The newer one gets its own answer.',
  },
  expired: {
    meaning: 'It could not be sent within 15 s, or within its MQTT 5 message expiry.',
    remedy: "Find out who writes so much, or why the charger's network is slow.",
  },
  too_large: { meaning: 'It has more than 10 240 bytes.', remedy: 'No charger takes so much.' },
};
