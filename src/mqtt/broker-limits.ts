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
