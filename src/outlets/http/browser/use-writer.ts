import { useState } from 'preact/hooks';
import type { Live } from './live.js';
import type { Message } from './mqtt-message.js';
import { write } from './requests.js';
import { clockTime, word } from './words.js';

/** Writes to one charger, and keeps the last fault for people to read. */
export interface ControlWriter {
  /** The fault of the last write, with the time, because it stays until the next write. */
  readonly fault: string | undefined;
  /** Writes; resolves to whether the charger accepted it, and it had an effect. */
  send(path: string, payload: string): Promise<boolean>;
  /** The MQTT message that does the same. */
  message(path: string, payload: string): Message;
}

export function useWriter(live: Live): ControlWriter {
  const [fault, setFault] = useState<{ readonly text: string }>();
  const tell = (text: string | undefined) =>
    // A new object each time, so that a control goes back to the real state also if the same fault comes again.
    setFault(text === undefined ? undefined : { text: `${clockTime(Date.now())} ${text}` });
  return {
    fault: fault?.text,
    async send(path, payload) {
      const receipt = await write({ prefix: live.prefix, path, payload });
      const refused = receipt.status === 'error' || receipt.applied === false;
      if (refused) tell(`${word('failed')} ${receipt.error ?? receipt.hint ?? ''}`);
      else tell(receipt.status === 'waiting' ? receipt.hint : undefined);
      return !refused;
    },
    message: (path, payload) => ({ topic: `${live.prefix}/${path}_update`, payload }),
  };
}
