import type { Text } from '../../../topics/entity.js';
import { type Live, stateMembers } from './live.js';
import { MqttMessage } from './mqtt-message.js';
import { useWriter } from './use-writer.js';
import { say, word } from './words.js';

/** Kinds of car to try; what is named here is what they differ in. */
const KINDS: readonly { readonly name: Text; readonly phases: number; readonly max_current: number }[] = [
  { name: ['11 kW, three phases', '11 kW, dreiphasig'], phases: 3, max_current: 16_000 },
  { name: ['22 kW, three phases', '22 kW, dreiphasig'], phases: 3, max_current: 32_000 },
  { name: ['7.4 kW, one phase', '7,4 kW, einphasig'], phases: 1, max_current: 32_000 },
  { name: ['3.7 kW, one phase', '3,7 kW, einphasig'], phases: 1, max_current: 16_000 },
];

/** The world around the built-in model: the car, the button, and faults. */
export function SimulatedCar({ live }: { readonly live: Live }) {
  const writer = useWriter(live);
  const { connected, requesting, energy_wanted, phases, max_current, diode_fault } = stateMembers(
    live,
    'simulator/vehicle',
  );
  const { contactor } = stateMembers(live, 'simulator/supply');
  const { pressed } = stateMembers(live, 'simulator/button');
  const kind = KINDS.findIndex((one) => one.phases === phases && one.max_current === max_current);
  const car = (change: object) => writer.send('simulator/vehicle', JSON.stringify(change));
  const plug = JSON.stringify({ connected: !connected });
  return (
    <section class="card" aria-labelledby="car">
      <h2 id="car">{word('car')}</h2>
      {writer.fault !== undefined && (
        <p class="problem" role="alert">
          {writer.fault}
        </p>
      )}
      <div class="row">
        <Switch name="plug" on={connected === true} turn={(on) => car({ connected: on })} />
        <MqttMessage {...writer.message('simulator/vehicle', plug)} />
      </div>
      <div class="row">
        <Switch name="wants" on={requesting === true} turn={(on) => car({ requesting: on })} />
        <Switch name="full" on={energy_wanted === 0} turn={(on) => car({ energy_wanted: on ? 0 : null })} />
      </div>
      <div class="control">
        <label for="kind">{word('kind')}</label>
        <select
          id="kind"
          value={String(kind)}
          onChange={(event) => {
            const chosen = KINDS[Number(event.currentTarget.value)];
            if (chosen) car({ phases: chosen.phases, max_current: chosen.max_current });
          }}
        >
          {kind < 0 && <option value="-1">–</option>}
          {KINDS.map((one, index) => (
            <option key={one.name[0]} value={String(index)}>
              {say(one.name)}
            </option>
          ))}
        </select>
      </div>
      <div class="row">
        <button
          type="button"
          onPointerDown={() => writer.send('simulator/button', '{"pressed":true}')}
          onPointerUp={() => writer.send('simulator/button', '{"pressed":false}')}
          onPointerCancel={() => writer.send('simulator/button', '{"pressed":false}')}
          onKeyDown={(event) => {
            if (!event.repeat && (event.key === ' ' || event.key === 'Enter'))
              writer.send('simulator/button', '{"pressed":true}');
          }}
          onKeyUp={() => writer.send('simulator/button', '{"pressed":false}')}
          aria-pressed={pressed === true}
        >
          {word('press')}
        </button>
        <Switch name="diode" on={diode_fault === true} turn={(on) => car({ diode_fault: on })} />
      </div>
      <div class="control">
        <label for="contactor">{word('contactor')}</label>
        <select
          id="contactor"
          value={String(contactor)}
          onChange={(event) =>
            writer.send('simulator/supply', JSON.stringify({ contactor: event.currentTarget.value }))
          }
        >
          <option value="ok">{word('contactorOk')}</option>
          <option value="stuck_open">{word('contactorOpen')}</option>
          <option value="welded">{word('contactorWelded')}</option>
        </select>
      </div>
    </section>
  );
}

interface SwitchProps {
  readonly name: 'plug' | 'wants' | 'full' | 'diode';
  readonly on: boolean;
  readonly turn: (on: boolean) => void;
}

function Switch({ name, on, turn }: SwitchProps) {
  return (
    <label class="switch">
      <input type="checkbox" checked={on} onChange={(event) => turn(event.currentTarget.checked)} />
      {word(name)}
    </label>
  );
}
