import type { Outlet } from '../../charger/outlet.js';
import { bridge } from './bridge.js';
import type { IntervalRule } from './publish-pace.js';

/** The charger's topics on the broker, both ways. */
export const mqttBridge: Outlet<{
  readonly 'mqtt.qos': 0 | 1;
  readonly 'publish.interval': readonly IntervalRule[];
}> = ({ name, backend, version, started, ...context }, settings) =>
  bridge({
    ...context,
    qos: settings['mqtt.qos'],
    intervals: settings['publish.interval'],
    about: { version, backend, started, ...(name === undefined ? {} : { title: name }) },
  });
