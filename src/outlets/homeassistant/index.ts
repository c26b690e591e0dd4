import type { Outlet } from '../../charger/outlet.js';

interface Settings {
  readonly 'homeassistant.discovery': boolean;
  readonly 'homeassistant.prefix': string;
  readonly 'homeassistant.statusTopic': string;
  readonly 'homeassistant.language': 'en' | 'de';
}

/** Announces the charger to Home Assistant. */
export const homeAssistant: Outlet<Settings> = async ({ name, page, link, ...context }, settings) => {
  if (!settings['homeassistant.discovery']) return () => {};
  const { discovery } = await import('./discovery.js');
  return discovery({
    ...context,
    up: () => link.up,
    publish: (topic, payload, retain) => link.publish({ topic, payload, retain, qos: 1 }),
    subscribe: (topic, handle) => link.subscribe(topic, handle),
    onUp: (run) => link.onUp(run),
    discoveryPrefix: settings['homeassistant.prefix'],
    statusTopic: settings['homeassistant.statusTopic'],
    language: settings['homeassistant.language'],
    ...(name === undefined ? {} : { name }),
    ...(page === undefined ? {} : { chargerUrl: page }),
  });
};
