import type { Config } from '../config/index.js';
import { allTopics } from '../topics/index.js';
import { updateOf } from '../topics/namespaces.js';
import { filterOf } from '../topics/registry.js';
import type { Topic } from '../topics/topic.js';
import { writeTopics } from '../topics/write-target.js';

/** What evcc writes to a charger over MQTT; everything else of it only reads. */
const EVCC_WRITES = ['evse/external_current', 'power_manager/external_control'];

/**
 * Access rules for Mosquitto: what the bridge needs, and what a home-automation system and evcc need of it. Rules are
 * for every charger that may come to a prefix, so they stay right when the model is exchanged for a real one.
 */
export function mosquittoAcl({ values, chargers }: Config): string {
  const prefixes = chargers.map(({ prefix }) => prefix);
  const discovery = values['homeassistant.discovery'];
  const commands = allTopics().rows.flatMap((row) => writeTopics(row).map((name) => withParts(row, name)));
  return [
    `# for ${prefixes.join(', ')}`,
    `user ${values['mqtt.username'] ?? 'bridge'}`,
    // It also reads what others publish below its prefix: to answer who misspells a topic, to put right what is its own.
    ...prefixes.map((prefix) => `topic readwrite ${prefix}/#`),
    ...(discovery ? [`topic readwrite ${values['homeassistant.prefix']}/device/+/config`] : []),
    ...(discovery ? [`topic read ${values['homeassistant.statusTopic']}`] : []),
    '',
    'user homeassistant',
    ...(discovery ? [`topic readwrite ${values['homeassistant.prefix']}/#`] : []),
    ...prefixes.flatMap((prefix) => [
      `topic read ${prefix}/#`,
      ...commands.map((path) => `topic write ${prefix}/${path}`),
    ]),
    '',
    'user evcc',
    'topic readwrite evcc/#',
    ...prefixes.flatMap((prefix) => [
      `topic read ${prefix}/#`,
      ...EVCC_WRITES.map((path) => `topic write ${prefix}/${updateOf(path)}`),
    ]),
  ].join('\n');
}

/** The rule for what is written by `name`: the parts of a value have topics of their own behind it. */
const withParts = ({ command }: Topic, name: string): string =>
  command?.action ? filterOf(name) : `${filterOf(name)}/#`;
