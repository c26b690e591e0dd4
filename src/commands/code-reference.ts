import { refusalTexts } from '../charger/refusal-codes.js';
import { answerTexts, bridgeTopicTexts } from '../topics/bridge-topic-texts.js';
import { slotLabels, slotNames } from '../topics/current-limit.js';
import type { Entity, Text } from '../topics/entity.js';
import type { Registry } from '../topics/index.js';
import { isBridgeTopic } from '../topics/namespaces.js';
import { event } from '../topics/session.js';
import type { Topic } from '../topics/topic.js';
import { exitCodes } from './exit-codes.js';

/** The bridge's own topics and every code with its meaning, as Markdown; docs/codes.md is this text. */
export function codeReference(topics: Registry): string {
  return [
    '# Codes, and the topics of the bridge',
    'This page is printed by `evse-mqtt-bridge topics --format codes`, from the tables that the program itself works with. `<P>` is the\nprefix (`MQTT_TOPIC_PREFIX`, by default `warp`). [topics.md](topics.md) has the topics of the charger.',
    '## Topics of the bridge',
    ownTopics(topics),
    '## Answers to writes',
    table(
      ['status', 'meaning'],
      Object.entries(answerTexts).map(([name, text]) => [code(name), text]),
    ),
    '## Codes of refused writes',
    table(
      ['code', 'meaning', 'what to do'],
      Object.entries(refusalTexts).map(([name, { meaning, remedy }]) => [code(name), meaning, remedy]),
    ),
    '## Exit codes',
    table(['code', 'meaning'], Object.entries(exitCodes)),
    '## Charging slots',
    'Each slot is a limit of the current, set by a part of the charger or by a program. The smallest current of all active slots counts;\n`bridge/current_limit` names the slots that have it.',
    table(
      [
        'index in `evse/slots`',
        'name in `bridge/current_limit`',
        "name in the charger's web interface",
        'in German',
      ],
      slotNames.map((name, index) => [String(index), code(name), ...slotLabels[name]]),
    ),
    '## Values of the charger',
    ...topics.rows.flatMap(valueTables),
  ].join('\n\n');
}

function ownTopics(topics: Registry): string {
  const listed = bridgeTopicTexts.map(({ path, retained, payload, when, example }) => [
    code(`<P>/${path}`),
    retained ? 'yes' : 'no',
    `${payload} Published: ${when.charAt(0).toLowerCase()}${when.slice(1)} Example: ${code(example)}`,
  ]);
  const derived = topics.rows
    .filter(({ path }) => isBridgeTopic(path))
    .map(({ path, doc, state, command }) => [
      code(`<P>/${path}`),
      state === undefined ? 'only written' : path === event.path ? 'no' : 'yes',
      `${doc} Example: ${code(JSON.stringify(state?.example ?? command?.example ?? null))}`,
    ]);
  return table(['topic', 'retained', 'payload'], [...listed, ...derived]);
}

/** A table for each member of a topic whose values are codes. */
function valueTables({ path, entities = [] }: Topic): string[] {
  return entities.filter(hasCodes).map(({ member, name, codes }) => {
    const where = `${path}${member.length > 0 ? `: ${member.join('.')}` : ''}`;
    const rows = codes.map(([value, [english, german]]) => [code(String(value)), english, german]);
    return `### ${where}\n\n${name[0]}:\n\n${table(['value', 'meaning', 'German'], rows)}`;
  });
}

function hasCodes(
  entity: Entity,
): entity is Entity & { codes: readonly (readonly [unknown, Text])[]; member: readonly string[] } {
  return entity.codes !== undefined && entity.member !== undefined && entity.topic === undefined;
}

const code = (text: string): string => `\`${text}\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
