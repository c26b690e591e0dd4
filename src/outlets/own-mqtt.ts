import { type Json, membersOf, parseJson } from '../base/json.js';
import type { Outlet } from '../charger/outlet.js';
import { isBelow } from '../topics/namespaces.js';

/** Settings of the charger's own MQTT client (charger-wire 6). They hold a login, so they are read and never published. */
export const OWN_MQTT_TOPICS = ['mqtt/config', 'mqtt/auto_discovery_config'] as const;

interface Settings {
  readonly 'homeassistant.discovery': boolean;
  readonly 'homeassistant.prefix': string;
}

/** How the charger's own MQTT client disturbs the bridge, one sentence each. */
export function ownMqttFaults(
  read: (path: string) => Json | undefined,
  prefix: string,
  settings: Settings,
): readonly string[] {
  const config = membersOf(read('mqtt/config'));
  if (config.enable_mqtt !== true) return [];
  const faults: string[] = [];
  const theirs = config.global_topic_prefix;
  const broker = typeof config.broker_host === 'string' ? config.broker_host : 'its broker';
  if (typeof theirs === 'string' && (isBelow(theirs, prefix) || isBelow(prefix, theirs))) {
    const where =
      theirs === prefix ? `the same prefix ${prefix}` : `the prefix ${theirs}, which overlaps with ${prefix}`;
    faults.push(
      `the charger's own MQTT is on and publishes at ${broker} under ${where}: if that is the same broker, switch it off in the charger's web interface, or set another MQTT_TOPIC_PREFIX`,
    );
  }
  const { auto_discovery_mode: mode, auto_discovery_prefix: discovery } = membersOf(
    read('mqtt/auto_discovery_config'),
  );
  const announces = typeof mode === 'number' && mode !== 0 && discovery === settings['homeassistant.prefix'];
  if (settings['homeassistant.discovery'] && announces) {
    faults.push(
      `the charger announces itself to Home Assistant too, at ${broker}: if that is the same broker, each entity is there twice; switch off its discovery in its web interface, or set HOMEASSISTANT_DISCOVERY=false`,
    );
  }
  return faults;
}

/** Logs each way in which the charger's own MQTT client disturbs the bridge, once. */
export const ownMqtt: Outlet<Settings> = ({ charger, prefix, log }, settings) => {
  const reported = new Map<string, Json | undefined>();
  const told = new Set<string>();
  const look = () => {
    for (const fault of ownMqttFaults((path) => reported.get(path), prefix, settings)) {
      if (!told.has(fault)) log.warn(fault);
      told.add(fault);
    }
  };
  return charger.watch({
    state() {},
    reported(path, text) {
      if (!OWN_MQTT_TOPICS.some((one) => one === path)) return;
      reported.set(path, parseJson(text));
      look();
    },
    connection() {
      if (!charger.connection.online) return;
      // Push brings these topics with all others; while polling they must be read.
      for (const path of OWN_MQTT_TOPICS) if (!reported.has(path)) void charger.ask(path);
    },
  });
};
