import { useRef } from 'preact/hooks';
import { type Live, stateMembers } from './live.js';
import { asAmperes, asKilowattHours, asKilowatts, say, word } from './words.js';

/** The diagnosis: what the charger does, why, and what helps. Below it are the figures. */
export function Headline({ live }: { readonly live: Live }) {
  const { diagnosis, notice } = live;
  const spoken = useSpoken(live);
  const title = live.chargers.find((one) => one.prefix === live.prefix)?.title ?? live.prefix;
  return (
    <section class={`card headline ${diagnosis.kind}`} aria-labelledby="charger-title">
      <h2 id="charger-title">
        {title}
        {live.simulated && <span class="badge">{word('simulated')}</span>}
      </h2>
      <p class="visually-hidden" role="status">
        {spoken}
      </p>
      <p class="why">{say(diagnosis.text)}</p>
      {diagnosis.remedy && <p class="remedy">{say(diagnosis.remedy)}</p>}
      <div role="status">
        {notice && (
          <p class="notice">
            {say(notice.text)} {notice.remedy && say(notice.remedy)}
          </p>
        )}
      </div>
      <Figures live={live} />
    </section>
  );
}

/** The text for screen readers. While a car charges, it leaves out the power, which changes every few seconds. */
function useSpoken({ diagnosis }: Live): string {
  const { kind, text, remedy } = diagnosis;
  const last = useRef({ kind, text });
  if (kind !== 'charging' || last.current.kind !== kind) last.current = { kind, text };
  return [last.current.text, ...(remedy ? [remedy] : [])].map(say).join(' ');
}

function Figures({ live }: { readonly live: Live }) {
  const { power, energy_abs: counter } = stateMembers(live, 'meter/values');
  const { allowed_charging_current: allowed } = stateMembers(live, 'evse/state');
  // While the charger is offline its last values may be wrong.
  const isNow = live.charger.up;
  const charge = chargeOf(live);
  return (
    <dl class="figures">
      {isNow && typeof power === 'number' && <Figure name={word('power')} value={asKilowatts(power)} />}
      {isNow && typeof allowed === 'number' && (
        <Figure name={word('allowed')} value={asAmperes(allowed / 1_000)} />
      )}
      {charge && (
        <Figure
          name={word(charge.isRunning ? 'energy' : 'lastEnergy')}
          value={asKilowattHours(charge.energy)}
        />
      )}
      {typeof counter === 'number' && <Figure name={word('meter')} value={asKilowattHours(counter)} />}
    </dl>
  );
}

/** The energy of the present charge, or of the last one, kWh; undefined if it is not known. */
function chargeOf(live: Live): { readonly energy: number; readonly isRunning: boolean } | undefined {
  const { energy_abs: counter } = stateMembers(live, 'meter/values');
  const { energy, end, meter_start: start } = stateMembers(live, 'bridge/session');
  const told = typeof energy === 'number' ? energy / 1_000 : undefined;
  if (end !== null) return told === undefined ? undefined : { energy: told, isRunning: false };
  // A running session is published only every half minute; the meter is more recent.
  const now = typeof counter === 'number' && typeof start === 'number' ? counter - start / 1_000 : undefined;
  if (told === undefined && now === undefined) return undefined;
  return { energy: Math.max(told ?? 0, now ?? 0), isRunning: true };
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
