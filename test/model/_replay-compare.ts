import type { Trace, Value } from './_replay.js';

/** One value and the time for which it was shown, ms. */
interface Stretch {
  readonly value: Value;
  readonly from: number;
  readonly to: number;
}

export type Course = readonly { readonly at: number; readonly value: Value }[];

/** Readings are compared as resistances of a few percent; everything else has to be equal. */
const READINGS: readonly string[] = ['r', 'ppr'];
/** Moments in ms of the uptime. */
const TIMES: readonly string[] = ['since', 'iend', 'pt', 'rt'];
const TIMES_MS = 2;
const READING_SHARE = 0.02;
const READING_OHM = 4;

/**
 * Where the courses of the model differ from the firmware's: each stretch of either must be met by the other within
 * `tolerance` ms of its ends, and outside of that all the time.
 */
export function differences(
  trace: Trace,
  courses: Readonly<Record<string, Course>>,
  tolerance: number,
): string[] {
  const end = Math.max(...trace.events.map(([time]) => time));
  return Object.keys(courses).flatMap((field) => {
    const firmware = stretches(courseOf(trace, field), end);
    const model = stretches(courses[field] ?? [], end);
    return [
      ...unmet('firmware', field, firmware, model, tolerance),
      ...unmet('model', field, model, firmware, tolerance),
    ];
  });
}

function courseOf(trace: Trace, field: string): Course {
  return trace.trace.flatMap(([at, changes]) => {
    const value = changes[field];
    return value === undefined ? [] : [{ at, value }];
  });
}

function stretches(course: Course, end: number): Stretch[] {
  return course.map(({ at, value }, index) => ({ value, from: at, to: course[index + 1]?.at ?? end }));
}

/** The stretches of one side that the other one does not show. */
function unmet(
  side: string,
  field: string,
  ours: readonly Stretch[],
  theirs: readonly Stretch[],
  tolerance: number,
): string[] {
  return ours.flatMap(({ value, from, to }) => {
    const near = theirs.filter((one) => one.to >= from - tolerance && one.from <= to + tolerance);
    const during = theirs.filter((one) => one.to > from + tolerance && one.from < to - tolerance);
    const met = near.some((one) => alike(field, one.value, value));
    const other = during.find((one) => !alike(field, one.value, value));
    if (met && !other) return [];
    const shown = other ? `the other shows ${one(other)}` : 'the other never does';
    return [`${field}: ${side} shows ${one({ value, from, to })}, ${shown}`];
  });
}

function alike(field: string, a: Value, b: Value): boolean {
  const [x, y] = [Number(a), Number(b)];
  if (TIMES.includes(field)) return Math.abs(x - y) <= TIMES_MS;
  if (!READINGS.includes(field)) return JSON.stringify(a) === JSON.stringify(b);
  return Math.abs(x - y) <= READING_OHM + READING_SHARE * Math.min(x, y);
}

function one({ value, from, to }: Stretch): string {
  return `${JSON.stringify(value)} from ${from} to ${to}`;
}
