import { availabilityText } from '../topics/availability.js';
import { allTopics, type Registry } from '../topics/index.js';
import type { JsonSchema } from '../topics/members.js';
import { isBridgeTopic, isSimulated } from '../topics/namespaces.js';
import type { Topic } from '../topics/topic.js';
import { codeReference } from './code-reference.js';
import type { CliCommand } from './index.js';
import { mosquittoAcl } from './mosquitto-acl.js';

const formats = {
  markdown: () => markdown(allTopics()),
  codes: () => codeReference(allTopics()),
  json: () => JSON.stringify(schemas(allTopics()), null, 2),
  'mosquitto-acl': mosquittoAcl,
};

export const topics: CliCommand = {
  doc: 'prints the topic reference',
  printsResult: true,
  settings: ['mqtt', 'charger', 'model', 'chargersDir', 'shard', 'homeassistant', 'policy', 'publish'],
  examples: [
    'evse-mqtt-bridge topics > topics.md',
    'evse-mqtt-bridge topics --format mosquitto-acl --config garage.yaml > bridge.acl',
  ],
  options: {
    format: {
      doc: 'the written reference, all codes with their meaning, a JSON Schema per topic, or access rules for Mosquitto',
      values: ['markdown', 'codes', 'json', 'mosquitto-acl'],
    },
  },
  async run({ config, print }) {
    // The command line has been checked against the values above.
    print(formats[config.options.format as keyof typeof formats](config));
    return 0;
  },
};

/** The topic reference as Markdown; docs/topics.md is this text. */
export function markdown(topics: Registry): string {
  const sections = topics.rows.map(section);
  return `# Topics

This page is printed by \`evse-mqtt-bridge topics\`. \`<P>\` is the prefix (\`MQTT_TOPIC_PREFIX\`, by default \`warp\`). All states
are retained. To change a setting, publish to \`<P>/<topic>_update\`. What can't be read, an action for example, is written to
\`<P>/<topic>\` or \`<P>/<topic>_update\`. Never use the retain flag for these. A setting with one member also takes the bare value,
and one member of several is also written to \`<P>/<topic>_update/<member>\`. \`N\` in a topic stands for a number.

Firmware releases are those of a WARP1; the same release of another charger often has a number that is higher by one in its last
part. WEM1 and WEM2 are the energy managers, SEB is the Smart Energy Broker.

${sections.join('\n\n')}`;
}

function section(row: Topic): string {
  const { path, doc, state, command } = row;
  const who = isBridgeTopic(path) || isSimulated(path) ? '' : ` ${availabilityText(row)}`;
  const access = [
    state && 'read',
    command && (command.action ? 'action' : 'write'),
    command?.flash && 'kept in flash',
  ];
  const json: JsonSchema = (command && !command.action ? command.json : state?.json) ?? {};
  // Rows make their schemas with nothing else below `properties`.
  const properties = Object.entries((json.properties ?? {}) as Record<string, Record<string, unknown>>);
  const table = properties.map(
    ([name, schema]) =>
      `| \`${name}\` | ${words(schema)}${meanings(row, name)} | ${String(schema.unit ?? '')} |`,
  );
  const members = table.length > 0 ? `\n\n| member | value | unit |\n|---|---|---|\n${table.join('\n')}` : '';
  const list = json.type === 'array' ? `\n\nValue: ${words(json)}` : '';
  const shown = state?.example ?? command?.example;
  const example = shown === undefined ? '' : `\n\nExample: \`${JSON.stringify(shown)}\``;
  return `## ${path}\n\n*${access.filter(Boolean).join(', ')}*. ${doc}${who}${members}${list}${example}`;
}

/** The meaning of the values of a member, if they are codes; else empty. */
function meanings({ entities = [] }: Topic, member: string): string {
  const codes = entities.find(
    (entity) => entity.codes && entity.member?.join('.') === member && !entity.topic,
  )?.codes;
  // A code whose text is the number itself needs no explanation.
  if (!codes || codes.every(([code, [english]]) => String(code) === english)) return '';
  return `. ${codes.map(([code, [english]]) => `${code}: ${english}`).join('; ')}`;
}

function words(schema: Record<string, unknown>): string {
  const { type, minimum, maximum, items, minItems, maxItems } = schema;
  const { enum: allowed, oneOf, anyOf, const: only, examples } = schema;
  if (Array.isArray(examples)) return `bytes in hex, such as \`${examples[0]}\``;
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(allowed)) return allowed.map((word) => `\`${word}\``).join(', ');
  const alternatives = oneOf ?? anyOf;
  if (Array.isArray(alternatives)) return alternatives.map((part) => words(part)).join(' or ');
  if (type === 'array')
    return `array of ${minItems ?? (maxItems === undefined ? 'any number of' : `up to ${maxItems}`)} × ${words(items as Record<string, unknown>)}`;
  if (minimum !== undefined) return `${minimum}..${maximum}`;
  if (Array.isArray(type)) return type.join(' or ');
  return type === undefined ? 'any JSON' : String(type);
}

/** JSON Schema (draft 2020-12) of what is published and of what may be written, per topic. */
export function schemas(topics: Registry): Record<string, unknown> {
  const entries = topics.rows.map(({ path, doc, state, command }) => [
    path,
    {
      description: doc,
      ...(state ? { state: state.json } : {}),
      ...(command ? { write: command.json } : {}),
    },
  ]);
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', topics: Object.fromEntries(entries) };
}
