import type { ExecutionContext } from 'ava';
import type { Look, TimedController } from './_timed-controller.js';

/** Something expected of a Look, and of single slots by their index. */
export type Expected = Partial<Look> & { readonly s?: Readonly<Record<number, string>> };
export type Step = (t: ExecutionContext, rig: TimedController, marks: Map<string, number>) => void;

/** One row of controller-model 14. */
export interface Row {
  readonly n: number;
  readonly title: string;
  readonly given: (phase: number) => TimedController;
  readonly steps: readonly Step[];
}

// Seconds from a cause to its effect, with conversions that are means (controller-model 2.5, and 17 D2 and D4).
export const A_TO_B = [0.79, 1.04] as const;
export const CLOSED_TO_DUTY = [0.21, 0.44] as const;

/** Does something `seconds` after the start. */
export function at(seconds: number, act: (rig: TimedController) => void): Step {
  return (_, rig) => {
    rig.advance(seconds);
    act(rig);
  };
}

/** Does something `seconds` after a mark. */
export function after(mark: string, seconds: number, act: (rig: TimedController) => void): Step {
  return (_, rig, marks) => {
    rig.advance((marks.get(mark) ?? Number.NaN) + seconds);
    act(rig);
  };
}

/** Is so at `seconds`. */
export function is(seconds: number, expected: Expected): Step {
  return (t, rig) => {
    rig.advance(seconds);
    t.deepEqual(shown(rig, expected), expected, `at ${rig.seconds} s`);
  };
}

/** Is so from `first` to `last` without a break. */
export function stays(first: number, last: number, expected: Expected): Step {
  return (t, rig) => {
    rig.advance(first);
    const broken = rig.advance(last, () => !matches(rig, expected));
    t.false(broken, `broken at ${rig.seconds} s: ${JSON.stringify(shown(rig, expected))}`);
  };
}

/** Becomes so between `first` and `last` and not before; the moment is kept as `mark`, from which others may count. */
export function becomes(first: number, last: number, expected: Expected, mark = '', since?: string): Step {
  return (t, rig, marks) => {
    const from = since === undefined ? 0 : (marks.get(since) ?? Number.NaN);
    const came = rig.advance(from + last, () => matches(rig, expected));
    t.true(came, `not by ${from + last} s: ${JSON.stringify(shown(rig, expected))}`);
    // Sums of fractions of a second may end a hair before the edge.
    t.true(
      rig.seconds >= from + first - 1e-6,
      `already at ${rig.seconds} s, expected from ${from + first} s on`,
    );
    marks.set(mark, rig.seconds);
  };
}

function matches(rig: TimedController, expected: Expected): boolean {
  return JSON.stringify(shown(rig, expected)) === JSON.stringify(expected);
}

/** What `expected` speaks of, in the same order, so that the two can be compared as text. */
function shown(rig: TimedController, expected: Expected): Expected {
  const look = rig.look;
  const seen: Record<string, unknown> = {};
  for (const key of Object.keys(expected) as (keyof Expected)[]) {
    seen[key] = key === 's' ? slotsOf(rig, Object.keys(expected.s ?? {})) : look[key];
  }
  return seen;
}

function slotsOf(rig: TimedController, indexes: readonly string[]): Record<string, string> {
  return Object.fromEntries(indexes.map((index) => [index, rig.slot(Number(index))]));
}
