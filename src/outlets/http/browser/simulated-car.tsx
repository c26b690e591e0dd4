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

/** The controls for the world around the built-in model: the car, the button, and faults. */
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
  const car = (name: SwitchProps['name'], on: boolean, change: (on: boolean) => object) => (
    <Switch
      name={name}
      on={on}
      path="simulator/vehicle"
      payload={(next) => JSON.stringify(change(next))}
      writer={writer}
    />
  );
  const presetOf = (key: string) => JSON.stringify({ preset: key });
  const contactorOf = (state: string) => JSON.stringify({ contactor: state });
  return (
    <section class="card" aria-labelledby="car">
      <h2 id="car">{word('car')}</h2>
      {writer.fault !== undefined && (
        <p class="problem" role="alert">
          {writer.fault}
        </p>
      )}
      {car('plug', connected === true, (on) => ({ connected: on }))}
      {car('wants', requesting === true, (on) => ({ requesting: on }))}
      {car('full', energy_wanted === 0, (on) => ({ energy_wanted: on ? 0 : null }))}
      <div class="control">
        <label for="kind">{word('kind')}</label>
        <div class="row">
          <select
            id="kind"
            value={String(preset)}
            onChange={(event) => writer.send('simulator/vehicle', presetOf(event.currentTarget.value))}
          >
            {preset === 'custom' && <option value="custom">–</option>}
            {KINDS.map(([key, name]) => (
              <option key={key} value={key}>
                {say(name)}
              </option>
            ))}
          </select>
          <MqttMessage {...writer.message('simulator/vehicle', presetOf(String(preset)))} />
        </div>
      </div>
      <div class="row">
        <ChargerButton pressed={pressed === true} writer={writer} />
        <MqttMessage {...writer.message('simulator/button', '{"pressed":true}')} />
      </div>
      {car('diode', diode_fault === true, (on) => ({ diode_fault: on }))}
      <div class="control">
        <label for="contactor">{word('contactor')}</label>
        <div class="row">
          <select
            id="contactor"
            value={String(contactor)}
            onChange={(event) => writer.send('simulator/supply', contactorOf(event.currentTarget.value))}
          >
            <option value="ok">{word('contactorOk')}</option>
            <option value="stuck_open">{word('contactorOpen')}</option>
            <option value="welded">{word('contactorWelded')}</option>
          </select>
          <MqttMessage {...writer.message('simulator/supply', contactorOf(String(contactor)))} />
        </div>
      </div>
      {tags &&
        (['knownTag', 'strangeTag'] as const).map((name) => (
          <div class="row" key={name}>
            <button type="button" onClick={() => writer.send('simulator/tag', TAGS[name])}>
              {word(name)}
            </button>
            <MqttMessage {...writer.message('simulator/tag', TAGS[name])} />
          </div>
        ))}
      {leakage !== undefined && (
        <>
          <Switch
            name="leakage"
            on={leakage !== 'none'}
            path="simulator/dc_sensor"
            payload={(on) => JSON.stringify({ leakage: on ? 'dc6' : 'none' })}
            writer={writer}
          />
          <Switch
            name="shutdown"
            on={shutdown === 'closed'}
            path="simulator/inputs"
            payload={(on) => JSON.stringify({ shutdown: on ? 'closed' : 'open' })}
            writer={writer}
          />
        </>
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
    // The release is sent only when the press has arrived: otherwise it could overtake the press.
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
  readonly path: string;
  /** What is written to switch it on or off. */
  readonly payload: (on: boolean) => string;
  readonly writer: ControlWriter;
}

function Switch({ name, on, path, payload, writer }: SwitchProps) {
  return (
    <div class="row">
      <label class="switch">
        <input
          type="checkbox"
          checked={on}
          onChange={(event) => writer.send(path, payload(event.currentTarget.checked))}
        />
        {word(name)}
      </label>
      <MqttMessage {...writer.message(path, payload(!on))} />
    </div>
  );
}
