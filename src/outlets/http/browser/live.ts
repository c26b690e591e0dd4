import { useEffect, useState } from 'preact/hooks';
import type { PageSnapshot, PageUpdate, WriteView } from '../page-protocol.js';

/** One moment of the plot. */
export interface Point {
  /** ms since 1970 by the browser's clock. */
  readonly at: number;
  /** W, null where it was not known. */
  readonly power: number | null;
  /** A. */
  readonly allowed: number | null;
}

export interface LoggedWrite extends WriteView {
  readonly at: number;
}

/** What the page knows at the moment. */
export interface Live extends Omit<PageSnapshot, 'writes' | 'history'> {
  /** When the connections were last reported, ms since 1970 by the browser's clock: their ages count from then. */
  readonly toldAt: number;
  readonly writes: readonly LoggedWrite[];
  readonly points: readonly Point[];
  /** Whether the connection to the bridge is up. */
  readonly fresh: boolean;
}

const HALF_AN_HOUR_MS = 30 * 60_000;
const MAX_WRITES = 100;

/** Points that are closer together than this become one, so that the plot stays small, ms. */
const POINT_EVERY_MS = 1_000;

/** What the page has to show: a charger, or why there is none yet. */
export interface Followed {
  readonly live: Live | undefined;
  readonly waiting: 'connecting' | 'noCharger' | 'tooManyPages';
}

/** How long the page waits after a refusal before it asks again, ms. */
const ASK_AGAIN_MS = 3_000;

/**
 * Follows one charger (without a prefix, the first one). It goes on when the bridge restarts, also behind a proxy,
 * which meanwhile answers with errors of its own. `gone` is called when the bridge does not have this charger any more.
 */
export function useLive(prefix: string | undefined, gone: () => void): Followed {
  const [live, setLive] = useState<Live>();
  const [waiting, setWaiting] = useState<Followed['waiting']>('connecting');
  useEffect(() => {
    const address = `api/events${prefix === undefined ? '' : `?charger=${encodeURIComponent(prefix)}`}`;
    let end = () => {};
    let left = false;
    const follow = () => {
      const source = new EventSource(address);
      end = () => source.close();
      source.addEventListener('snapshot', ({ data }) => setLive(fromSnapshot(JSON.parse(data))));
      source.addEventListener('update', ({ data }) =>
        setLive((before) => before && updated(before, JSON.parse(data))),
      );
      source.onerror = () => {
        setLive((before) => before && { ...before, fresh: false });
        // The browser itself repairs a lost connection, but after a refusal it does not try again.
        if (source.readyState === EventSource.CLOSED) askAgain();
      };
    };
    const askAgain = async () => {
      const refusal = await refusalOf(address);
      if (left) return;
      if (refusal === 'noCharger' && prefix !== undefined) return gone();
      if (refusal === 'noCharger') setLive(undefined);
      setWaiting(refusal);
      const timer = setTimeout(follow, ASK_AGAIN_MS);
      end = () => clearTimeout(timer);
    };
    follow();
    return () => {
      left = true;
      end();
    };
  }, [prefix]);
  return { live, waiting };
}

/** Why the bridge does not show this charger. Answers of a proxy, which are not JSON, count as `connecting`. */
async function refusalOf(address: string): Promise<Followed['waiting']> {
  const stop = new AbortController();
  try {
    const { status, headers } = await fetch(address, { signal: stop.signal });
    if (headers.get('content-type') !== 'application/json') return 'connecting';
    return status === 404 ? 'noCharger' : status === 503 ? 'tooManyPages' : 'connecting';
  } catch {
    return 'connecting';
  } finally {
    stop.abort();
  }
}

/** The members of a topic's payload; none if there is no such topic. */
export function stateMembers(live: Live, path: string): Readonly<Record<string, unknown>> {
  const value = payloadOf(live, path);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? // Any members may be there; each use looks at the type.
      (value as Record<string, unknown>)
    : {};
}

export function payloadOf(live: Live, path: string): unknown {
  const text = live.states[path];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fromSnapshot(snapshot: PageSnapshot): Live {
  const now = Date.now();
  const { stepMs, agoMs, power, allowed } = snapshot.history;
  const newest = now - agoMs;
  const points = power.map((watts, index) => ({
    at: newest - (power.length - 1 - index) * stepMs,
    power: watts,
    allowed: allowed[index] ?? null,
  }));
  const live: Live = {
    ...snapshot,
    toldAt: now,
    fresh: true,
    writes: snapshot.writes.map((write) => at(write, now)),
    points,
  };
  return { ...live, points: withPoint(live, now) };
}

function updated(before: Live, update: PageUpdate): Live {
  const now = Date.now();
  const connections = update.charger || update.broker;
  const live: Live = {
    ...before,
    ...update,
    toldAt: connections ? now : before.toldAt,
    fresh: true,
    states: update.states ? { ...before.states, ...update.states } : before.states,
    writes: [...(update.writes ?? []).map((write) => at(write, now)), ...before.writes].slice(0, MAX_WRITES),
  };
  const { notice: _, ...rest } = live;
  // An update with the connections also has the notice; if it is absent, the notice is over.
  const told: Live = connections && !update.notice ? rest : live;
  return { ...told, points: withPoint(told, now) };
}

const at = (write: WriteView, now: number): LoggedWrite => ({ ...write, at: now - write.agoMs });

function withPoint(live: Live, now: number): readonly Point[] {
  const { power } = stateMembers(live, 'meter/values');
  const { allowed_charging_current: allowed } = stateMembers(live, 'evse/state');
  const point: Point = {
    at: now,
    power: live.charger.up && typeof power === 'number' ? power : null,
    allowed: live.charger.up && typeof allowed === 'number' ? allowed / 1_000 : null,
  };
  const kept = live.points.filter(({ at }) => at > now - HALF_AN_HOUR_MS);
  const [before, last] = kept.slice(-2);
  // The newest point moves on until it is far enough from the one before.
  if (before && last && last.at - before.at < POINT_EVERY_MS) kept.pop();
  return [...kept, point];
}
