import { useState } from 'preact/hooks';
import type { Live } from './live.js';
import type { Message } from './mqtt-message.js';
import { write } from './requests.js';
import { clockTime, word } from './words.js';

/** Writes to one charger and keeps what went wrong, for the person to read. */
export interface ControlWriter {
  /** With the time, for it stands there until the next write. */
  readonly fault: string | undefined;
  /** Whether the charger took it. */
  send(path: string, payload: string): Promise<boolean>;
  /** The same as a message. */
  message(path: string, payload: string): Message;
}

export function useWriter(live: Live): ControlWriter {
  const [fault, setFault] = useState<{ readonly text: string }>();
  const tell = (text: string | undefined) =>
    // A new object each time: a control that was moved goes back also where the same fault comes again.
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
