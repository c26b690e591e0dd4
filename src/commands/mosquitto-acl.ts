import type { Config } from '../config/index.js';
import { allTopics } from '../topics/index.js';
import { updateOf } from '../topics/namespaces.js';
import { filterOf } from '../topics/registry.js';
import type { Topic } from '../topics/topic.js';
import { writeTopics } from '../topics/write-target.js';

/** The topics that evcc writes over MQTT; all others it only reads. */
const EVCC_WRITES = ['evse/external_current', 'power_manager/external_control'];

/**
 * Access rules for Mosquitto: for the bridge itself, for Home Assistant, and for evcc. They cover the topics of every
 * kind of charger, so they stay right when the model is replaced by a real charger.
 */
export function mosquittoAcl({ values, chargers }: Config): string {
  const prefixes = chargers.map(({ prefix }) => prefix);
  const discovery = values['homeassistant.discovery'];
  const commands = allTopics().rows.flatMap((row) => writeTopics(row).map((name) => withParts(row, name)));
  return [
    `# for ${prefixes.join(', ')}`,
    `user ${values['mqtt.username'] ?? 'bridge'}`,
    // The bridge also reads messages of others below its prefix: to answer misspelt topics, and to correct its own
    // topics.
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

/** The filter for writes on `name`. The parts of a value have topics one level below it. */
const withParts = ({ command }: Topic, name: string): string =>
  command?.action ? filterOf(name) : `${filterOf(name)}/#`;
