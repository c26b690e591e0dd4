import { useState } from 'preact/hooks';
import type { Live } from './live.js';
import type { Message } from './mqtt-message.js';
import { write } from './requests.js';
import { word } from './words.js';

/** Writes to one charger and keeps what went wrong, for the person to read. */
export interface ControlWriter {
  readonly fault: string | undefined;
  send(path: string, payload: string): Promise<void>;
  /** The same as a message. */
  message(path: string, payload: string): Message;
}

export function useWriter(live: Live): ControlWriter {
  const [fault, setFault] = useState<string>();
  return {
    fault,
    async send(path, payload) {
      const receipt = await write({ prefix: live.prefix, path, payload });
      if (receipt.status === 'error') setFault(`${word('failed')} ${receipt.error ?? ''}`);
      else if (receipt.status === 'waiting') setFault(receipt.hint);
      else if (receipt.applied === false) setFault(`${word('failed')} ${receipt.hint ?? ''}`);
      else setFault(undefined);
    },
    message: (path, payload) => ({ topic: `${live.prefix}/${path}_update`, payload }),
  };
}
