import { diagnostic } from './entity-kinds.js';
import { nullable } from './members.js';
import { state } from './rows.js';
import { bool, text } from './scalars.js';
import type { Topic } from './topic.js';

/** Dimming by the grid operator (§14a EnWG) and its start, which the charger does not report. */
export const dimming: Topic = state(
  'bridge/dimming',
  { active: bool(), since: nullable(text(32)) },
  {
    doc: 'Whether the grid operator dims (`p14a_enwg/state`), and since when (ISO 8601); `since` is null if that began while the bridge did not run.',
    example: { active: true, since: '2026-11-24T18:02:11Z' },
    entities: [
      {
        key: 'p14a_dimmed_since',
        platform: 'sensor',
        name: ['Dimmed since', 'Gedimmt seit'],
        member: ['active'],
        value: "{{ value_json.since if value_json.active and value_json.since else 'None' }}",
        options: { device_class: 'timestamp' },
        ...diagnostic,
      },
    ],
  },
);
