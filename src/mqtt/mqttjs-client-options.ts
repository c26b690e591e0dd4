import type { IClientOptions } from 'mqtt';
import type { Clock } from '../base/clock.js';
import { MAX_INCOMING_PACKET } from './broker-limits.js';
import type { SessionOptions } from './mqttjs-session.js';
import { SubscriptionIds } from './packet-ids.js';

/** The longest time that Node can wait for, ms: MQTT.js's own timer is not to come before ours. */
const NEVER_MS = 2 ** 31 - 1;

/** What one connection asks of MQTT.js: no reconnect, and all waiting on our clock. */
export function clientOptions(options: SessionOptions): IClientOptions {
  const { protocol, host, port, path, username, password, ca, cert, key, will, clock } = options;
  return {
    protocol,
    host,
    port,
    clientId: options.clientId,
    protocolVersion: options.protocolVersion,
    keepalive: options.keepalive,
    clean: true,
    reconnectPeriod: 0,
    // It would make a buffer for each number of two bytes: 65 536 of them, at the first packet, for ever.
    writeCache: false,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: NEVER_MS,
    rejectUnauthorized: options.rejectUnauthorized,
    timerVariant: timersOf(clock),
    messageIdProvider: new SubscriptionIds(),
    ...(options.protocolVersion === 5 ? { properties: { maximumPacketSize: MAX_INCOMING_PACKET } } : {}),
    ...(will ? { will: { ...will, payload: Buffer.from(will.payload) } } : {}),
    ...(path === undefined ? {} : { path }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/** The timer of MQTT.js's keep-alive on our clock: it wants what setInterval gives, and only gives that back. */
function timersOf(clock: Clock): Exclude<IClientOptions['timerVariant'], string | undefined> {
  const timers = {
    set: (run: () => void, ms: number) => clock.every(ms, run),
    clear: (cancel: () => void) => cancel(),
  };
  // Its type says NodeJS.Timeout for the handle, which MQTT.js never looks into.
  return timers as unknown as Exclude<IClientOptions['timerVariant'], string | undefined>;
}
