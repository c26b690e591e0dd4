import { isoTime } from '../../base/clock.js';
import { type Json, membersOf, parseJson } from '../../base/json.js';
import type { Outlet } from '../../charger/outlet.js';
import { dimming } from '../../topics/dimming.js';

const STATE = 'p14a_enwg/state';

interface Dimming {
  readonly active: boolean;
  readonly since: string | null;
}

/**
 * Publishes `bridge/dimming`: since when the grid operator dims the charger, or has stopped doing so. The time is read
 * back from the retained message of an earlier run, so that it does not change when the bridge restarts.
 */
export const dimmingSince: Outlet = ({ charger, link, clock, prefix }) => {
  let stopped = false;
  let restored = false;
  let known: Dimming | undefined;

  const look = () => {
    const { active } = membersOf(charger.read(STATE));
    if (!restored || stopped || typeof active !== 'boolean' || known?.active === active) return;
    known = { active, since: known === undefined ? null : isoTime(clock.date()) };
    charger.tellOwn(dimming.path, { ...known });
  };
  void link.readRetained(`${prefix}/${dimming.path}`).then((message) => {
    if (stopped) return;
    restored = true;
    known = dimmingOf(message && parseJson(Buffer.from(message.payload).toString()));
    if (known) charger.tellOwn(dimming.path, { ...known });
    look();
  });
  const unwatch = charger.watch({
    state(path) {
      if (path === STATE) look();
    },
    connection() {},
  });
  return () => {
    stopped = true;
    unwatch();
  };
};

/** The payload of an earlier run; undefined if it is something else. */
function dimmingOf(value: Json | undefined): Dimming | undefined {
  const { active, since } = membersOf(value);
  if (typeof active !== 'boolean') return undefined;
  const isTime = typeof since === 'string' && !Number.isNaN(Date.parse(since));
  return { active, since: isTime ? since : null };
}
