import { type Generation, WARP2_AND_LATER } from '../availability.js';
import { diagnostic, flag } from '../entity-kinds.js';
import { optional } from '../members.js';
import { setting, state } from '../rows.js';
import { bool, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

const generations: readonly Generation[] = [...WARP2_AND_LATER, 'WEM2', 'SEB'];

/** Releases differ in the name of the limit. */
const members = { active: bool(), limit: optional(u32('W')), limit_w: optional(u32('W')) };

/** Dimming by the grid operator (§14a EnWG). */
export const gridOperator: readonly Topic[] = [
  state('p14a_enwg/state', members, {
    doc: 'Whether the grid operator dims now, and to how much.',
    since: '2.10.0',
    generations,
    example: { active: false, limit: 0 },
    entities: [
      flag('p14a_dimmed', ['Dimmed by the grid operator', 'Vom Netzbetreiber gedimmt'], 'active', {
        ...diagnostic,
        icon: 'transmission-tower-off',
      }),
    ],
    read: (c) => c.later.gridLimit(),
  }),
  setting('p14a_enwg/control', members, {
    doc: 'Dims by the API, until the next restart. The limit is called `limit` or `limit_w`, as the topic shows it.',
    since: '2.10.0',
    generations,
    needs: 'the API as source in p14a_enwg/config',
    example: { active: false, limit: 0 },
    hint: 'the charger acts on it only while §14a is switched on with the API as its source',
  }),
];
