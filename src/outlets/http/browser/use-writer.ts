import { useState } from 'preact/hooks';
import type { Live } from './live.js';
import type { Message } from './mqtt-message.js';
import { write } from './requests.js';
import { word } from './words.js';

/** Writes to one charger and keeps what went wrong, for the person to read. */
export interface ControlWriter {
  readonly fault: string | undefined;
  /** Whether the charger took it. */
  send(path: string, payload: string): Promise<boolean>;
  /** The same as a message. */
  message(path: string, payload: string): Message;
}

export function useWriter(live: Live): ControlWriter {
  const [fault, setFault] = useState<string>();
  return {
    fault,
    async send(path, payload) {
      const receipt = await write({ prefix: live.prefix, path, payload });
      const refused = receipt.status === 'error' || receipt.applied === false;
      if (refused) setFault(`${word('failed')} ${receipt.error ?? receipt.hint ?? ''}`);
      else setFault(receipt.status === 'waiting' ? receipt.hint : undefined);
      return !refused;
    },
    message: (path, payload) => ({ topic: `${live.prefix}/${path}_update`, payload }),
  };
}
