import { useState } from 'preact/hooks';
import { word } from './words.js';

export interface Message {
  /** The whole topic. */
  readonly topic: string;
  readonly payload: string;
}

/** The MQTT message that does the same as the control beside it. */
export function MqttMessage({ topic, payload }: Message) {
  const [copied, setCopied] = useState(false);
  const command = `mosquitto_pub -t '${topic}' -m '${payload}'`;
  const copy = async () => {
    await navigator.clipboard?.writeText(command);
    setCopied(true);
  };
  return (
    <details class="message">
      <summary>{word('message')}</summary>
      <dl>
        <dt>{word('topic')}</dt>
        <dd>
          <code>{topic}</code>
        </dd>
        <dt>{word('payload')}</dt>
        <dd>
          <code>{payload}</code>
        </dd>
      </dl>
      <button type="button" onClick={copy} onBlur={() => setCopied(false)} title={command}>
        <span aria-live="polite">{word(copied ? 'copied' : 'copy')}</span>
      </button>
    </details>
  );
}
