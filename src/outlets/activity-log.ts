import { type JsonObject, membersOf } from '../base/json.js';
import type { Outlet } from '../charger/outlet.js';

/** `charger_state` as a householder would say it. */
const WORDS = ['no vehicle', 'vehicle waits for release', 'vehicle may charge', 'charging', 'error'];

/** Writes into the log what matters to the owner: vehicles, charging, limits, errors. */
export const activityLog: Outlet = ({ charger, log }) => {
  let before = '';
  return charger.watch({
    state(path) {
      if (path !== 'evse/state') return;
      const line = lineOf(membersOf(charger.read(path)));
      if (line !== before) log.info(line);
      before = line;
    },
    connection() {},
  });
};

function lineOf(state: JsonObject): string {
  const number = (member: string) => Number(state[member]);
  const charger_state = number('charger_state');
  const words = WORDS[charger_state] ?? `charger state ${charger_state}`;
  if (charger_state === 2 || charger_state === 3)
    return `${words}, up to ${number('allowed_charging_current') / 1000} A`;
  return charger_state === 4
    ? `${words} ${number('error_state')}, contactor ${number('contactor_error')}`
    : words;
}
