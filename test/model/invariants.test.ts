import test from 'ava';
import fc from 'fast-check';
import type { ControllerOptions } from '../../src/model/controller.js';
import { modelTypes } from '../../src/model/generations/model-type.js';
import { type Action, anyAction, anyLaterAction } from './_actions.js';
import { Walk } from './_fuzz.js';
import { walkThroughDays } from './_year.js';

/** Random sequences to try; MODEL_RUNS asks for more. */
const RUNS = Number(process.env.MODEL_RUNS ?? 1000);
const LENGTH = 25;
/** Uptime in ms at which the 32-bit counters start again. */
const WRAP = 2 ** 32;

const start = fc.integer({ min: 0, max: 1_000_000 }).map((ms) => ms / 7);
const options: fc.Arbitrary<ControllerOptions> = fc.record({
  seed: fc.nat(),
  noise: fc.boolean(),
  jumper: fc.constantFrom(6, 6, 6, 6, 6, 0, 3, 7),
  chargingTime: fc.constantFrom('milliseconds', 'flag'),
  // Without the quirks rule 13 doesn't hold: an error without a vehicle then clears nothing.
  quirks: fc.constantFrom('default', 'default', 'all'),
  flash: fc.record({
    charge_limits: fc.record({
      duration: fc.constantFrom(0, 0, 0, 3000),
      energy: fc.constantFrom(0, 0, 0, 5),
    }),
    require_meter: fc.constantFrom(0, 0, 1, 2),
  }),
});
const sequence = fc.array(anyAction, { maxLength: LENGTH, size: 'max' });

function walk(actions: readonly Action[], from: number, charging: boolean, options: ControllerOptions) {
  const one = new Walk(options, from);
  // Half of the walks begin with a charge, which chance alone would seldom come to.
  if (charging) one.act({ do: 'vehicle', change: { cp_resistance: 880 } });
  one.wait(12_000);
  for (const action of actions) one.act(action);
  one.wait(4000);
}

test('the invariants hold whatever happens', (t) => {
  const property = fc.property(sequence, start, fc.boolean(), options, walk);
  t.notThrows(() => fc.assert(property, { numRuns: RUNS, includeErrorInReport: true }));
});

test('the invariants hold while the counters wrap', (t) => {
  const property = fc.property(sequence, fc.integer({ min: 0, max: 60_000 }), (actions, before) => {
    const one = new Walk({ noise: false, uptime: WRAP - before }, 0);
    for (const action of actions) one.act(action);
  });
  t.notThrows(() => fc.assert(property, { numRuns: Math.ceil(RUNS / 20), includeErrorInReport: true }));
});

for (const type of ['warp2', 'warp3'] as const) {
  test(`the invariants of a ${type} hold whatever happens`, (t) => {
    const later = options.map((one): ControllerOptions => ({ ...one, type, quirks: 'default' }));
    const actions = fc.array(anyLaterAction, { maxLength: LENGTH, size: 'max' });
    const property = fc.property(actions, start, fc.boolean(), later, walk);
    t.notThrows(() => fc.assert(property, { numRuns: RUNS, includeErrorInReport: true }));
  });
}

for (const type of modelTypes) {
  // `node build/bench/model.js year` is the long form.
  test(`the first day of a year as a ${type} break no invariant`, (t) => {
    t.regex(walkThroughDays(1, type, 1), /no invariant broken/);
  });
}
