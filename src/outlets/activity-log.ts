import type { Cancel } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { Charger } from '../charger/charger.js';

/** `charger_state` as a householder would say it. */
const WORDS = ['no vehicle', 'vehicle waits for release', 'vehicle may charge', 'charging', 'error'];

interface Shown {
  readonly charger_state: number;
  readonly allowed_charging_current: number;
  readonly error_state: number;
  readonly contactor_error: number;
}

/** Writes into the log what a householder would note: vehicles, charging, limits, errors. */
export function logActivity(charger: Charger, log: Log): Cancel {
  let before = '';
  return charger.watch({
    state(path, text) {
      if (path !== 'evse/state') return;
      const line = lineOf(JSON.parse(text) as Shown);
      if (line !== before) log.info(line);
      before = line;
    },
    connection() {},
  });
}

function lineOf({ charger_state, allowed_charging_current, error_state, contactor_error }: Shown): string {
  const words = WORDS[charger_state] ?? `charger state ${charger_state}`;
  if (charger_state === 2 || charger_state === 3)
    return `${words}, up to ${allowed_charging_current / 1000} A`;
  return charger_state === 4 ? `${words} ${error_state}, contactor ${contactor_error}` : words;
}
