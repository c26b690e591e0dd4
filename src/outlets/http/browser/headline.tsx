import { type Live, stateMembers } from './live.js';
import { asAmperes, asKilowattHours, asKilowatts, say, word } from './words.js';

/** What the charger does, why, and what helps; then the figures. */
export function Headline({ live }: { readonly live: Live }) {
  const { diagnosis, notice } = live;
  const title = live.chargers.find((one) => one.prefix === live.prefix)?.title ?? live.prefix;
  return (
    <section class={`card headline ${diagnosis.kind}`} aria-labelledby="charger-title">
      <h2 id="charger-title">
        {title}
        {live.simulated && <span class="badge">{word('simulated')}</span>}
      </h2>
      <div role="status">
        <p class="why">{say(diagnosis.text)}</p>
        {diagnosis.remedy && <p class="remedy">{say(diagnosis.remedy)}</p>}
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

function Figures({ live }: { readonly live: Live }) {
  const { power, energy_abs: counter } = stateMembers(live, 'meter/values');
  const { allowed_charging_current: allowed } = stateMembers(live, 'evse/state');
  const { meter_start: start, user_id: user } = stateMembers(live, 'charge_tracker/current_charge');
  const session = stateMembers(live, 'bridge/session').energy;
  const charged =
    typeof session === 'number'
      ? session / 1_000
      : typeof counter === 'number' && typeof start === 'number' && user !== -1
        ? counter - start
        : undefined;
  return (
    <dl class="figures">
      {typeof power === 'number' && <Figure name={word('power')} value={asKilowatts(power)} />}
      {typeof allowed === 'number' && <Figure name={word('allowed')} value={asAmperes(allowed / 1_000)} />}
      {charged !== undefined && (
        <Figure name={word('energy')} value={asKilowattHours(Math.max(0, charged))} />
      )}
      {typeof counter === 'number' && <Figure name={word('meter')} value={asKilowattHours(counter)} />}
    </dl>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
