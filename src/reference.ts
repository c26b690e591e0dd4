import { chargerKind } from './backends.js';
import type { Config } from './config.js';
import { BadConfiguration } from './errors.js';
import { chargerTopics, everything, modelTopics, type Registry } from './topics/index.js';
import type { Topic } from './topics/topic.js';

const formats: Readonly<Record<string, (config: Config) => string>> = {
  markdown: () => markdown(everything()),
  json: () => JSON.stringify(schemas(everything()), null, 2),
  'mosquitto-acl': acl,
};

/** What `topics` prints: the written reference, JSON Schema per topic, or access rules for Mosquitto. */
export function reference(config: Config): string {
  const wanted = config.flags.format ?? 'markdown';
  const make = formats[wanted];
  if (!make)
    throw new BadConfiguration([`--format: expected ${Object.keys(formats).join(', ')}, got ${wanted}`]);
  return make(config);
}

/** The topic reference as Markdown; docs/topics.md is this text. */
export function markdown(topics: Registry): string {
  const sections = [...topics.values()].map(section);
  return `# Topics

Made from the registry by \`evse-mqtt-bridge topics\`. \`<P>\` is the prefix (\`MQTT_TOPIC_PREFIX\`, default \`warp\`).
States are retained. Settings are written to \`<P>/<topic>_update\`, actions to \`<P>/<topic>\` or \`<P>/<topic>_update\`,
never retained. A setting with one member also takes the bare value.

${sections.join('\n\n')}`;
}

function section({ path, doc, only, state, command }: Topic): string {
  const who = only ? ` Only: ${only}.` : '';
  const access = [
    state && 'read',
    command && (command.action ? 'action' : 'write'),
    command?.flash && 'kept in flash',
  ];
  const json = (command && !command.action ? command.json : state?.json) ?? {};
  const properties = Object.entries((json.properties ?? {}) as Record<string, Record<string, unknown>>);
  const table = properties.map(
    ([name, schema]) => `| \`${name}\` | ${words(schema)} | ${String(schema.unit ?? '')} |`,
  );
  const members = table.length > 0 ? `\n\n| member | value | unit |\n|---|---|---|\n${table.join('\n')}` : '';
  const example = state ? `\n\nExample: \`${JSON.stringify(state.example)}\`` : '';
  return `## ${path}\n\n*${access.filter(Boolean).join(', ')}*. ${doc}${who}${members}${example}`;
}

function words(schema: Record<string, unknown>): string {
  const { type, minimum, maximum, items, minItems, enum: allowed, oneOf, anyOf, const: only } = schema;
  if (only !== undefined) return JSON.stringify(only);
  if (Array.isArray(allowed)) return allowed.map((word) => `\`${word}\``).join(', ');
  const alternatives = oneOf ?? anyOf;
  if (Array.isArray(alternatives)) return alternatives.map((part) => words(part)).join(' or ');
  if (type === 'array')
    return `array of ${minItems ?? 'any number of'} × ${words(items as Record<string, unknown>)}`;
  if (minimum !== undefined) return `${minimum}..${maximum}`;
  if (Array.isArray(type)) return type.join(' or ');
  return type === undefined ? 'any JSON' : String(type);
}

/** JSON Schema (draft 2020-12) of what is published and of what may be written, per topic. */
export function schemas(topics: Registry): Record<string, unknown> {
  const entries = [...topics.values()].map(({ path, doc, state, command }) => [
    path,
    {
      description: doc,
      ...(state ? { state: state.json } : {}),
      ...(command ? { write: command.json } : {}),
    },
  ]);
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', topics: Object.fromEntries(entries) };
}

/** Access rules for Mosquitto: what the bridge needs, and what a home-automation system needs of it. */
export function acl(config: Config): string {
  const user = config.values['mqtt.username'] ?? 'bridge';
  const lines = [`# for ${config.chargers.map(({ prefix }) => prefix).join(', ')}`, `user ${user}`];
  for (const { prefix, values } of config.chargers) {
    const model = chargerKind(values) === 'model';
    lines.push(`topic readwrite ${prefix}/evse/#`, `topic readwrite ${prefix}/bridge/#`);
    for (const room of ['info', 'meter', 'meters', 'charge_tracker', 'power_manager']) {
      lines.push(`topic write ${prefix}/${room}/#`);
    }
    if (model) lines.push(`topic readwrite ${prefix}/simulator/#`);
  }
  if (config.values['homeassistant.discovery']) {
    lines.push(`topic readwrite ${config.values['homeassistant.prefix']}/device/+/config`);
    lines.push(`topic read ${config.values['homeassistant.statusTopic']}`);
  }
  lines.push('', 'user homeassistant', `topic readwrite ${config.values['homeassistant.prefix']}/#`);
  for (const { prefix, values } of config.chargers) {
    const topics = chargerKind(values) === 'model' ? modelTopics() : chargerTopics();
    lines.push(`topic read ${prefix}/#`);
    for (const { path, command } of topics.values()) {
      if (command) lines.push(`topic write ${prefix}/${path}_update`);
      if (command?.action) lines.push(`topic write ${prefix}/${path}`);
    }
  }
  return lines.join('\n');
}
