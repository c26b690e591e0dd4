import test from 'ava';
import { CHARGING } from './_scenarios.js';
import { SETTINGS } from './_scenarios-settings.js';

/** ms by which the events are moved against the controller's own rhythm, so that the windows hold at any moment. */
const PHASES = [0, 20, 63, 124, 126, 190, 249];

for (const { n, title, given, steps } of [...CHARGING, ...SETTINGS]) {
  test(`scenario ${n}: ${title}`, (t) => {
    for (const phase of PHASES) {
      const rig = given(phase);
      const marks = new Map<string, number>();
      for (const step of steps) step(t, rig, marks);
    }
  });
}
