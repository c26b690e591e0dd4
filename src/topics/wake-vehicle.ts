import { membersOf } from '../base/json.js';
import { WARP2_AND_LATER } from './availability.js';
import { press } from './entity-kinds.js';
import { nullable } from './members.js';
import { action, state } from './rows.js';
import { text } from './scalars.js';
import type { Topic } from './topic.js';

const PILOT = 'evse/control_pilot_disconnect';

/** As long as the charger's own first attempt takes (controller-model-2 2.8), ms. */
const UNPLUGGED_MS = 4_000;

/** Only the bridge connects the control pilot again. If it is killed before, this topic lets the next process do it. */
export const waking: Topic = state(
  'bridge/waking',
  { since: nullable(text(32)) },
  {
    doc: 'Since when a vehicle is being woken (`bridge/wake_vehicle`), ISO 8601; null: it is over. A bridge that was killed meanwhile reads it at its next start, and connects the control pilot again.',
    generations: WARP2_AND_LATER,
    example: { since: '2026-11-24T18:02:11Z' },
  },
);

/** A command of the bridge: chargers have no topic for it, but can do it in two steps. */
export const wakeVehicle: Topic = action('bridge/wake_vehicle', {
  doc: `Wakes a vehicle that sleeps: the bridge disconnects the control pilot (\`${PILOT}\`), as if the vehicle were unplugged, and connects it again after ${UNPLUGGED_MS / 1_000} s.`,
  generations: WARP2_AND_LATER,
  shownIn: PILOT,
  applied: (_, shown) => {
    const pilot = shown(PILOT);
    return pilot === undefined ? undefined : membersOf(pilot).disconnect === true;
  },
  hint: 'the charger does it only while a vehicle is plugged in and does not charge, and not while load management is enabled',
  steps: [
    { path: PILOT, value: { disconnect: true }, afterMs: 0 },
    { path: PILOT, value: { disconnect: false }, afterMs: UNPLUGGED_MS },
  ],
  underway: waking.path,
  entities: [press('wake_vehicle', ['Wake the car', 'Fahrzeug wecken'], PILOT, { icon: 'alarm' })],
});
