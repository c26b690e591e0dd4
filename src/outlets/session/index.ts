import { isoTime } from '../../base/clock.js';
import { type Json, type JsonObject, membersOf, parseJson } from '../../base/json.js';
import type { Charger } from '../../charger/charger.js';
import type { Outlet } from '../../charger/outlet.js';
import type { Receipt } from '../../charger/write.js';
import { event as eventRow, session as sessionRow } from '../../topics/session.js';
import { type ChargeEvent, ChargeEvents } from './charge-events.js';
import { SessionBook } from './session-book.js';
import { type Facts, type Session, SessionTracker, sessionOf, sessionPayload } from './session-tracker.js';

interface Settings {
  readonly 'mqtt.qos': 0 | 1;
  readonly 'sessions.file': string | undefined;
}

const STATE = 'evse/state';
const METER = 'meter/values';
const TRACKER = 'charge_tracker/current_charge';

/** Topics from which the session is made; it is updated a moment after one of them has changed. */
const SOURCES = [STATE, METER, TRACKER];

/** A charger reports the topics of one change one after the other: how long they are gathered, ms. */
const GATHER_MS = 500;

/** The time between two messages about a charge that goes on, ms. */
const PUBLISH_EVERY_MS = 30_000;

/** How long to wait for the retained session of an earlier run, ms. */
const RESTORE_WITHIN_MS = 30_000;

/**
 * Publishes charges and events (`bridge/session`, `bridge/event`), and writes finished charges to a file. The state of
 * a charge that began before this run is read from the retained `bridge/session`.
 */
export const chargeSessions: Outlet<Settings> = (
  { charger, link, clock, log, prefix },
  { 'mqtt.qos': qos, 'sessions.file': file },
) => {
  const events = new ChargeEvents();
  let tracker: SessionTracker | undefined;
  let publishedAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let gathering: (() => void) | undefined;

  const tell = ({ type, details }: ChargeEvent) => {
    const payload = JSON.stringify({ type, time: isoTime(clock.date()), ...details });
    link.publish({ topic: `${prefix}/${eventRow.path}`, payload, qos, retain: false });
    charger.tellEvent({ type, ...details });
  };

  const book = file === undefined ? undefined : new SessionBook(file, prefix, clock, log);

  const look = () => {
    gathering = undefined;
    if (!tracker || !charger.connection.online) return;
    const before = tracker.session;
    const ended = tracker.observe(factsOf(charger), { date: clock.date(), now: clock.now() });
    if (ended) book?.keep(ended);
    const { session } = tracker;
    if (!session) return;
    const turned = ended !== undefined || before?.start !== session.start;
    if (!turned && clock.now() - publishedAt < PUBLISH_EVERY_MS && before?.end === session.end) return;
    publishedAt = clock.now();
    charger.tellOwn(sessionRow.path, sessionPayload(session));
  };
  const gather = () => {
    gathering ??= clock.after(GATHER_MS, look);
  };

  const begin = (restored: Session | undefined) => {
    if (tracker || stopped) return;
    tracker = new SessionTracker(restored);
    if (restored) charger.tellOwn(sessionRow.path, sessionPayload(restored));
    // The earlier run may have ended before it could write this charge to the file.
    if (restored?.end !== undefined) book?.keepMissing(restored);
    gather();
  };
  const giveUp = clock.after(RESTORE_WITHIN_MS, () => begin(undefined));
  void link.readRetained(`${prefix}/${sessionRow.path}`).then((message) => {
    const text = message ? Buffer.from(message.payload).toString() : '';
    begin(sessionOf(parseJson(text)));
  });

  const unwatch = charger.watch({
    state(path) {
      for (const one of events.changed(path, charger.read(path))) tell(one);
      if (SOURCES.includes(path)) gather();
    },
    connection() {
      if (!charger.connection.online) tracker?.gap();
      else gather();
    },
    answered(receipt) {
      const refusal = refusalOf(receipt);
      if (refusal) tell({ type: 'refused', details: { topic: receipt.topic, ...refusal } });
    },
  });
  return async () => {
    stopped = true;
    unwatch();
    giveUp();
    gathering?.();
    await book?.close();
  };
};

/** Why a write failed; also `ignored`, if the charger accepted it and shows no effect. Undefined if it did not fail. */
function refusalOf(receipt: Receipt): { readonly code: string; readonly error: string } | undefined {
  if (receipt.status === 'error')
    return receipt.code === 'superseded' ? undefined : { code: receipt.code, error: receipt.error };
  const ignored = receipt.status === 'ok' && receipt.applied === false;
  return ignored ? { code: 'ignored', error: receipt.hint ?? 'the charger did nothing' } : undefined;
}

function factsOf(charger: Charger): Facts {
  const { energy_abs, power } = membersOf(charger.read(METER));
  const { charger_state } = membersOf(charger.read(STATE));
  const tracker = charger.read(TRACKER);
  return {
    state: numberOf(charger_state),
    meter: wattHours(energy_abs),
    power: numberOf(power),
    tracker: tracker === undefined ? undefined : trackerOf(membersOf(tracker)),
  };
}

function trackerOf({ user_id, meter_start, timestamp_minutes }: JsonObject): Facts['tracker'] {
  const minutes = numberOf(timestamp_minutes);
  return {
    user: user_id === -1 ? undefined : numberOf(user_id),
    meterStart: wattHours(meter_start),
    start: minutes === undefined || minutes === 0 ? undefined : minutes * 60_000,
  };
}

const numberOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined;

/** kWh as whole Wh, because sums of integers are exact. */
function wattHours(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? Math.round(value * 1_000) : undefined;
}
