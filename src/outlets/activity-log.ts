import type { Cancel } from '../base/clock.js';
import { membersOf, valueAt } from '../base/json.js';
import { LogLimiter } from '../base/log-limiter.js';
import type { Charger } from '../charger/charger.js';
import type { Outlet } from '../charger/outlet.js';
import { slotLabels } from '../topics/current-limit.js';

const STATE = 'evse/state';
const LIMIT = 'bridge/current_limit';

/** The charger reports its state and its slots one after the other: how long to wait for the second one, ms. */
const SLOTS_LATE_MS = 1_000;

/** If more slots than this share the limit, only the first one is named. */
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

/** What the owner wants to know about a charger. */
interface Activity {
  /** `charger_state` (charger-wire 2.4). */
  readonly state: number;
  readonly allowedMa: number;
  /** The slots that set the allowed current, by the charger's own names; empty while that is not known. */
  readonly limitedBy: string;
  readonly error: string;
}

/** Logs what matters to the owner: which slot limits the current, when charging starts and stops, errors. */
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

/** Whether state and slots show the same current. If not, the wrong slot would be named as the one that sets it. */
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

/** Logs a change. Others can cause such changes as often as they like, so `info` and `warn` go through the limiter. */
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
