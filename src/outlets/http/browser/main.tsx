import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Connections } from './connections.js';
import { Controls } from './controls.js';
import { Headline } from './headline.js';
import { useLive } from './live.js';
import { Plot } from './plot.js';
import { SimulatedCar } from './simulated-car.js';
import { Topics } from './topics.js';
import { language, word } from './words.js';
import { Writes } from './writes.js';

document.documentElement.lang = language;

function Page() {
  const [prefix, setPrefix] = useState<string>();
  const { live, waiting } = useLive(prefix, () => setPrefix(undefined));
  useEffect(() => {
    const shown = live?.chargers.find((one) => one.prefix === live.prefix);
    if (shown) document.title = `${shown.title} – EVSE MQTT bridge`;
  }, [live]);
  if (!live) return <p class="connecting">{word(waiting)}</p>;
  return (
    <>
      <header>
        <h1>EVSE MQTT bridge</h1>
        {live.chargers.length > 1 && (
          <nav aria-label={word('chargers')}>
            {live.chargers.map((one) => (
              <button
                type="button"
                key={one.prefix}
                class={`tab ${one.kind}`}
                aria-current={one.prefix === live.prefix ? 'page' : undefined}
                onClick={() => setPrefix(one.prefix)}
              >
                {one.title}
              </button>
            ))}
          </nav>
        )}
        <span class="version">
          {live.prefix} · {live.version}
        </span>
      </header>
      <main>
        {!live.fresh && (
          <p class="card fault" role="alert">
            {word('lost')}
          </p>
        )}
        <Headline key={`headline ${live.prefix}`} live={live} />
        <Plot live={live} />
        <Controls key={`controls ${live.prefix}`} live={live} />
        {live.states['simulator/vehicle'] !== undefined && <SimulatedCar live={live} />}
        <Connections key={`connections ${live.prefix}`} live={live} />
        <Writes live={live} />
        <Topics key={`topics ${live.prefix}`} live={live} />
      </main>
    </>
  );
}

const root = document.getElementById('page');
if (root) render(<Page />, root);
