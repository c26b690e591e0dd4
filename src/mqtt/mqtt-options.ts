import type { Chance } from '../base/backoff.js';
import type { Clock } from '../base/clock.js';
import type { Log } from '../base/log.js';
import type { Turns } from '../base/turns.js';
import type { BrokerAddress } from './known-broker.js';
import type { Message } from './link.js';
import type { OpenStream } from './mqttjs-session.js';
import type { Instance } from './roll-call.js';

export interface MqttOptions {
  readonly protocol: 'mqtt' | 'mqtts' | 'ws' | 'wss';
  readonly host: string;
  readonly port: number;
  readonly path?: string;
  readonly username?: string;
  readonly password?: string;
  readonly clientId: string;
  readonly protocolVersion: 4 | 5;
  /** QoS of subscriptions; the default is 1. */
  readonly qos?: 0 | 1;
  /** Seconds. */
  readonly keepalive: number;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
  /** The broker sends it when the connection is lost; we send it ourselves before a clean stop. */
  readonly will?: Message;
  readonly clock: Clock;
  readonly log: Log;
  /** For the times between tries; the default is Math.random. */
  readonly chance?: Chance;
  /** Further brokers, which are tried in turn with the one above. */
  readonly others?: readonly BrokerAddress[];
  /** Set where other processes may have the same settings: then one works and the others wait. */
  readonly instance?: Instance;
  /** Spreads the connects of many links of one process to the same broker. */
  readonly turns?: Turns;
  /** Opens the connection, instead of `protocol`, `host` and `port`. */
  readonly openStream?: OpenStream;
}
