import type { Outlet } from '../../charger/outlet.js';

interface Settings {
  readonly 'homeassistant.discovery': boolean;
  readonly 'homeassistant.prefix': string;
  readonly 'homeassistant.statusTopic': string;
  readonly 'homeassistant.language': 'en' | 'de';
}

/** Announces the charger to Home Assistant. */
export const homeAssistant: Outlet<Settings> = async ({ name, page, ...context }, settings) => {
  if (!settings['homeassistant.discovery']) return () => {};
  const { discovery } = await import('./discovery.js');
  return discovery({
    ...context,
    discoveryPrefix: settings['homeassistant.prefix'],
    statusTopic: settings['homeassistant.statusTopic'],
    language: settings['homeassistant.language'],
    ...(name === undefined ? {} : { name }),
    ...(page === undefined ? {} : { chargerUrl: page }),
  });
};
