import test from 'ava';
import { CHARGING } from './_scenarios.js';
import { LATER_CHARGING, WITH_A_WAITING_VEHICLE } from './_scenarios-later-charging.js';
import { LATER_PHASES } from './_scenarios-later-phases.js';
import { LATER_PROTECTION } from './_scenarios-later-protection.js';
import { LATER_SETTINGS } from './_scenarios-later-settings.js';
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

const LATER = [...LATER_CHARGING, ...LATER_PHASES, ...LATER_PROTECTION, ...LATER_SETTINGS];

/** The same against the rhythm of readings of 25 and 12.5 ms. */
const SHORT_PHASES = [0, 3, 7, 12, 13, 19, 24];

for (const { n, title, given, steps } of [...LATER, WITH_A_WAITING_VEHICLE]) {
  test(`later scenario ${n}: ${title}`, (t) => {
    for (const phase of SHORT_PHASES) {
      const rig = given(phase);
      const marks = new Map<string, number>();
      for (const step of steps) step(t, rig, marks);
    }
  });
}
