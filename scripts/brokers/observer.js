// Clients that look at a broker from outside, as Home Assistant or Node-RED would.
import { once } from 'node:events';
import mqtt from 'mqtt';
import { pause, until } from './processes.js';

const ANSWER_MS = 5_000;

/** How long a message may take to come back, ms. */
const BACK_MS = 2_000;

/** Sizes of messages that are tried, kB. */
const SIZES_KB = [4, 16, 64, 256, 1_024];

const connected = (port, options) =>
  mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, connectTimeout: 5_000, ...options });

/** A client that subscribes to `filters`, comes again when it was thrown out, and remembers the newest per topic. */
export async function observer(port, protocolVersion, filters, qos = 0) {
  const newest = new Map();
  const client = await connected(port, { protocolVersion, reconnectPeriod: 300, resubscribe: true }).catch(
    async () => {
      // One that has only just begun to listen may end the first connection.
      await pause(BACK_MS);
      return connected(port, { protocolVersion, reconnectPeriod: 300, resubscribe: true });
    },
  );
  client.on('error', () => {});
  client.on('message', (topic, payload, { retain }) =>
    newest.set(topic, { text: payload.toString(), retain }),
  );
  try {
    await client.subscribeAsync(filters, { qos });
  } catch (error) {
    client.end(true);
    throw error;
  }
  const text = (topic) => newest.get(topic)?.text ?? '';
  return {
    client,
    newest,
    text,
    /** Writes a current; `took` is the ms until it shows up in an answer. The write may carry the retain flag. */
    async write(current, retain = false) {
      const mark = `"current":${current}`;
      const answer = () => text('warp/bridge/response');
      client.publish('warp/evse/global_current_update', `{${mark}}`, { qos: 1, retain });
      const took = await until(() => answer().includes(mark) || answer().includes('retained'), ANSWER_MS);
      return { took, text: answer() };
    },
    end: () => client.end(true),
  };
}

/** Whether a write is answered on the response topic that it names, with its correlation data (MQTT 5). */
export async function answersOnResponseTopic(port) {
  const client = await connected(port, { protocolVersion: 5 });
  try {
    let came = false;
    client.on('message', (_topic, _payload, { properties }) => {
      came ||= properties?.correlationData?.toString() === 'seven';
    });
    await client.subscribeAsync('evse-brokers/reply');
    client.publish('warp/evse/global_current_update', '{"current":10500}', {
      properties: { responseTopic: 'evse-brokers/reply', correlationData: Buffer.from('seven') },
    });
    return (await until(() => came, ANSWER_MS)) !== undefined;
  } finally {
    client.end(true);
  }
}

/** What the broker tells about its limits (MQTT 5, 3.2.2.3), and the largest message that comes back. */
export async function limits(port, protocolVersion) {
  const told = [];
  if (protocolVersion === 5) {
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { protocolVersion, reconnectPeriod: 0 });
    const [{ properties = {} }] = await once(client, 'connect');
    client.end(true);
    const { receiveMaximum, maximumPacketSize } = properties;
    if (receiveMaximum !== undefined && receiveMaximum < 65_535) told.push(`${receiveMaximum} in flight`);
    if (maximumPacketSize !== undefined) told.push(`packets of ${maximumPacketSize} B`);
  }
  let largest = 0;
  for (const size of SIZES_KB) {
    if (!(await passes(port, protocolVersion, size * 1_024))) break;
    largest = size;
  }
  told.push(largest === SIZES_KB.at(-1) ? '1 MB comes back' : `${largest} kB come back, more does not`);
  return told.join(', ');
}

async function passes(port, protocolVersion, bytes) {
  const client = await connected(port, { protocolVersion });
  try {
    let came = false;
    client.on('error', () => {});
    client.on('message', (_topic, payload) => {
      came ||= payload.length === bytes;
    });
    await client.subscribeAsync('evse-brokers/size');
    client.publish('evse-brokers/size', Buffer.alloc(bytes, 'x'));
    return (await until(() => came, BACK_MS)) !== undefined;
  } finally {
    client.end(true);
  }
}
