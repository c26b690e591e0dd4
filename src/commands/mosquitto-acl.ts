import type { Config } from '../config/index.js';
import { allTopics } from '../topics/index.js';
import { updateOf } from '../topics/namespaces.js';

/** What evcc writes to a charger over MQTT; everything else of it only reads. */
const EVCC_WRITES = ['evse/external_current', 'power_manager/external_control'];

/**
 * Access rules for Mosquitto: what the bridge needs, and what a home-automation system and evcc need of it. Rules are
 * for every charger that may come to a prefix, so they stay right when the model is exchanged for a real one.
 */
export function mosquittoAcl({ values, chargers }: Config): string {
  const prefixes = chargers.map(({ prefix }) => prefix);
  const discovery = values['homeassistant.discovery'];
  const commands = [...allTopics().values()].flatMap(({ path, command }) => [
    ...(command ? [updateOf(path)] : []),
    ...(command?.action ? [path] : []),
  ]);
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
