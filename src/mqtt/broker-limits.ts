/** What a broker allows, by its CONNACK (MQTT 5, 3.2.2.3). MQTT 3.1.1 has no such limits: then the defaults hold. */
export interface BrokerLimits {
  /** Messages of QoS 1 that may be on their way, unacknowledged. */
  readonly receiveMaximum: number;
  readonly maximumQoS: 0 | 1;
  readonly retainAvailable: boolean;
  /** Bytes. */
  readonly maximumPacketSize: number;
  readonly wildcardAvailable: boolean;
}

/** The largest packet that we accept, bytes: enough for every write that the bridge carries out. */
export const MAX_INCOMING_PACKET = 128 * 1_024;

/** The properties of a CONNACK that are limits. */
interface ConnackProperties {
  readonly receiveMaximum?: number;
  readonly maximumQoS?: number;
  readonly retainAvailable?: boolean;
  readonly maximumPacketSize?: number;
  readonly wildcardSubscriptionAvailable?: boolean;
}

/** The limits in the properties of a CONNACK, with the defaults of MQTT 5 for those that are missing. */
export function limitsOf(properties: ConnackProperties = {}): BrokerLimits {
  return {
    receiveMaximum: properties.receiveMaximum ?? 65_535,
    maximumQoS: properties.maximumQoS === 0 ? 0 : 1,
    retainAvailable: properties.retainAvailable ?? true,
    maximumPacketSize: properties.maximumPacketSize ?? Number.POSITIVE_INFINITY,
    wildcardAvailable: properties.wildcardSubscriptionAvailable ?? true,
  };
}
