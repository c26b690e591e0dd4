import type { Message } from './link.js';

/** What a broker allows, by its CONNACK (MQTT 5, 3.2.2.3). Of one that speaks 3.1.1 nothing is known. */
export interface BrokerLimits {
  /** Messages of QoS 1 that may be on their way, unacknowledged. */
  readonly receiveMaximum: number;
  readonly maximumQoS: 0 | 1;
  readonly retainAvailable: boolean;
  /** Bytes. */
  readonly maximumPacketSize: number;
  readonly wildcardAvailable: boolean;
}

/** The largest packet that is taken from others, bytes: enough for anything that we serve. */
export const MAX_INCOMING_PACKET = 128 * 1_024;

/** The properties of a CONNACK that are limits. */
interface ConnackProperties {
  readonly receiveMaximum?: number;
  readonly maximumQoS?: number;
  readonly retainAvailable?: boolean;
  readonly maximumPacketSize?: number;
  readonly wildcardSubscriptionAvailable?: boolean;
}

export function limitsOf(properties: ConnackProperties = {}): BrokerLimits {
  return {
    receiveMaximum: properties.receiveMaximum ?? 65_535,
    maximumQoS: properties.maximumQoS === 0 ? 0 : 1,
    retainAvailable: properties.retainAvailable ?? true,
    maximumPacketSize: properties.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    wildcardAvailable: properties.wildcardSubscriptionAvailable ?? true,
  };
}

/** The size of the PUBLISH packet of `message`, bytes (MQTT 5, 3.3). */
export function publishSize(message: Message, version: 4 | 5): number {
  const { topic, payload, qos, correlation, expirySeconds } = message;
  const properties =
    (correlation === undefined ? 0 : 3 + correlation.byteLength) + (expirySeconds === undefined ? 0 : 5);
  const length =
    2 +
    Buffer.byteLength(topic) +
    (qos > 0 ? 2 : 0) +
    (version === 5 ? sizeOfLength(properties) + properties : 0) +
    Buffer.byteLength(payload);
  return 1 + sizeOfLength(length) + length;
}

/** How many bytes it takes to tell a length (MQTT 5, 1.5.5). */
function sizeOfLength(length: number): number {
  if (length < 128) return 1;
  if (length < 16_384) return 2;
  return length < 2_097_152 ? 3 : 4;
}
