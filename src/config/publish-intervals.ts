import type { IntervalRule } from '../outlets/bridge/publish-pace.js';
import { duration, inUnits, type Kind } from './kinds.js';

const LONGEST_MS = 3_600_000;

/**
 * Intervals by topic pattern: `meter/*=10s,evse/low_level_state=1`, or an object in a file. The rules that are given
 * come first; of `presets` those follow whose pattern was not given. A time alone is for the first preset's pattern.
 */
export function intervals(presets: readonly IntervalRule[]): Kind<readonly IntervalRule[]> {
  const time = duration('s', 0, LONGEST_MS);
  const [first] = presets.map(({ topics }) => topics);
  const rule = ([topics, raw]: readonly [string, unknown]): IntervalRule | undefined => {
    const ms = time.read(raw);
    return ms === undefined || topics.trim() === '' ? undefined : { topics: topics.trim(), ms };
  };
  return {
    sign: 'TOPICS=TIME,…',
    words: `times from 0 s to ${inUnits(LONGEST_MS)} by topics, such as meter/*=10s,meters/*=1m; a number alone is in s`,
    read(raw) {
      const alone = time.read(raw);
      const pairs = alone === undefined ? pairsOf(raw) : ([[first ?? '', raw]] as const);
      const given = pairs?.map(rule);
      if (!given?.every((one) => one !== undefined)) return undefined;
      return [...given, ...presets.filter(({ topics }) => !given.some((one) => one.topics === topics))];
    },
    write: (rules) => rules.map(({ topics, ms }) => `${topics}=${inUnits(ms)}`).join(','),
  };
}

function pairsOf(raw: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return Object.entries(raw);
  if (typeof raw !== 'string') return undefined;
  const pairs = raw.split(',').map((pair) => pair.split('='));
  return pairs.every(([, time, ...more]) => time !== undefined && more.length === 0)
    ? pairs.map(([topics = '', time]) => [topics, time])
    : undefined;
}
