import type { Packet } from 'mqtt-packet';
import type { ByteConnection, Rule } from '../mqtt/_byte-broker.js';

/** What a broker does otherwise than one wishes. */
export interface Habits {
  /** Properties of its CONNACK. */
  readonly properties?: object;
  readonly denySubscribe?: (topic: string) => boolean;
  readonly denyPublish?: (topic: string) => boolean;
  /** Grants the subscription, but never delivers, as Mosquitto does. */
  readonly denyDelivery?: (topic: string) => boolean;
  readonly retainsNothing?: boolean;
  readonly dropsLiveRetainFlag?: boolean;
  readonly forgetsRetainFlag?: boolean;
  readonly ignoresNoLocal?: boolean;
  readonly noRetainedForWildcards?: boolean;
  /** Ends the connection at the first publish. */
  readonly endsAtPublish?: boolean;
}

interface Subscription {
  readonly nl: boolean;
  readonly rap: boolean;
}

/** A broker for one client at a time, which routes and retains, with bad habits; for a ByteBroker. */
export function router(habits: Habits = {}) {
  const retained = new Map<string, string>();
  const touched = new Set<string>();
  const subscriptions = new WeakMap<ByteConnection, Map<string, Subscription>>();
  const of = (connection: ByteConnection) => {
    const known = subscriptions.get(connection) ?? new Map<string, Subscription>();
    subscriptions.set(connection, known);
    return known;
  };
  const send = (connection: ByteConnection, topic: string, payload: string, retain: boolean) => {
    if (habits.denyDelivery?.(topic)) return;
    connection.send({ cmd: 'publish', topic, payload, retain, qos: 0, dup: false });
  };
  const rule: Rule = (packet: Packet, connection) => {
    const { messageId = 0 } = packet;
    if (packet.cmd === 'connect' && habits.properties) {
      const { properties } = habits;
      connection.send({ cmd: 'connack', sessionPresent: false, reasonCode: 0, properties });
      return true;
    }
    if (packet.cmd === 'subscribe') {
      const granted = packet.subscriptions.map(({ topic }) => (habits.denySubscribe?.(topic) ? 0x87 : 1));
      connection.send({ cmd: 'suback', messageId, granted });
      for (const [at, { topic, nl = false, rap = false }] of packet.subscriptions.entries()) {
        if (granted[at] !== 1) continue;
        of(connection).set(topic, { nl, rap });
        const isWildcard = topic.endsWith('#');
        if (isWildcard && habits.noRetainedForWildcards) continue;
        for (const [path, payload] of retained)
          if (matches(topic, path)) send(connection, path, payload, !habits.forgetsRetainFlag);
      }
      return true;
    }
    if (packet.cmd === 'unsubscribe') {
      for (const topic of packet.unsubscriptions) of(connection).delete(topic);
      return false;
    }
    if (packet.cmd !== 'publish') return false;
    if (habits.endsAtPublish) {
      connection.socket.destroy();
      return true;
    }
    const { topic, payload, retain } = packet;
    const denied = habits.denyPublish?.(topic) === true;
    if (packet.qos === 1)
      connection.send({ cmd: 'puback', messageId, ...(denied ? { reasonCode: 0x87 } : {}) });
    if (denied) return true;
    touched.add(topic);
    const text = payload.toString();
    if (retain && text === '') retained.delete(topic);
    else if (retain && !habits.retainsNothing) retained.set(topic, text);
    for (const [filter, { nl, rap }] of of(connection)) {
      const flag = retain && rap && !habits.dropsLiveRetainFlag;
      if (matches(filter, topic) && (!nl || habits.ignoresNoLocal)) send(connection, topic, text, flag);
    }
    return true;
  };
  return { rule, retained, touched };
}

const matches = (filter: string, topic: string): boolean =>
  filter === topic || (filter.endsWith('/#') && topic.startsWith(filter.slice(0, -1)));
