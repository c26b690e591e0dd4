import { useRef } from 'preact/hooks';
import type { Text } from '../../../topics/entity.js';
import { type Live, payloadOf, stateMembers } from './live.js';
import { MqttMessage } from './mqtt-message.js';
import { type ControlWriter, useWriter } from './use-writer.js';
import { say, word } from './words.js';

/** Kinds of car to try, by the `preset` that makes them. */
const KINDS: readonly (readonly [preset: string, name: Text])[] = [
  ['three_phase_11kw', ['11 kW, three phases', '11 kW, dreiphasig']],
  ['three_phase_22kw', ['22 kW, three phases', '22 kW, dreiphasig']],
  ['one_phase_7kw', ['7.4 kW, one phase', '7,4 kW, einphasig']],
  ['slow', ['begins late', 'fängt spät an']],
  ['sleepy', ['falls asleep', 'schläft ein']],
];

/** A tag that the charger knows, and one that it does not. */
const TAGS = {
  knownTag: JSON.stringify({ tag_id: '01:23:AB:3D' }),
  strangeTag: JSON.stringify({ tag_id: 'DE:AD:BE:EF', known: false }),
} as const;

/** The world around the built-in model: the car, the button, and faults. */
export function SimulatedCar({ live }: { readonly live: Live }) {
  const writer = useWriter(live);
  const { connected, requesting, energy_wanted, preset, diode_fault } = stateMembers(
    live,
    'simulator/vehicle',
  );
  const { contactor } = stateMembers(live, 'simulator/supply');
  const { pressed } = stateMembers(live, 'simulator/button');
  const { leakage } = stateMembers(live, 'simulator/dc_sensor');
  const { shutdown } = stateMembers(live, 'simulator/inputs');
  const features = payloadOf(live, 'info/features');
  const tags = Array.isArray(features) && features.includes('nfc');
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
          value={String(preset)}
          onChange={(event) => car({ preset: event.currentTarget.value })}
        >
          {preset === 'custom' && <option value="custom">–</option>}
          {KINDS.map(([key, name]) => (
            <option key={key} value={key}>
              {say(name)}
            </option>
          ))}
        </select>
      </div>
      <div class="row">
        <ChargerButton pressed={pressed === true} writer={writer} />
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
      {tags && (
        <div class="row">
          {(['knownTag', 'strangeTag'] as const).map((name) => (
            <button key={name} type="button" onClick={() => writer.send('simulator/tag', TAGS[name])}>
              {word(name)}
            </button>
          ))}
          <MqttMessage {...writer.message('simulator/tag', TAGS.knownTag)} />
        </div>
      )}
      {leakage !== undefined && (
        <div class="row">
          <Switch
            name="leakage"
            on={leakage !== 'none'}
            turn={(on) =>
              writer.send('simulator/dc_sensor', JSON.stringify({ leakage: on ? 'dc6' : 'none' }))
            }
          />
          <Switch
            name="shutdown"
            on={shutdown === 'closed'}
            turn={(on) =>
              writer.send('simulator/inputs', JSON.stringify({ shutdown: on ? 'closed' : 'open' }))
            }
          />
        </div>
      )}
    </section>
  );
}

/** The charger's own button, which is pressed for as long as the one on the page is. */
function ChargerButton({ pressed, writer }: { readonly pressed: boolean; readonly writer: ControlWriter }) {
  const held = useRef<Promise<boolean> | undefined>(undefined);
  const press = () => {
    held.current ??= writer.send('simulator/button', '{"pressed":true}');
  };
  const release = () => {
    // Not before the press has arrived: the later one of two requests may overtake the other.
    held.current?.then(() => writer.send('simulator/button', '{"pressed":false}'));
    held.current = undefined;
  };
  const byKey = (act: () => void) => (event: KeyboardEvent) => {
    if (event.key === ' ' || event.key === 'Enter') act();
  };
  return (
    <button
      type="button"
      onPointerDown={press}
      onPointerUp={release}
      onPointerLeave={release}
      onPointerCancel={release}
      onKeyDown={byKey(press)}
      onKeyUp={byKey(release)}
      onBlur={release}
      aria-pressed={pressed}
    >
      {word('press')}
    </button>
  );
}

interface SwitchProps {
  readonly name: 'plug' | 'wants' | 'full' | 'diode' | 'leakage' | 'shutdown';
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
