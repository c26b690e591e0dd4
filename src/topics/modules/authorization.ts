import { isObject, type Json, membersOf } from '../../base/json.js';
import { eventEntity } from '../entity-events.js';
import { array, object, optional } from '../members.js';
import { command, list, state } from '../rows.js';
import { anything, boundedInt, hexBytes, text, u8, u32 } from '../scalars.js';
import type { Topic } from '../topic.js';

const tag = { tag_type: boundedInt(0, 5), tag_id: hexBytes(1, 10) };

const injection = (name: string, since: string, what: string, wants: 'both' | 'start' | 'stop'): Topic =>
  command(
    `nfc/${name}`,
    tag,
    {},
    {
      doc: `Acts as if this tag had been held to the charger: ${what}. It releases a charge in somebody's name, so it has to be switched on (\`INJECT_TAGS\`).`,
      since,
      needs: 'users',
      gate: 'injectTags',
      example: { tag_type: 2, tag_id: '01:23:AB:3D' },
      write: (c, value) => c.later.injectTag(value, wants),
    },
  );

/** Who may charge. */
export const authorization: readonly Topic[] = [
  list('nfc/seen_tags', object({ tag_type: u8(), tag_id: text(30), last_seen: optional(u32('ms')) }), {
    doc: 'The tags that were last held to the charger, and how long ago.',
    example: [],
    entities: [
      eventEntity(
        'tag',
        ['NFC tag', 'NFC-Tag'],
        { tag_seen: 'seen' },
        { icon: 'nfc-tap' },
        { details: ['tag_id', 'tag_type'] },
      ),
    ],
  }),
  injection('inject_tag', '2.0.0', 'it starts or stops the charge', 'both'),
  injection('inject_tag_start', '2.0.2', 'it starts the charge', 'start'),
  injection('inject_tag_stop', '2.0.2', 'it stops the charge', 'stop'),
  list('charge_authorization/last_seen', anything(), {
    doc: 'The tags and vehicles that last asked for a charge; the members change from release to release.',
    since: '2.11.0',
    example: [],
  }),
  state(
    'users/config',
    { users: array(object({ id: u8(), display_name: text(32) })) },
    {
      doc: 'The users by their number, which is the `user_id` of the charges. Only their names are passed on.',
      poll: 'rare',
      example: { users: [{ id: 0, display_name: 'Anonymous' }] },
      redact: namesOnly,
    },
  ),
];

/** Keeps ids and names only: logins, roles, limits and hashes of passwords are nobody's business. */
function namesOnly(value: Json): Json {
  const { users = [] } = membersOf(value);
  const all = Array.isArray(users) ? users.filter(isObject) : [];
  return { users: all.map(({ id = 0, display_name = '' }) => ({ id, display_name })) };
}
