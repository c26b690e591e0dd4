import { useEffect, useRef, useState } from 'preact/hooks';
import { type Live, payloadOf, stateMembers } from './live.js';
import { MqttMessage } from './mqtt-message.js';
import { type ControlWriter, useWriter } from './use-writer.js';
import { asAmperes, chargeModeNames, say, word } from './words.js';

/** The controls for the owner, each with the MQTT message that does the same. */
export function Controls({ live }: { readonly live: Live }) {
  const writer = useWriter(live);
  const supported = payloadOf(live, 'evse/supported_charge_modes');
  const { phases_wanted: phases } = stateMembers(live, 'power_manager/external_control');
  const { external_control: switching } = stateMembers(live, 'power_manager/state');
  return (
    <section class="card" aria-labelledby="control">
      <h2 id="control">{word('control')}</h2>
      {live.readOnly && <p class="notice">{word('readOnly')}</p>}
      {writer.fault !== undefined && (
        <p class="problem" role="alert">
          {writer.fault}
        </p>
      )}
      <Current live={live} writer={writer} />
      <div class="control">
        <div class="row">
          <button type="button" class="primary" onClick={() => writer.send('evse/start_charging', 'null')}>
            {word('start')}
          </button>
          <MqttMessage {...writer.message('evse/start_charging', 'null')} />
        </div>
        <div class="row">
          <button type="button" onClick={() => writer.send('evse/stop_charging', 'null')}>
            {word('stop')}
          </button>
          <MqttMessage {...writer.message('evse/stop_charging', 'null')} />
        </div>
        {live.states['evse/control_pilot_disconnect'] !== undefined && (
          <div class="row">
            <button type="button" onClick={() => writer.send('bridge/wake_vehicle', 'null')}>
              {word('wake')}
            </button>
            <MqttMessage {...writer.message('bridge/wake_vehicle', 'null')} />
          </div>
        )}
      </div>
      {Array.isArray(supported) && supported.length > 0 && (
        <Mode live={live} writer={writer} supported={supported} />
      )}
      {typeof phases === 'number' && typeof switching === 'number' && switching !== 1 && (
        <Phases phases={phases} writer={writer} />
      )}
    </section>
  );
}

interface ControlProps {
  readonly live: Live;
  readonly writer: ControlWriter;
}

/** The value of the slider is sent when it has not moved for so long, ms. */
const SETTLED_MS = 400;

function Current({ live, writer }: ControlProps) {
  const { current } = stateMembers(live, 'evse/external_current');
  const shown = typeof current === 'number' ? current / 1_000 : undefined;
  const [wanted, setWanted] = useState<number>();
  const moving = useRef(false);
  const sent = useRef<number | undefined>(undefined);
  // The slider follows the reported value, whoever set it, but not older values while its own is on the way.
  useEffect(() => {
    if (moving.current || (sent.current !== undefined && sent.current !== shown)) return;
    setWanted(undefined);
  }, [shown]);
  const value = wanted ?? Math.round(shown ?? 0);
  // There is no current between 0 and 6 A (IEC 61851-1).
  const allowed = value > 0 && value < 6 ? (value < 3 ? 0 : 6) : value;
  const payload = String(allowed * 1_000);
  useEffect(() => {
    if (wanted === undefined) return;
    moving.current = true;
    const timer = setTimeout(async () => {
      moving.current = false;
      sent.current = allowed;
      const taken = await writer.send('evse/external_current', payload);
      if (sent.current === allowed) sent.current = undefined;
      if (!taken && !moving.current) setWanted(undefined);
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  if (shown === undefined) return null;
  return (
    <div class="control">
      <label for="current">
        {word('current')}:{' '}
        <output for="current">{allowed === 0 ? word('blockedCurrent') : asAmperes(allowed)}</output>
      </label>
      <div class="row">
        <input
          id="current"
          type="range"
          min="0"
          max="32"
          step="1"
          value={value}
          aria-valuetext={asAmperes(allowed)}
          onInput={(event) => setWanted(Number(event.currentTarget.value))}
        />
        <MqttMessage {...writer.message('evse/external_current', payload)} />
      </div>
    </div>
  );
}

function Mode({ live, writer, supported }: ControlProps & { readonly supported: readonly unknown[] }) {
  const { mode } = stateMembers(live, 'evse/charge_mode');
  const codes = supported.filter((code) => typeof code === 'number');
  return (
    <div class="control">
      <label for="mode">{word('mode')}</label>
      <div class="row">
        <select
          id="mode"
          value={typeof mode === 'number' ? String(mode) : ''}
          onChange={(event) => writer.send('evse/charge_mode', event.currentTarget.value)}
        >
          {codes.map((code) => (
            <option key={code} value={String(code)}>
              {say(chargeModeNames[code] ?? [`${code}`, `${code}`])}
            </option>
          ))}
        </select>
        <MqttMessage {...writer.message('evse/charge_mode', typeof mode === 'number' ? String(mode) : '0')} />
      </div>
    </div>
  );
}

function Phases({ phases, writer }: { readonly phases: number; readonly writer: ControlWriter }) {
  return (
    <div class="control">
      <label for="phases">{word('phases')}</label>
      <div class="row">
        <select
          id="phases"
          value={String(phases)}
          onChange={(event) => writer.send('power_manager/external_control', event.currentTarget.value)}
        >
          <option value="1">1</option>
          <option value="3">3</option>
        </select>
        <MqttMessage {...writer.message('power_manager/external_control', String(phases))} />
      </div>
    </div>
  );
}
