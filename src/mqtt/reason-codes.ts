/** What a broker means by a reason code, in words for its user, and what to do about it. */
interface Meaning {
  readonly says: string;
  readonly remedy?: string;
}

/** MQTT 5, 2.4: the codes with which a broker refuses or ends a connection, or does not take a message. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  128: { says: 'unspecified error' },
  129: { says: 'malformed packet' },
  130: { says: 'protocol error' },
  131: { says: 'an error of this kind of broker' },
  132: { says: 'it does not speak this version of MQTT', remedy: 'set MQTT_PROTOCOL_VERSION' },
  133: { says: 'it does not take the client id', remedy: 'set MQTT_CLIENT_ID' },
  134: { says: 'bad user name or password', remedy: 'check MQTT_USERNAME and MQTT_PASSWORD' },
  135: { says: 'not authorized', remedy: "check the broker's access rules" },
  136: { says: 'it is not available' },
  137: { says: 'it is busy' },
  138: { says: 'this client is banned', remedy: "check the broker's access rules" },
  139: { says: 'it is shutting down' },
  140: { says: 'bad authentication method' },
  141: { says: 'it heard nothing for longer than MQTT_KEEPALIVE' },
  142: {
    says: 'another client with the same client id took over',
    remedy: 'give each bridge its own MQTT_CLIENT_ID or prefix',
  },
  144: { says: 'it does not take this topic', remedy: 'set MQTT_TOPIC_PREFIX' },
  147: { says: 'too many messages at once' },
  148: { says: 'topic alias invalid' },
  149: { says: 'a packet was too large for it', remedy: "raise the broker's maximum packet size" },
  150: { says: 'messages come too fast', remedy: "raise the broker's limits" },
  151: { says: 'quota exceeded', remedy: "raise the broker's limits" },
  152: { says: 'its administrator ended the connection' },
  153: { says: 'it does not take this payload' },
  154: { says: 'it keeps no retained messages' },
  155: { says: 'it does not offer this QoS', remedy: 'set MQTT_QOS=0' },
  156: { says: 'another server is to be used', remedy: 'set MQTT_URL' },
  157: { says: 'it has moved to another server', remedy: 'set MQTT_URL' },
  159: { says: 'connections come too fast' },
  160: { says: 'the connection has lasted as long as it allows' },
  162: { says: 'it does not offer wildcard subscriptions' },
};

/** A text for `code`, with the reason string of the broker if there is one. */
export function reasonText(code: number, reasonString?: string): string {
  const says = MEANINGS[code]?.says ?? `reason code 0x${code.toString(16).padStart(2, '0')}`;
  return reasonString ? `${says} ("${reasonString.slice(0, 200)}")` : says;
}

/** What the user can do about `code`; undefined if nothing is known. */
export const remedyOf = (code: number): string | undefined => MEANINGS[code]?.remedy;
