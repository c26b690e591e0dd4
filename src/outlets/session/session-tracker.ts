import { isoTime } from '../../base/clock.js';
import type { Json, JsonObject } from '../../base/json.js';

/** The states of a charger at one moment that matter for a charge. */
export interface Facts {
  /** `charger_state`: 0 no vehicle, 1 waits, 2 may charge, 3 charges, 4 error; undefined while it is not known. */
  readonly state: number | undefined;
  /** The energy meter, Wh; undefined without one. */
  readonly meter: number | undefined;
  /** Charging power, W. */
  readonly power: number | undefined;
  /** The charger's own charge tracker; undefined if it has none. */
  readonly tracker: TrackerFacts | undefined;
}

/** `charge_tracker/current_charge` (charger-wire 7). */
export interface TrackerFacts {
  /** Undefined while there is no charge. */
  readonly user: number | undefined;
  /** The meter when the charge began, Wh; undefined if it was not known. */
  readonly meterStart: number | undefined;
  /** When it began, ms since 1970, in whole minutes; undefined if the charger had no time. */
  readonly start: number | undefined;
}

/** A charge that goes on or has ended: the payload of `bridge/session`. Times are ms since 1970. */
export interface Session {
  readonly start: number;
  readonly end: number | undefined;
  /** Wh; undefined without a meter. */
  readonly energy: number | undefined;
  /** How long current flowed, ms. */
  readonly charging: number;
  readonly user: number | undefined;
  /** W. */
  readonly maxPower: number | undefined;
  /** Wh. */
  readonly meterStart: number | undefined;
}

const NO_VEHICLE = 0;
const CHARGES = 3;

/** The tracker reports the start in whole minutes: two starts that differ by less than this are of the same charge, ms. */
const SAME_START_MS = 90_000;

/** A moment, by the time of day, which may be changed at any time, and by a monotonic clock. */
export interface Moment {
  /** ms since 1970. */
  readonly date: number;
  /** ms of the monotonic clock; durations are computed from it. */
  readonly now: number;
}

/** Finds the charges of a charger in its states. It has no clock: each moment is an argument. */
export class SessionTracker {
  #session: Session | undefined;
  /** When the last facts came, ms of the monotonic clock; undefined after a gap. */
  #at: number | undefined;
  #wasCharging = false;
  /** The last meter reading, Wh. */
  #meter: number | undefined;

  /** `restored`: the session of an earlier run. */
  constructor(restored?: Session) {
    this.#session = restored;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** The states are unknown for a while: the time until the next facts does not count as charging. */
  gap(): void {
    this.#at = undefined;
    this.#meter = undefined;
  }

  /** Takes the states of this moment. Returns the charge that ended, if one did. */
  observe(facts: Facts, { date, now }: Moment): Session | undefined {
    if (facts.state === undefined) return undefined;
    const running = this.#session?.end === undefined ? this.#session : undefined;
    const goesOn = running !== undefined && isSame(running, facts);
    const ended = running && !goesOn ? closed(running, facts, date) : undefined;
    if (ended) this.#session = ended;
    if (isCharge(facts, goesOn)) {
      const before = goesOn ? running : begun(facts, ended, this.#meter, date);
      this.#session = grown(before, facts, this.#chargedSince(now));
    }
    this.#at = now;
    this.#meter = facts.meter ?? this.#meter;
    this.#wasCharging = facts.state === CHARGES;
    return ended;
  }

  #chargedSince(now: number): number {
    return this.#wasCharging && this.#at !== undefined ? now - this.#at : 0;
  }
}

/** Whether there is a charge: by the tracker; without one, from the first permission to charge until unplugged. */
function isCharge({ state, tracker }: Facts, goesOn: boolean): boolean {
  if (tracker) return tracker.user !== undefined;
  return state === 2 || state === CHARGES || (goesOn && state !== NO_VEHICLE);
}

function isSame(session: Session, facts: Facts): boolean {
  const { tracker, state } = facts;
  if (!tracker) return state !== NO_VEHICLE;
  if (tracker.user === undefined) return false;
  if (tracker.start !== undefined && Math.abs(tracker.start - session.start) > SAME_START_MS) return false;
  return (
    tracker.meterStart === undefined ||
    session.meterStart === undefined ||
    tracker.meterStart === session.meterStart
  );
}

/** `seen`: the meter reading just before (Wh), because energy may have flowed until the charge was noticed. */
function begun(facts: Facts, before: Session | undefined, seen: number | undefined, date: number): Session {
  const { tracker, meter } = facts;
  // If the end of the charge before was not seen, this one begins at the meter reading of that end: no energy is lost.
  const follows = before?.energy === undefined ? undefined : (before.meterStart ?? 0) + before.energy;
  return {
    start: tracker?.start ?? date,
    end: undefined,
    energy: undefined,
    charging: 0,
    user: tracker?.user,
    maxPower: undefined,
    meterStart: tracker?.meterStart ?? follows ?? seen ?? meter,
  };
}

function grown(session: Session, facts: Facts, charged: number): Session {
  const { power } = facts;
  return {
    ...session,
    energy: energyOf(session, facts.meter),
    charging: session.charging + charged,
    user: facts.tracker?.user ?? session.user,
    maxPower: power === undefined ? session.maxPower : Math.max(session.maxPower ?? 0, Math.round(power)),
  };
}

/**
 * Ends a session. If the next charge has begun already, its start is the end of this one. A charge never ends before it
 * began, even if the clocks of charger and machine differ.
 */
function closed(session: Session, facts: Facts, date: number): Session {
  const next = facts.tracker?.user === undefined ? undefined : facts.tracker;
  return {
    ...session,
    end: Math.max(session.start, next?.start ?? date),
    energy: energyOf(session, next?.meterStart ?? facts.meter),
  };
}

/** The energy so far, Wh. If the meter has fallen, it was reset or replaced: the energy counted before stays. */
function energyOf(session: Session, meter: number | undefined): number | undefined {
  if (meter === undefined || session.meterStart === undefined) return session.energy;
  return Math.max(meter - session.meterStart, session.energy ?? 0);
}

/** The payload of `bridge/session`. */
export function sessionPayload(session: Session): JsonObject {
  return {
    start: isoTime(session.start),
    end: session.end === undefined ? null : isoTime(session.end),
    energy: session.energy ?? null,
    charging_seconds: Math.round(session.charging / 1_000),
    user_id: session.user ?? null,
    max_power: session.maxPower ?? null,
    meter_start: session.meterStart ?? null,
  };
}

/** The session in a payload of `bridge/session`; undefined if it is none. */
export function sessionOf(payload: Json | undefined): Session | undefined {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return undefined;
  // An array is told apart above, which the type of a readonly array does not show.
  const members = payload as JsonObject;
  const start = Date.parse(String(members.start));
  const end = members.end === null ? undefined : Date.parse(String(members.end));
  if (Number.isNaN(start) || Number.isNaN(end)) return undefined;
  const number = (name: string) => {
    const value = members[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  return {
    start,
    end,
    energy: number('energy'),
    charging: (number('charging_seconds') ?? 0) * 1_000,
    user: number('user_id'),
    maxPower: number('max_power'),
    meterStart: number('meter_start'),
  };
}
