import type { Clock } from '../src/base/clock.js';
import type { Log } from '../src/base/log.js';
import type { MqttOptions } from '../src/mqtt/mqtt-options.js';
import { MqttJsLink } from '../src/mqtt/mqttjs-link.js';
import { type BridgeOptions, bridge } from '../src/outlets/bridge/bridge.js';

/** A bridge as most tests want it: the prefix `warp`, and the sign of life of the controller once a second. */
export const testBridge = (
  parts: Pick<BridgeOptions, 'charger' | 'link' | 'clock' | 'log'> & Partial<BridgeOptions>,
): ReturnType<typeof bridge> =>
  bridge({
    prefix: 'warp',
    qos: 1,
    intervals: [{ topics: 'evse/low_level_state', ms: 1_000 }],
    about: {},
    ...parts,
  });

/** A link of that bridge to the broker at `port` of this machine. */
export const testLink = (
  port: number,
  clock: Clock,
  log: Log,
  options: Partial<MqttOptions> = {},
): MqttJsLink =>
  new MqttJsLink({
    protocol: 'mqtt',
    host: '127.0.0.1',
    port,
    clientId: 'evse-mqtt-bridge-warp',
    protocolVersion: 5,
    keepalive: 30,
    rejectUnauthorized: true,
    clock,
    log,
    ...options,
  });
