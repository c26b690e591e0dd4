import { useEffect, useState } from 'preact/hooks';
import type { CheckStep, ConnectionView } from '../page-protocol.js';
import type { Live } from './live.js';
import { runCheck } from './requests.js';
import { asDuration, word } from './words.js';

/** The connections to charger and broker, and a button that checks both. */
export function Connections({ live }: { readonly live: Live }) {
  const [steps, setSteps] = useState<readonly CheckStep[]>();
  const [running, setRunning] = useState(false);
  const run = async () => {
    setRunning(true);
    setSteps([]);
    await runCheck((step) => setSteps((before) => [...(before ?? []), step])).catch((error) =>
      setSteps((before) => [...(before ?? []), { result: 'FAIL', text: String(error) }]),
    );
    setRunning(false);
  };
  return (
    <section class="card" aria-labelledby="connections">
      <h2 id="connections">{word('connections')}</h2>
      <dl class="connections">
        <Connection name={word('charger')} view={live.charger} toldAt={live.toldAt} />
        <Connection name={word('broker')} view={live.broker} toldAt={live.toldAt} />
      </dl>
      <button type="button" onClick={run} disabled={running}>
        {word(running ? 'checking' : 'check')}
      </button>
      {steps && (
        <ul class="steps" aria-live="polite">
          {steps.map((step) => (
            <li key={step.text} class={step.result === 'FAIL' ? 'bad' : step.result}>
              {step.text}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface ConnectionProps {
  readonly name: string;
  readonly view: ConnectionView;
  readonly toldAt: number;
}

function Connection({ name, view, toldAt }: ConnectionProps) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const since = asDuration(view.sinceMs + now - toldAt);
  return (
    <div class={view.up ? 'ok' : 'bad'}>
      <dt>{name}</dt>
      <dd>
        {word(view.up ? 'reached' : 'away')} {since}
        {view.detail !== '' && ` (${view.detail})`}
      </dd>
    </div>
  );
}
