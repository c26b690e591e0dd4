import type { IClientOptions } from 'mqtt';
import type { Clock } from '../base/clock.js';
import { MAX_INCOMING_PACKET } from './broker-limits.js';
import type { SessionOptions } from './mqttjs-session.js';
import { SubscriptionIds } from './packet-ids.js';

/** The longest time that a timer of Node can have, ms: the timer of MQTT.js must not fire before ours. */
const NEVER_MS = 2 ** 31 - 1;

/** The options of MQTT.js for one connection: it must not reconnect, and its timers run on our clock. */
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
    // With it, MQTT.js would keep a buffer for each of the 65 536 numbers of two bytes.
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

/** Puts the keep-alive timer of MQTT.js on our clock. MQTT.js uses the handle only to clear the timer. */
function timersOf(clock: Clock): Exclude<IClientOptions['timerVariant'], string | undefined> {
  const timers = {
    set: (run: () => void, ms: number) => clock.every(ms, run),
    clear: (cancel: () => void) => cancel(),
  };
  // Its type says NodeJS.Timeout for the handle, which MQTT.js never looks into.
  return timers as unknown as Exclude<IClientOptions['timerVariant'], string | undefined>;
}
