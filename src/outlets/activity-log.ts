import type { Cancel } from '../base/clock.js';
import { membersOf, valueAt } from '../base/json.js';
import { LogLimiter } from '../base/log-limiter.js';
import type { Charger } from '../charger/charger.js';
import type { Outlet } from '../charger/outlet.js';
import { slotLabels } from '../topics/current-limit.js';

const STATE = 'evse/state';
const LIMIT = 'bridge/current_limit';

/** The charger tells its state and its slots one after the other; so long one is waited for the other, ms. */
const SLOTS_LATE_MS = 1_000;

/** So many slots that share the limit are named one by one. */
const NAMED = 3;

const NO_VEHICLE = 0;
const WAITS = 1;
const MAY_CHARGE = 2;
const CHARGES = 3;
const ERROR = 4;

/** `error_state` (charger-wire 2.4). */
const ERRORS: Readonly<Record<number, string>> = {
  2: 'switch error',
  3: 'DC residual current',
  4: 'contactor error',
  5: 'communication error with the vehicle',
};

/** What of a charger matters to its owner. */
interface Activity {
  /** `charger_state` (charger-wire 2.4). */
  readonly state: number;
  readonly allowedMa: number;
  /** Who sets the allowed current, by the charger's own names; empty while that is not known. */
  readonly limitedBy: string;
  readonly error: string;
}

/** Writes into the log what matters to the owner: who limits, what started, what stopped, errors. */
export const activityLog: Outlet = ({ charger, clock, log }) => {
  const limiter = new LogLimiter(clock, log);
  let before: Activity | undefined;
  let late: Cancel | undefined;
  const tell = () => {
    late?.();
    late = undefined;
    const now = activityOf(charger);
    if (now) report(before, now, limiter, log.debug);
    before = now;
  };
  const unwatch = charger.watch({
    state(path) {
      if (path !== STATE && path !== LIMIT) return;
      if (agree(charger)) tell();
      else late ??= clock.after(SLOTS_LATE_MS, tell);
    },
    connection() {},
  });
  return () => {
    unwatch();
    late?.();
    limiter.stop();
  };
};

/** Whether state and slots tell of the same current, so that the one that sets it is the one that is named. */
function agree(charger: Charger): boolean {
  const allowed = membersOf(charger.read(STATE)).allowed_charging_current;
  return allowed !== undefined && membersOf(charger.read(LIMIT)).current === allowed;
}

function activityOf(charger: Charger): Activity | undefined {
  const state = charger.read(STATE);
  if (state === undefined) return undefined;
  const number = (member: string) => Number(valueAt(state, [member]));
  const error = number('error_state');
  return {
    state: number('charger_state'),
    allowedMa: number('allowed_charging_current'),
    limitedBy: agree(charger) ? limitedBy(charger) : '',
    error: `${ERRORS[error] ?? `error ${error}`}, contactor ${number('contactor_error')}`,
  };
}

function limitedBy(charger: Charger): string {
  const slots = membersOf(charger.read(LIMIT)).slots;
  const names = (Array.isArray(slots) ? slots : []).map((slot) => String(membersOf(slot).name));
  const labels: Readonly<Record<string, readonly string[]>> = slotLabels;
  const shown = names.map((name) => labels[name]?.[0] ?? name);
  // At full current nearly all slots share it: a line of eight names helps nobody.
  return shown.length <= NAMED ? shown.join(', ') : `${shown[0]} and ${shown.length - 1} others`;
}

/** Others can bring about each of these lines as often as they like, so they are limited; the rest is traffic. */
function report(
  before: Activity | undefined,
  now: Activity,
  limiter: LogLimiter,
  debug: (text: string) => void,
): void {
  if (before?.state !== now.state || (now.state === ERROR && before.error !== now.error)) {
    limiter.add(
      now.state === ERROR ? 'warn' : 'info',
      `state ${now.state}`,
      changeOfState(before?.state, now),
    );
  } else if (now.state === NO_VEHICLE || now.state === ERROR) return;
  else if (now.limitedBy !== '' && before.limitedBy !== now.limitedBy) {
    limiter.add('info', 'limit', `the limit is now that of ${now.limitedBy}: ${ampere(now)}`);
  } else if (before.allowedMa !== now.allowedMa) debug(`allowed current ${ampere(now)}`);
}

function changeOfState(before: number | undefined, now: Activity): string {
  const stopped = before === CHARGES ? 'charging stopped: ' : '';
  const by = now.limitedBy === '' ? '' : ` by ${now.limitedBy}`;
  const limit = `up to ${ampere(now)}${by === '' ? '' : `, limited${by}`}`;
  switch (now.state) {
    case NO_VEHICLE:
      return before === undefined ? 'no vehicle' : `${stopped}vehicle unplugged`;
    case WAITS:
      return before === NO_VEHICLE
        ? `vehicle plugged in, it waits for release${by}`
        : `${stopped}vehicle waits for release${by}`;
    case MAY_CHARGE:
      if (before === CHARGES) return `charging stopped by the vehicle, it may charge with ${limit}`;
      return `${before === NO_VEHICLE ? 'vehicle plugged in, it' : 'vehicle'} may charge with ${limit}`;
    case CHARGES:
      return `${before === undefined ? 'charging' : 'charging started'} with ${limit}`;
    case ERROR:
      return `${stopped}the charger reports an error: ${now.error}`;
    default:
      return `${stopped}charger state ${now.state}`;
  }
}

const ampere = ({ allowedMa }: Activity): string => `${allowedMa / 1_000} A`;
